/** Models of the catalogue as a hub of this machine has them: very small ones of the same architecture. */
import { type Manners, type ModelHub, type RepositoryFiles, serveModels } from "./model_hub.ts";

const TINY = new URL("../fixtures/hub/tiny/", import.meta.url);

/** A catalogue's repository, and the very small model that stands there. The catalogue pins no bytes of these. */
const REPOSITORIES: Readonly<Record<string, string>> = {
  "HuggingFaceTB/SmolLM2-360M-Instruct": "llama",
  "onnx-community/whisper-base.en_timestamped": "whisper",
  "Xenova/mms-tts-eng": "vits",
};

/** Serves `smollm2-360m`, `whisper-base.en` and `mms-tts-eng`. */
export async function serveTinyModels(manners: Manners = {}): Promise<ModelHub> {
  const repositories = await Promise.all(
    Object.entries(REPOSITORIES).map(async ([repository, name]) =>
      [repository, await filesOf(new URL(`${name}/`, TINY))] as const
    ),
  );
  return await serveModels(Object.fromEntries(repositories), manners);
}

/** Everything of a model. Its weights go by the names of the precisions that are pulled. */
async function filesOf(folder: URL): Promise<RepositoryFiles> {
  const files: Record<string, Uint8Array> = {};
  for (const part of ["", "onnx/"]) {
    for await (const entry of Deno.readDir(new URL(part, folder))) {
      if (!entry.isFile) continue;
      const bytes = await Deno.readFile(new URL(part + entry.name, folder));
      for (const suffix of ["_quantized", "_q4"]) {
        files[part + entry.name.replace(/\.onnx$/, `${suffix}.onnx`)] = bytes;
      }
    }
  }
  return files;
}
