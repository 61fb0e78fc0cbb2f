/** Smart Turn v3: hears from the sound of the last 8 s whether somebody who pauses has finished. */
import { join } from "node:path";
import type { WhisperFeatureExtractor } from "@huggingface/transformers";
import { z } from "zod";
import {
  type CallOptions,
  LISTENING_RATE_HZ,
  type PausedSpeech,
  type TurnDetector,
} from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, localFolder, modelOptions } from "../transformers_source.ts";
import { loadOnnx, type OnnxModel } from "../onnx_session.ts";

/** What the network takes: no more is looked at, and less is preceded by silence. */
const WINDOW_SECONDS = 8;
const WINDOW_SAMPLES = WINDOW_SECONDS * LISTENING_RATE_HZ;
/** What keeps silence from being divided by nothing, as in Hugging Face's feature extractor. */
const EPSILON = 1e-7;

/** Whisper's front end for so many seconds (80 mels, 25 ms every 10 ms). */
const FRONT_END = {
  feature_size: 80,
  hop_length: 160,
  n_fft: 400,
  sampling_rate: LISTENING_RATE_HZ,
  chunk_length: WINDOW_SECONDS,
  n_samples: WINDOW_SAMPLES,
  nb_max_frames: WINDOW_SAMPLES / 160,
};

/** The engine. */
export const smartTurn = defineEngine({
  task: "turn",
  options: modelOptions.extend({
    /** The model's file within its folder. */
    file: z.string().min(1),
  }),
  runs: "worker",
  async load({ model, file, ...settings }): Promise<TurnDetector> {
    const path = join(await localFolder(model), file);
    const weights = await Deno.readFile(path).catch((cause) => {
      throw new ParleyError("NOT_FOUND", `The file ${file} of the turn detector is not there.`, { cause });
    });
    const { WhisperFeatureExtractor } = await importTransformers(settings.device);
    return new SmartTurn(await loadOnnx(weights, settings), new WhisperFeatureExtractor(FRONT_END));
  },
});

class SmartTurn implements TurnDetector {
  readonly #model: OnnxModel;
  readonly #frontEnd: WhisperFeatureExtractor;

  constructor(model: OnnxModel, frontEnd: WhisperFeatureExtractor) {
    this.#model = model;
    this.#frontEnd = frontEnd;
  }

  async completion({ audio }: PausedSpeech, { signal }: CallOptions): Promise<number> {
    signal.throwIfAborted();
    const { session, Tensor } = this.#model;
    const { input_features: { data, dims } } = await this.#frontEnd(normalised(audio));
    signal.throwIfAborted();
    const input = new Tensor("float32", data as Float32Array, dims);
    const output = await session.run({ [session.inputNames[0]!]: input });
    signal.throwIfAborted();
    return Number(output[session.outputNames[0]!]!.data[0]); // A probability already.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model.session.release();
  }
}

/** The last 8 s, at the end of the window, with mean 0 and variance 1 over all of it, as in training. */
function normalised(audio: Float32Array): Float32Array {
  const window = new Float32Array(WINDOW_SAMPLES);
  const newest = audio.subarray(Math.max(0, audio.length - WINDOW_SAMPLES));
  window.set(newest, WINDOW_SAMPLES - newest.length);
  let sum = 0;
  for (const sample of window) sum += sample;
  const mean = sum / WINDOW_SAMPLES;
  let squares = 0;
  for (const sample of window) squares += (sample - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / WINDOW_SAMPLES + EPSILON);
  return window.map((sample) => (sample - mean) * scale);
}
