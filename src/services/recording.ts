/** A recording as speech-to-text hears it: at its rate, in pieces of bounded length. */
import { type AudioFrame, concatSamples } from "../../pipeline/audio.ts";
import { systemClock } from "../../pipeline/clock.ts";
import { LISTENING_RATE_HZ } from "../../pipeline/engines.ts";
import { createResampler } from "../../models/resample.ts";
import type { WavFile } from "./wav_file.ts";

/** What is decoded in one go: about a millisecond's work. */
const STRETCH_MS = 100;
/** The event loop belongs to those who are talking: it is not held for longer than this. */
const WORK_MS = 4;
/** A recording that is longer is heard in pieces, between which engines serve others and calls can end. */
const LONGEST_PIECE_S = 30;
/** A piece is cut at the quietest place after this. */
const SHORTEST_PIECE_S = 20;
/** Less than a pause between words. */
const QUIET_MS = 100;

/** Yields the recording, piece by piece, each as one frame that begins where the one before ended. */
export async function* piecesOf(wav: WavFile, signal: AbortSignal): AsyncIterable<AudioFrame> {
  let startMs = 0;
  let waiting: Float32Array[] = [];
  let waitingSamples = 0;
  const piece = (samples: Float32Array): AudioFrame => {
    const frame = { samples, sampleRateHz: LISTENING_RATE_HZ, startMs, gap: false };
    startMs += samples.length * 1000 / LISTENING_RATE_HZ;
    return frame;
  };
  for await (const samples of resampled(wav, signal)) {
    waiting.push(samples);
    waitingSamples += samples.length;
    if (waitingSamples < LONGEST_PIECE_S * LISTENING_RATE_HZ) continue;
    const all = concatSamples(waiting);
    const cut = quietestPlace(all, SHORTEST_PIECE_S * LISTENING_RATE_HZ);
    yield piece(all.slice(0, cut));
    waiting = [all.slice(cut)];
    waitingSamples = all.length - cut;
  }
  if (waitingSamples > 0) yield piece(concatSamples(waiting));
}

async function* resampled(wav: WavFile, signal: AbortSignal): AsyncIterable<Float32Array> {
  using resampler = await createResampler(wav.sampleRateHz, LISTENING_RATE_HZ);
  const stretch = Math.ceil(wav.sampleRateHz * STRETCH_MS / 1000);
  let sinceMs = systemClock.now();
  for (let from = 0; from < wav.frames; from += stretch) {
    if (systemClock.now() - sinceMs > WORK_MS) {
      await systemClock.sleep(0, signal);
      sinceMs = systemClock.now();
    }
    signal.throwIfAborted();
    yield resampler.push(wav.read(from, from + stretch));
  }
  yield resampler.end();
}

/** The middle of the stretch of {@linkcode QUIET_MS} with the least energy in it, at or after `from`. */
export function quietestPlace(samples: Float32Array, from: number): number {
  const length = LISTENING_RATE_HZ * QUIET_MS / 1000;
  let quietest = Infinity;
  let place = samples.length;
  for (let at = from; at + length <= samples.length; at += length / 2) {
    const energy = samples.subarray(at, at + length).reduce((sum, sample) => sum + sample * sample, 0);
    if (energy < quietest) [quietest, place] = [energy, at + length / 2];
  }
  return place;
}
