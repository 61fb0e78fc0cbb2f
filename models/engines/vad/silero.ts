/** Silero VAD v5: a small recurrent network that hears voice in 32 ms frames. */
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-node";
import { z } from "zod";
import {
  LISTENING_RATE_HZ,
  VAD_FRAME_SAMPLES,
  type VoiceActivityDetector,
  type VoiceActivityStream,
} from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { wasmRuntime } from "../transformers_source.ts";

/** What of the frame before goes in front of each: without it v5 hears no speech at all. */
const CONTEXT_SAMPLES = 64;
/** The network's memory: two layers of 128. */
const STATE_SHAPE = [2, 1, 128];

/** The part of onnxruntime that its two packages have in common. */
interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

/** The engine. */
export const silero = defineEngine({
  task: "vad",
  options: z.strictObject({
    /** File URL of the ONNX model. */
    model: z.url({ protocol: /^file$/ }),
    /** `auto` takes the native runtime where it loads (0.08 ms a frame) and WebAssembly elsewhere (0.5 ms). */
    backend: z.enum(["auto", "native", "wasm"]).default("auto"),
  }),
  runs: "worker",
  async load({ model, backend }): Promise<VoiceActivityDetector> {
    const weights = await Deno.readFile(new URL(model)).catch((cause) => {
      throw new ParleyError("NOT_FOUND", "The model file of the Silero voice-activity engine is missing", {
        cause,
      });
    });
    const runtime = await RUNTIMES[backend]();
    const session = await runtime.InferenceSession.create(weights, {
      intraOpNumThreads: 1, // 0.1 ms of work is not worth waking a second thread, let alone one that spins.
      interOpNumThreads: 1,
      executionMode: "sequential",
    });
    return {
      open: () => new SileroStream(session, runtime.Tensor),
      [Symbol.asyncDispose]: () => session.release(),
    };
  },
});

const RUNTIMES: Readonly<Record<"auto" | "native" | "wasm", () => Promise<Runtime>>> = {
  native: () => import("onnxruntime-node"),
  wasm: wasmRuntime,
  auto: () => RUNTIMES.native().catch(RUNTIMES.wasm),
};

class SileroStream implements VoiceActivityStream {
  readonly #session: InferenceSession;
  readonly #Tensor: TensorConstructor;
  readonly #rate: Tensor;
  readonly #input = new Float32Array(CONTEXT_SAMPLES + VAD_FRAME_SAMPLES);
  #state: Tensor;

  constructor(session: InferenceSession, Tensor: TensorConstructor) {
    this.#session = session;
    this.#Tensor = Tensor;
    this.#rate = new Tensor("int64", BigInt64Array.of(BigInt(LISTENING_RATE_HZ)), []);
    this.#state = this.#silence();
  }

  async probability(
    ...[{ samples, sampleRateHz, gap }, { signal }]: Parameters<VoiceActivityStream["probability"]>
  ): Promise<number> {
    signal.throwIfAborted();
    if (samples.length !== VAD_FRAME_SAMPLES || sampleRateHz !== LISTENING_RATE_HZ) {
      const wanted = `${VAD_FRAME_SAMPLES} samples at ${LISTENING_RATE_HZ} Hz`;
      throw new ParleyError("VALIDATION_ERROR", `Voice activity needs frames of ${wanted}`);
    }
    if (gap) this[Symbol.dispose]();
    this.#input.set(samples, CONTEXT_SAMPLES);
    const input = new this.#Tensor("float32", this.#input, [1, this.#input.length]);
    const { output, stateN } = await this.#session.run({ input, state: this.#state, sr: this.#rate });
    this.#input.copyWithin(0, VAD_FRAME_SAMPLES);
    this.#state = stateN!;
    return Number(output!.data[0]);
  }

  /** Forgets what it has heard. */
  [Symbol.dispose](): void {
    this.#input.fill(0);
    this.#state = this.#silence();
  }

  #silence(): Tensor {
    return new this.#Tensor("float32", new Float32Array(STATE_SHAPE.reduce((a, b) => a * b)), STATE_SHAPE);
  }
}
