/** Giving utterances to the recogniser: whole, and frame by frame as they are spoken. */
import type { AudioFrame } from "../../pipeline/audio.ts";
import {
  type CallOptions,
  LISTENING_RATE_HZ,
  type SpeechToText,
  type Transcript,
} from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";

/** What was understood of a whole utterance, and how long that took. */
export interface Reading {
  readonly transcript: Transcript;
  readonly audioMs: number;
  readonly computeMs: number;
}

/** Reads a whole utterance (16 kHz) at once. */
export async function readWhole(
  stt: SpeechToText,
  samples: Float32Array,
  call: CallOptions,
): Promise<Reading> {
  const startMs = performance.now();
  const audioMs = lengthMs(samples.length);
  // The engine owns what it is given, and a worker takes it away.
  const transcripts = await collect(stt.transcribe(once(frameOf(samples.slice(), 0)), call));
  return { transcript: transcripts.at(-1)!, audioMs, computeMs: performance.now() - startMs };
}

/** How {@linkcode readGrowing} goes on. */
export interface GrowingOptions extends CallOptions {
  /** New audio after which the engine reads again, so that a machine that is slower or faster hears the same. */
  readonly stepMs: number;
}

const FRAME_MS = 20;
/** The quiet behind what was said that ends a turn. */
const QUIET_MS = 500;
/** An engine that tells nothing of a step for so long, on a busy machine too, tells nothing before the end. */
const PATIENCE_MS = 10_000;

/**
 * Reads an utterance (16 kHz) as it grows by frames of 20 ms with half a second of quiet behind, as fast as the engine
 * can. Gives every transcript, the final one last.
 */
export async function readGrowing(
  stt: SpeechToText,
  samples: Float32Array,
  { stepMs, signal }: GrowingOptions,
): Promise<readonly Transcript[]> {
  const told = new Progress();
  const sound = new Float32Array(samples.length + QUIET_MS * LISTENING_RATE_HZ / 1000);
  sound.set(samples);
  const frames = paced(sound, { stepMs, signal, told });
  return await collect(stt.transcribe(frames, { signal }), ({ audioMs }) => told.reach(audioMs));
}

/** Frames of 20 ms, no more at a time than one step: the next ones come when the last was read. */
async function* paced(
  samples: Float32Array,
  { stepMs, signal, told }: GrowingOptions & { readonly told: Progress },
): AsyncIterable<AudioFrame> {
  const frameSamples = FRAME_MS * LISTENING_RATE_HZ / 1000;
  const framesAStep = Math.ceil(stepMs / FRAME_MS);
  for (let at = 0, frames = 1; at < samples.length; at += frameSamples, frames++) {
    yield frameOf(samples.slice(at, at + frameSamples), at);
    const isWhole = at + frameSamples <= samples.length;
    if (isWhole && frames % framesAStep === 0) await told.reached(frames * FRAME_MS, signal);
  }
}

/** How much audio was taken account of. */
class Progress {
  #audioMs = 0;
  #isSilent = false;
  #wake = () => {};

  reach(audioMs: number): void {
    this.#audioMs = audioMs;
    this.#wake();
  }

  /** Resolves when so much was taken account of, when nothing is told for long, or when the signal aborts. */
  async reached(audioMs: number, signal: AbortSignal): Promise<void> {
    while (this.#audioMs < audioMs - 1 && !this.#isSilent && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#wake = () => resolve(true);
      const timer = setTimeout(() => resolve(false), PATIENCE_MS);
      const stop = () => resolve(false);
      signal.addEventListener("abort", stop, { once: true });
      this.#isSilent = !await promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }
}

async function collect(
  transcripts: AsyncIterable<Transcript>,
  onEach: (transcript: Transcript) => void = () => {},
): Promise<readonly Transcript[]> {
  const all: Transcript[] = [];
  for await (const transcript of transcripts) {
    all.push(transcript);
    onEach(transcript);
  }
  if (all.at(-1)?.final) return all;
  throw new ParleyError("MODEL_ERROR", "The recogniser gave no final transcript.");
}

function frameOf(samples: Float32Array, fromSample: number): AudioFrame {
  return { samples, sampleRateHz: LISTENING_RATE_HZ, startMs: lengthMs(fromSample), gap: false };
}

function lengthMs(samples: number): number {
  return samples * 1000 / LISTENING_RATE_HZ;
}

async function* once(frame: AudioFrame): AsyncIterable<AudioFrame> {
  yield frame;
}
