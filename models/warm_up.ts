/** One small call of a fresh engine, so that its first real one is as fast as those after it. */
import { type AudioFrame, concatSamples } from "../pipeline/audio.ts";
import { type CallOptions, type Engines, LISTENING_RATE_HZ, VAD_FRAME_SAMPLES } from "../pipeline/engines.ts";
import type { Output } from "./worker_protocol.ts";

/** Enough sound for a recogniser to have something to decode. */
const FRAMES = 32;

/** Calls each of the engines once and yields what they say, for the caller to look at. */
export async function* warmUp(engines: Partial<Engines>, call: CallOptions): AsyncIterable<Output> {
  const { vad, turn, stt, llm, tts } = engines;
  if (vad) {
    using stream = vad.open();
    for (const frame of hum()) yield await stream.probability(frame, call);
  }
  if (turn) {
    const audio = concatSamples([...hum()].map(({ samples }) => samples));
    const probability = await turn.completion({ audio, text: "what time is it" }, call);
    if (probability !== undefined) yield probability;
  }
  if (stt) yield* stt.transcribe(streamOf(hum()), call);
  if (llm) yield* llm.generate([{ role: "user", content: "Hello" }], call);
  if (tts) yield* tts.synthesize("Hello there, I am ready.", call);
}

/** A second of a quiet tone. */
function* hum(): Iterable<AudioFrame> {
  for (let index = 0; index < FRAMES; index++) {
    const samples = new Float32Array(VAD_FRAME_SAMPLES).map((_, i) => 0.01 * Math.sin(i / 8));
    const startMs = index * VAD_FRAME_SAMPLES * 1000 / LISTENING_RATE_HZ;
    yield { samples, sampleRateHz: LISTENING_RATE_HZ, startMs, gap: false };
  }
}

async function* streamOf<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}
