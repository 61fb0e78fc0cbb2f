/** A model of one ONNX file that no library knows how to load, on the device that settings ask for. */
import type { InferenceSession, TensorConstructor } from "onnxruntime-node";
import { gpuDevice } from "../machine.ts";
import { type ModelOptions, quietSession, wasmRuntime } from "./transformers_source.ts";

/** The part of onnxruntime that its two packages have in common. */
interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

/** A loaded model, and what its inputs are made with. */
export interface OnnxModel {
  readonly session: InferenceSession;
  readonly Tensor: TensorConstructor;
}

/** Loads it. Where the graphics processor will not have it, `auto` takes the processor. */
export async function loadOnnx(
  model: Uint8Array,
  { device, threads }: Pick<ModelOptions, "device" | "threads">,
): Promise<OnnxModel> {
  const runtime = await (device === "wasm" ? wasmRuntime() : nativeRuntime());
  let first: unknown;
  for (const executionProvider of providers(device)) {
    try {
      const session = await runtime.InferenceSession.create(model, {
        ...quietSession(threads),
        executionProviders: [executionProvider],
      });
      return { session, Tensor: runtime.Tensor };
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** WebAssembly where the native runtime does not load. */
async function nativeRuntime(): Promise<Runtime> {
  try {
    return await import("onnxruntime-node");
  } catch {
    return await wasmRuntime();
  }
}

function providers(device: ModelOptions["device"]): string[] {
  if (device !== "auto") return [device];
  return gpuDevice("auto") === "cuda" ? ["cuda", "cpu"] : ["cpu"];
}
