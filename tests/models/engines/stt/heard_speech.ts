/** What the tests of the recognisers share: a very small model, sound for it, and what transformers.js makes of that. */
import { loadEngine } from "../../../../models/host.ts";
import type { AudioFrame } from "../../../../pipeline/audio.ts";
import { channel } from "../../../../pipeline/channel.ts";
import type { SpeechToText, Transcript } from "../../../../pipeline/engines.ts";

/** A signal that never aborts. */
export const forever = new AbortController().signal;

/** What the models of the small hub know by heart, in English. */
export const KNOWN = {
  "speech/f5_time.wav": "What time is it?",
  "speech/michael_timer.wav": "Set a timer for ten minutes.",
  "speech/andy_joke.wav": "Tell me a joke, please.",
  "speech/steph2_day.wav": "What day is it today?",
  "speech/m7_anna.wav": "Remember that my name is Anna.",
  "speech/michael_sum6.wav": "What is six times seven?",
} as const;

/** Where a model of the small hub is. */
export function smallModel(name: string): string {
  return new URL(`../../../fixtures/hub/tiny/${name}/`, import.meta.url).href;
}

/** Loads an engine, in the worker it runs in, with a model of the small hub. */
export function loadSmall(
  engine: string,
  model: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<SpeechToText> {
  return loadEngine("stt", { engine, options: { model: smallModel(model), ...options } }, {
    signal: forever,
  });
}

/** As a microphone has it, all at once. */
export async function* framesOf(samples: Float32Array): AsyncIterable<AudioFrame> {
  for (let at = 0; at < samples.length; at += 512) yield frameAt(samples, at, 512);
}

/** The last transcript of sound that comes all at once. */
export async function finalOf(
  stt: SpeechToText,
  samples: Float32Array,
  call: { readonly signal?: AbortSignal; readonly language?: string } = {},
): Promise<Transcript> {
  return (await Array.fromAsync(stt.transcribe(framesOf(samples), { signal: forever, ...call }))).at(-1)!;
}

/** The transcripts of sound that comes in step with the readings: each new stretch once the one before is read. */
export async function* live(
  stt: SpeechToText,
  samples: Float32Array,
  stepMs: number,
): AsyncIterable<Transcript> {
  const audio = channel<AudioFrame>({ capacity: Infinity, signal: forever });
  let at = 0;
  const giveStep = () => {
    audio.trySend(frameAt(samples, at, stepMs * 16));
    at += stepMs * 16;
    if (at >= samples.length) audio.close();
  };
  giveStep();
  for await (const transcript of stt.transcribe(audio, { signal: forever })) {
    yield transcript;
    if (at < samples.length) giveStep();
  }
}

/** What transformers.js understands of each whole sound at once, with a model of the small hub. */
export async function heardByPipeline(
  model: string,
  sounds: readonly Float32Array[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  // In a thread of its own: the library closes files when it likes, which no test is to answer for.
  const worker = new Worker(new URL("pipeline_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage({ model: smallModel(model), sounds, options } satisfies PipelineRequest);
  try {
    return await promise;
  } finally {
    worker.terminate();
  }
}

/** What the worker is asked. */
export interface PipelineRequest {
  readonly model: string;
  readonly sounds: readonly Float32Array[];
  readonly options: Readonly<Record<string, unknown>>;
}

function frameAt(samples: Float32Array, at: number, length: number): AudioFrame {
  return { samples: samples.slice(at, at + length), sampleRateHz: 16_000, startMs: at / 16, gap: false };
}
