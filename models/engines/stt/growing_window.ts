/** An utterance read by a model that takes all of a stretch at once, at a cost that does not grow with the utterance. */
import { concatSamples } from "../../../pipeline/audio.ts";
import { LISTENING_RATE_HZ, type TimedWord, type Transcript } from "../../../pipeline/engines.ts";
import type { Utterance } from "./live_transcript.ts";
import { LocalAgreement, type ReadWord } from "./local_agreement.ts";
import { longestQuiet, quietestPlace, withoutLongQuiet, withQuietEdges } from "./quiet_edges.ts";

/** A word of a {@linkcode Reading}, and when it was said in the audio that was read, where the model tells. */
export interface HeardWord extends ReadWord {
  readonly startMs?: number;
  readonly endMs?: number;
}

/** What a model understands of a stretch of audio. */
export interface Reading {
  readonly words: readonly HeardWord[];
  /** How sure the model was on average, 0…1. */
  readonly confidence: number;
  readonly language?: string;
}

/** How an utterance is read. */
export interface GrowingWindowOptions {
  /** Reads a stretch of audio at 16 kHz, of at most 26 s. */
  readonly read: (samples: Float32Array) => Promise<Reading>;
  /** A reading that is less sure than this is of nothing but noise. */
  readonly minConfidence: number;
  /** Whether it is read with quiet around it, always as much; for models that very short audio confuses. */
  readonly quietEdges: boolean;
}

/** A window longer than this is cut at the next pause: what was said before it is settled. */
const LONG_MS = 15_000;
/** Without a pause it is cut here all the same, at its quietest place; models take 30 s. */
const LONGEST_MS = 25_000;
/** Longer than the closure of a consonant. */
const PAUSE_MS = 300;

/** One utterance. */
export class GrowingWindow implements Utterance {
  readonly #options: GrowingWindowOptions;
  readonly #agreement = new LocalAgreement<HeardWord>();
  #window: Float32Array = new Float32Array(0);
  /** When the window begins, from the start of the utterance. */
  #startMs = 0;
  #settled: HeardWord[] = [];
  /** What is understood of the window. */
  #open: readonly HeardWord[] = [];
  /** The newest reading, and from when to when there was sound in what was read. */
  #last: { readonly soundMs: readonly [number, number]; readonly reading: Reading } | undefined;
  #language: string | undefined;
  /** Sum over the settled words. */
  #settledConfidence = 0;

  constructor(options: GrowingWindowOptions) {
    this.#options = options;
  }

  async read(samples: Float32Array): Promise<Transcript> {
    await this.#grow(samples);
    return this.#transcript(false);
  }

  async finish(samples: Float32Array): Promise<Transcript> {
    await this.#grow(samples);
    return this.#transcript(true);
  }

  async #grow(samples: Float32Array): Promise<void> {
    this.#window = concatSamples([this.#window, samples]);
    let cut: number | undefined;
    while ((cut = placeToCut(this.#window)) !== undefined) {
      const { words, confidence } = await this.#reading(this.#window.subarray(0, cut));
      const left = this.#agreement.leave(words);
      this.#settled.push(...left);
      this.#settledConfidence += left.length * confidence;
      this.#window = this.#window.slice(cut);
      this.#startMs += cut * 1000 / LISTENING_RATE_HZ;
      this.#last = undefined;
    }
    const before = this.#last?.reading;
    const reading = await this.#reading(this.#window);
    if (reading === before) return; // It says nothing new, so it confirms nothing either.
    this.#open = this.#agreement.read(reading.words);
  }

  /** The words of audio that begins where the window does, by the utterance's time. */
  async #reading(samples: Float32Array): Promise<Reading> {
    const sound = this.#options.quietEdges ? withQuietEdges(samples) : withoutLongQuiet(samples);
    if (!sound) return NOTHING;
    const { soundMs } = sound;
    const last = this.#last;
    // Where only quiet has been added there is nothing new to read.
    if (last && last.soundMs[0] === soundMs[0] && last.soundMs[1] === soundMs[1]) return last.reading;
    const read = await this.#options.read(sound.samples);
    this.#language = read.language ?? this.#language;
    const understood = read.confidence >= this.#options.minConfidence ? read : NOTHING;
    const words = understood.words.map((word) =>
      // What a model takes for the beginning of a word may be the quiet before all.
      later(word, { byMs: this.#startMs + sound.startMs, fromMs: this.#startMs + soundMs[0] })
    );
    const reading = { ...understood, words };
    this.#last = { soundMs, reading };
    return reading;
  }

  #transcript(final: boolean): Transcript {
    const words = [...this.#settled, ...this.#open];
    const text = textOf(words);
    const audioMs = this.#startMs + lengthMs(this.#window);
    const timed = timedWords(words, audioMs);
    return {
      text,
      stableChars: final ? text.length : textOf([...this.#settled, ...this.#agreement.agreed]).length,
      final,
      audioMs,
      confidence: this.#confidence(words.length),
      ...(this.#language !== undefined && { language: this.#language }),
      ...(timed && { words: timed }),
    };
  }

  #confidence(words: number): number {
    const open = this.#open.length * (this.#last?.reading.confidence ?? 0);
    return (this.#settledConfidence + open) / Math.max(1, words);
  }
}

const NOTHING: Reading = { words: [], confidence: 0 };

function placeToCut(window: Float32Array): number | undefined {
  if (lengthMs(window) <= LONG_MS) return undefined;
  const head = window.subarray(0, LONGEST_MS * LISTENING_RATE_HZ / 1000);
  const quiet = longestQuiet(head);
  if (quiet.lengthMs >= PAUSE_MS) return quiet.middle;
  return lengthMs(window) < LONGEST_MS ? undefined : quietestPlace(head);
}

function later(word: HeardWord, { byMs, fromMs }: { byMs: number; fromMs: number }): HeardWord {
  if (word.startMs === undefined || word.endMs === undefined) return word;
  const startMs = Math.max(fromMs, word.startMs + byMs);
  return { text: word.text, startMs, endMs: Math.max(startMs, word.endMs + byMs) };
}

function textOf(words: readonly HeardWord[]): string {
  return words.map(({ text }) => text).join("").trimStart();
}

/** The words in order and within the audio, though two readings may place them differently; all have times, or none. */
function timedWords(words: readonly HeardWord[], audioMs: number): TimedWord[] | undefined {
  let fromMs = 0;
  const timed: TimedWord[] = [];
  for (const { text, startMs, endMs } of words) {
    if (startMs === undefined || endMs === undefined) return undefined;
    const start = Math.min(audioMs, Math.max(fromMs, startMs));
    fromMs = Math.min(audioMs, Math.max(start, endMs));
    timed.push({ word: text.trim(), startMs: start, endMs: fromMs });
  }
  return timed;
}

function lengthMs(samples: Float32Array): number {
  return samples.length * 1000 / LISTENING_RATE_HZ;
}
