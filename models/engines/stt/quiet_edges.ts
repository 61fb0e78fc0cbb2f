/** Sound with as much quiet around it as recognisers are used to, and the end of asking them about mere noise. */
import { concatSamples } from "../../../pipeline/audio.ts";
import { LISTENING_RATE_HZ } from "../../../pipeline/engines.ts";

/** A stretch of audio made ready to be read. */
export interface FramedSound {
  readonly samples: Float32Array;
  /** Where `samples` begins in the audio that was given; negative where quiet was put before it. */
  readonly startMs: number;
  /** Where the sound in it begins and ends in the audio that was given. */
  readonly soundMs: readonly [number, number];
}

const FRAME_MS = 20;
const FRAME_SAMPLES = FRAME_MS * LISTENING_RATE_HZ / 1000;
/** A frame is sound when it stands out of the quietest tenth by so much; steady noise stays within 2 dB of it. */
const SOUND_DB = 6;
/** The steps between stretches of so many samples are loudest from 300 Hz to 1.5 kHz, where voices are. */
const VOICE_SAMPLES = 8;
/** Less sound than this is a click; the shortest words last longer. */
const LEAST_SOUND_FRAMES = 3;
/**
 * Quiet before and after the sound. Measured on 200 sentences in voices the starter model never met, at three
 * levels: 60, 224 and 400 ms after the last voice it reads 143, 143 and 144 of them right, and as many after
 * 1.5 s; without this 46, 95, 132 and next to none.
 */
const QUIET_BEFORE_MS = 80;
const QUIET_AFTER_MS = 500;
/** So much of the quietest audio is repeated where quiet is missing: its noise goes on as it was. */
const PATTERN_FRAMES = 3;
/** Digital silence, in place of −∞ dB. */
const SILENCE_DB = -90;

/**
 * Cuts longer quiet at both ends and fills up shorter, so that a reader understands the end of a sentence as soon
 * as it has been said. Undefined when `samples` (at 16 kHz) hold no sound that stands out of the noise.
 */
export function withQuietEdges(
  samples: Float32Array,
  { beforeMs = QUIET_BEFORE_MS }: { readonly beforeMs?: number } = {},
): FramedSound | undefined {
  return framed(samples, { filled: true, beforeMs });
}

/** As {@linkcode withQuietEdges}, but quiet that is missing is not filled up. */
export function withoutLongQuiet(samples: Float32Array): FramedSound | undefined {
  return framed(samples, { filled: false, beforeMs: QUIET_BEFORE_MS });
}

function framed(
  samples: Float32Array,
  { filled, beforeMs }: { readonly filled: boolean; readonly beforeMs: number },
): FramedSound | undefined {
  const excesses = frameExcesses(samples);
  const sounds = soundsIn(excesses);
  if (sounds.length < LEAST_SOUND_FRAMES) return undefined;
  const [start, end] = [sounds[0]! * FRAME_SAMPLES, (sounds.at(-1)! + 1) * FRAME_SAMPLES];
  const most = filled ? Infinity : 0;
  const before = Math.min(most, samplesOf(beforeMs) - start);
  const after = Math.min(most, samplesOf(QUIET_AFTER_MS) - (samples.length - end));
  const at = quietest(excesses) * FRAME_SAMPLES;
  const quiet = samples.subarray(at, at + PATTERN_FRAMES * FRAME_SAMPLES);
  return {
    samples: concatSamples([
      repeated(quiet, Math.max(0, before)),
      samples.subarray(Math.max(0, -before), samples.length - Math.max(0, -after)),
      repeated(quiet, Math.max(0, after)),
    ]),
    startMs: 0 - before * 1000 / LISTENING_RATE_HZ,
    soundMs: [start * 1000 / LISTENING_RATE_HZ, end * 1000 / LISTENING_RATE_HZ],
  };
}

