/** Reading what a voice is made of, with errors that say which model is meant and where nothing. */
import { basename, join, resolve } from "node:path";
import { ParleyError } from "../../../pipeline/errors.ts";
import { localFolder } from "../transformers_source.ts";

/** The folder of a model that must be on this disk, and what to call it. Rejects with `NOT_FOUND`. */
export async function modelFolder(model: string): Promise<{ folder: string; name: string }> {
  const folder = resolve(await localFolder(model));
  return { folder, name: basename(folder) };
}

/** A file of the model. Rejects with `NOT_FOUND`. */
export async function readModelFile(
  { folder, name }: { readonly folder: string; readonly name: string },
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(join(folder, path));
  } catch (cause) {
    const message = `The file "${basename(path)}" of the voice model "${name}" is missing; fetch it again.`;
    throw new ParleyError("NOT_FOUND", message, { recoverable: false, cause });
  }
}

/** What `load` gives; runtimes tell of a missing or damaged file in many ways, all of which are a `MODEL_ERROR`. */
export async function wholeModel<M>(name: string, load: () => Promise<M>): Promise<M> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof ParleyError) throw cause;
    throw wrongModel(name, "cannot be loaded: a file of it is missing, damaged or of another kind.", cause);
  }
}

/** What is wrong with a model, as a `MODEL_ERROR`. */
export function wrongModel(name: string, problem: string, cause?: unknown): ParleyError {
  return new ParleyError("MODEL_ERROR", `The voice model "${name}" ${problem}`, {
    recoverable: false,
    cause,
  });
}
