/** Where `@huggingface/transformers` finds a model, and what it runs it on. */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ParleyError } from "../../pipeline/errors.ts";
import { gpuDevice } from "../machine.ts";

/** The settings of every engine whose model transformers.js loads. */
export const modelOptions = z.object({
  /** A folder in Hugging Face layout, or a hub's name. */
  model: z.string().min(1),
  /** Branch, tag or commit on the hub. */
  revision: z.string().default("main"),
  dtype: z.enum(["auto", "fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"]).default("fp32"),
  /** `auto`: the graphics processor if onnxruntime can use it, else the processor. */
  device: z.enum(["auto", "cpu", "wasm", "webgpu", "cuda", "coreml", "dml"]).default("cpu"),
  /** Processor threads that one inference may use. */
  threads: z.number().int().min(1).default(1),
});

/** The settings of an engine whose model transformers.js loads, with every default filled in. */
export type ModelOptions = z.output<typeof modelOptions>;

/** What `from_pretrained` of a model class is given. */
export interface PretrainedOptions {
  readonly revision: string;
  readonly dtype: ModelOptions["dtype"];
  readonly device: ModelOptions["device"];
  readonly session_options: Readonly<Record<string, unknown>>;
}

/**
 * Loads a model on the device that the settings ask for. With `auto` the processor is tried where the graphics
 * processor will not have it. A graph that onnxruntime's rewriting breaks is loaded without that: some quantised
 * Whisper decoders of the hub are ("Missing required scale", transformers.js issue 1707).
 */
export async function loadPretrained<M>(
  { revision, dtype, device, threads }: ModelOptions,
  load: (options: PretrainedOptions) => Promise<M>,
): Promise<M> {
  const tries = devicesFor(device).flatMap((device) => {
    const usual = { revision, dtype, ...runningOn(device, threads) };
    const basic = { ...usual.session_options, graphOptimizationLevel: "basic" };
    return [usual, { ...usual, session_options: basic }];
  });
  let first: unknown;
  for (const options of tries) {
    try {
      return await load(options);
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** The library leaves a runtime that it was given to itself, and knows no device of it. */
function runningOn(
  device: ModelOptions["device"],
  threads: number,
): Pick<PretrainedOptions, "device" | "session_options"> {
  const session = quietSession(threads);
  if (device !== "wasm") return { device, session_options: session };
  return { device: "auto", session_options: { ...session, executionProviders: ["wasm"] } };
}

function devicesFor(device: ModelOptions["device"]): PretrainedOptions["device"][] {
  if (device !== "auto") return [device];
  const gpu = gpuDevice("auto");
  return gpu === "cuda" ? [gpu, "cpu"] : ["cpu"];
}

/**
 * The library. Imports it on the first call: it takes half a second and is never needed on the main thread.
 * `wasm`: it is to compute in WebAssembly, which it decides once, so a thread cannot have both.
 */
export async function importTransformers(
  device: ModelOptions["device"] = "cpu",
): Promise<typeof import("@huggingface/transformers")> {
  // A worker has a location, which the onnxruntime-web inside takes for a web page's and resolves URLs against.
  if (globalThis.location?.protocol === "file:") {
    Object.defineProperty(globalThis, "location", { value: undefined, configurable: true });
  }
  if (device !== "wasm") return await import("@huggingface/transformers");
  const runtime = await wasmRuntime();
  Reflect.set(globalThis, Symbol.for("onnxruntime"), runtime);
  const library = await import("@huggingface/transformers");
  // It would fetch from a network what has come with the package.
  Reflect.deleteProperty(runtime.env.wasm, "wasmPaths");
  library.env.useWasmCache = false;
  return library;
}

/** onnxruntime in WebAssembly, on this thread alone. */
export async function wasmRuntime(): Promise<typeof import("onnxruntime-web")> {
  const runtime = await import("onnxruntime-web");
  const wasm = import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  runtime.env.wasm.wasmBinary = await Deno.readFile(new URL(wasm));
  runtime.env.wasm.numThreads = 1;
  return runtime;
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
  await requireFolder(folder);
  env.localModelPath = dirname(folder);
  return basename(folder);
}

/** The folder of a model that must be on this disk. Rejects with `NOT_FOUND`. */
export async function localFolder(model: string): Promise<string> {
  const folder = (folderOf(model) ?? model).replace(/\/+$/, "");
  await requireFolder(folder);
  return folder;
}

/** A file of a model that is a folder on this disk; undefined where it is not there. */
export async function modelText(model: string, name: string): Promise<string | undefined> {
  const folder = folderOf(model);
  if (folder === undefined) return undefined;
  try {
    return await Deno.readTextFile(join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function requireFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  throw new ParleyError("NOT_FOUND", `The folder of the model "${basename(folder)}" is not there.`, {
    recoverable: false,
  });
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
export function quietSession(threads: number) {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
  };
}