/** The middle, in samples, of the first pause of `pauseMs` after `afterMs` that has sound before and after it. */
export function firstPause(samples: Float32Array, pauseMs: number, afterMs = 0): number | undefined {
  const sounds = soundsIn(frameExcesses(samples));
  const index = sounds.findIndex((frame, i) =>
    i >= LEAST_SOUND_FRAMES && i <= sounds.length - LEAST_SOUND_FRAMES &&
    (frame - sounds[i - 1]! - 1) * FRAME_MS >= pauseMs && frame * FRAME_MS >= afterMs
  );
  if (index < 0) return undefined;
  return Math.round((sounds[index - 1]! + 1 + sounds[index]!) / 2 * FRAME_SAMPLES);
}

/**
 * The longest stretch without sound in the second half of `samples`, the end of which may end it too: its length, and
 * its middle in samples.
 */
export function longestQuiet(samples: Float32Array): { readonly lengthMs: number; readonly middle: number } {
  const excesses = frameExcesses(samples);
  const half = Math.floor(excesses.length / 2);
  const sounds = soundsIn(excesses).filter((frame) => frame >= half);
  let [from, to] = [half, half];
  for (const [index, frame] of [...sounds, excesses.length].entries()) {
    const start = index === 0 ? half : sounds[index - 1]! + 1;
    if (frame - start > to - from) [from, to] = [start, frame];
  }
  return { lengthMs: (to - from) * FRAME_MS, middle: Math.round((from + to) / 2 * FRAME_SAMPLES) };
}

/** The middle, in samples, of the quietest place in the second half of `samples`. */
export function quietestPlace(samples: Float32Array): number {
  const half = Math.floor(samples.length / 2);
  const excesses = frameExcesses(samples.subarray(half));
  return half + Math.round((quietest(excesses) + PATTERN_FRAMES / 2) * FRAME_SAMPLES);
}

/** The frames that stand out of the noise. */
function soundsIn(excesses: readonly number[]): number[] {
  return excesses.flatMap((excess, frame) => excess > SOUND_DB ? [frame] : []);
}

/**
 * How many dB every whole frame is above the quietest tenth of them, by what shows it best: hissing sounds stand out of
 * hum and rumble by the step from each sample to the next, and voices stand out of a room's noise by the step between
 * longer stretches.
 */
function frameExcesses(samples: Float32Array): number[] {
  const [hisses, voices] = [1, VOICE_SAMPLES].map((stretch) => {
    const levels = frameLevels(samples, stretch);
    const floor = levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 10)] ?? 0;
    return levels.map((level) => level - floor);
  });
  return hisses!.map((hiss, frame) => Math.max(hiss, voices![frame]!));
}

/** The level, in every whole frame, of the step from the mean of `stretch` samples to the mean of the next as many. */
function frameLevels(samples: Float32Array, stretch: number): number[] {
  return Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, frame) => {
    const start = frame * FRAME_SAMPLES;
    const last = start + FRAME_SAMPLES - 2 * stretch;
    let step = 0;
    for (let at = start; at < start + stretch; at++) step += samples[at + stretch]! - samples[at]!;
    let power = step * step;
    // Plain loops: every reading looks at all of its audio so.
    for (let at = start; at < last; at++) {
      step += samples[at + 2 * stretch]! - 2 * samples[at + stretch]! + samples[at]!;
      power += step * step;
    }
    const mean = power / (last - start + 1) / stretch ** 2;
    return Math.max(SILENCE_DB, 10 * Math.log10(mean));
  });
}

/** Where the {@linkcode PATTERN_FRAMES} frames begin that are quietest at their loudest. */
function quietest(excesses: readonly number[]): number {
  const loudestOf = (from: number) => Math.max(...excesses.slice(from, from + PATTERN_FRAMES));
  let best = 0;
  for (let from = 1; from + PATTERN_FRAMES <= excesses.length; from++) {
    if (loudestOf(from) < loudestOf(best)) best = from;
  }
  return best;
}

/** `pattern` forwards and backwards in turn, which leaves no steps, until there are `count` samples. */
function repeated(pattern: Float32Array, count: number): Float32Array {
  const { length } = pattern;
  return new Float32Array(count).map((_, i) => {
    const at = i % (2 * length);
    return pattern[at < length ? at : 2 * length - 1 - at]!;
  });
}

function samplesOf(ms: number): number {
  return ms * LISTENING_RATE_HZ / 1000;
}
