/** Reading an utterance again and again while it is being spoken. */
import { type AudioFrame, concatSamples } from "../../../pipeline/audio.ts";
import { type CallOptions, LISTENING_RATE_HZ, type Transcript } from "../../../pipeline/engines.ts";
import { heard } from "../remote/heard.ts";

/** An utterance that grows. Calls must not overlap. */
export interface Utterance {
  /** Takes more audio (16 kHz) and says what is understood by now. */
  read(samples: Float32Array): Promise<Transcript>;
  /** Takes the last of the audio, which may be none, and gives the final transcript. */
  finish(samples: Float32Array): Promise<Transcript>;
}

/** How an utterance is followed. */
export interface LiveOptions extends CallOptions {
  readonly utterance: Utterance;
  /** New audio after which it is read again. */
  readonly stepMs: number;
}

/**
 * The transcripts of `audio` as it comes. All that has come is taken whenever the model is free, so that a slow one
 * reads more at a time and never falls behind; and once the audio has ended, only the final reading is left to do.
 */
export async function* transcribeLive(
  audio: AsyncIterable<AudioFrame>,
  { utterance, stepMs, signal }: LiveOptions,
): AsyncIterable<Transcript> {
  const stepSamples = stepMs * LISTENING_RATE_HZ / 1000;
  const end = { reached: false };
  const frames = heard(noticingEnd(audio, end), signal);
  let fresh: Float32Array[] = [];
  let freshSamples = 0;
  for await (const { samples } of frames) {
    fresh.push(samples);
    freshSamples += samples.length;
    if (freshSamples < stepSamples || frames.size > 0 || end.reached) continue;
    yield await utterance.read(concatSamples(fresh));
    fresh = [];
    freshSamples = 0;
  }
  yield await utterance.finish(concatSamples(fresh));
  signal.throwIfAborted();
}

async function* noticingEnd<T>(source: AsyncIterable<T>, end: { reached: boolean }): AsyncIterable<T> {
  yield* source;
  end.reached = true;
}
