/** Where `@huggingface/transformers` finds a model: a folder of this machine, or a hub. */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ParleyError } from "../../pipeline/errors.ts";

/** The settings of every engine whose model transformers.js loads. */
export const modelOptions = z.object({
  /** A folder in Hugging Face layout, or a hub's name. */
  model: z.string().min(1),
  /** Branch, tag or commit on the hub. */
  revision: z.string().default("main"),
  dtype: z.enum(["auto", "fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"]).default("fp32"),
  device: z.enum(["cpu", "cuda", "coreml", "dml", "webgpu"]).default("cpu"),
  /** Processor threads that one inference may use. */
  threads: z.number().int().min(1).default(1),
});

/** What `from_pretrained` of a model class is given. */
export function loadOptions({ revision, dtype, device, threads }: z.output<typeof modelOptions>) {
  return { revision, dtype, device, session_options: quietSession(threads) };
}

/** The library. Imports it on the first call: it takes half a second and is never needed on the main thread. */
export async function importTransformers(): Promise<typeof import("@huggingface/transformers")> {
  // A worker has a location, which the onnxruntime-web inside takes for a web page's and resolves URLs against.
  if (globalThis.location?.protocol === "file:") {
    Object.defineProperty(globalThis, "location", { value: undefined, configurable: true });
  }
  return await import("@huggingface/transformers");
}

/** The settings of `env` that say where models come from. */
export interface SourceSettings {
  allowRemoteModels: boolean;
  allowLocalModels: boolean;
  localModelPath: string;
}

/**
 * Sets `env` up for `model` (a `file:` URL or a path of a folder in Hugging Face layout, or a hub's name such as
 * "org/model") and returns the id to load it by. A folder that is not there is `NOT_FOUND`.
 */
export async function locateModel(model: string, env: SourceSettings): Promise<string> {
  const path = folderOf(model);
  if (path === undefined) {
    env.allowRemoteModels = true;
    return model;
  }
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  const folder = path.replace(/\/+$/, "");
  if (!await isFolder(folder)) {
    throw new ParleyError("NOT_FOUND", `The folder of the model "${basename(folder)}" is not there.`, {
      recoverable: false,
    });
  }
  env.localModelPath = dirname(folder);
  return basename(folder);
}

function folderOf(model: string): string | undefined {
  if (model.startsWith("file:")) return fileURLToPath(model);
  return /^(\/|\.{1,2}\/|[A-Za-z]:[\\/])/.test(model) ? model : undefined;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Settings of an onnxruntime session that shares two cores with everything else: so many threads, and none of
 * them spinning while it has nothing to do.
 */
function quietSession(threads: number) {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
  };
}
