/** Reading an utterance again and again while it grows, at a cost that does not grow with it. */
import { concatSamples } from "../../../pipeline/audio.ts";
import { LISTENING_RATE_HZ, type TimedWord, type Transcript } from "../../../pipeline/engines.ts";
import { type CtcLogits, type CtcVocabulary, type CtcWord, decodeCtc, lastBlankRun } from "./ctc_decode.ts";

/** How an utterance is read. */
export interface GrowingUtteranceOptions {
  readonly read: (samples: Float32Array) => Promise<CtcLogits>;
  readonly vocabulary: CtcVocabulary;
  /** Silence that `read` is given behind the audio. */
  readonly padMs: number;
  readonly minConfidence: number;
}

/** A window longer than this is cut at its last pause; what comes before is settled and not read again. */
const WINDOW_MS = 12_000;
/** Without any pause it is cut here all the same: a word may be lost, the memory and the time are not. */
const LONGEST_WINDOW_MS = 20_000;
/** Blanks for so long are a pause between words, not one within a word. */
const PAUSE_MS = 200;
/** What the model has heard least of, the newest sound, is never settled. */
const UNSETTLED_MS = 1000;

interface HeardWord extends TimedWord {
  readonly confidence: number;
}

/** One utterance. Calls must not overlap. */
export class GrowingUtterance {
  readonly #options: GrowingUtteranceOptions;
  #window: Float32Array = new Float32Array(0);
  /** When the window begins, from the start of the utterance. */
  #windowStartMs = 0;
  #settled: HeardWord[] = [];
  #open: HeardWord[] = [];
  #before: readonly string[] = [];

  constructor(options: GrowingUtteranceOptions) {
    this.#options = options;
  }

  /** Takes more audio (16 kHz) and says what is understood by now. */
  async read(samples: Float32Array): Promise<Transcript> {
    await this.#grow(samples);
    return this.#transcript(false);
  }

  /** Takes the last of the audio and gives the final transcript. */
  async finish(samples: Float32Array): Promise<Transcript> {
    if (samples.length > 0) await this.#grow(samples);
    return this.#transcript(true);
  }

  async #grow(samples: Float32Array): Promise<void> {
    const { read, vocabulary, padMs } = this.#options;
    const padding = new Float32Array(padMs * LISTENING_RATE_HZ / 1000);
    this.#window = concatSamples([this.#window, samples]);
    const logits = await read(concatSamples([this.#window, padding]));
    const frameMs = (lengthMs(this.#window) + padMs) / logits.frames;
    const timed = ({ text, startFrame, endFrame, confidence }: CtcWord): HeardWord => ({
      word: text,
      startMs: this.#windowStartMs + startFrame * frameMs,
      endMs: this.#windowStartMs + endFrame * frameMs,
      confidence,
    });
    this.#open = decodeCtc(logits, vocabulary).map(timed);
    if (lengthMs(this.#window) > WINDOW_MS) this.#settle(logits, frameMs);
  }

  /** Cuts the window in the middle of its last pause. */
  #settle(logits: CtcLogits, frameMs: number): void {
    const known = {
      ...logits,
      frames: Math.floor(logits.frames - (UNSETTLED_MS + this.#options.padMs) / frameMs),
    };
    const pause = lastBlankRun(known, this.#options.vocabulary, Math.ceil(PAUSE_MS / frameMs));
    const middle = pause && (pause.startFrame + pause.endFrame) / 2;
    const forced = lengthMs(this.#window) > LONGEST_WINDOW_MS ? known.frames : 0;
    const cutMs = (middle || forced) * frameMs;
    if (cutMs <= 0) return;
    const atMs = this.#windowStartMs + cutMs;
    this.#settled.push(...this.#open.filter((word) => word.startMs < atMs));
    this.#open = this.#open.filter((word) => word.startMs >= atMs);
    this.#window = this.#window.slice(Math.round(cutMs * LISTENING_RATE_HZ / 1000));
    this.#windowStartMs = atMs;
    this.#before = [];
  }

  #transcript(final: boolean): Transcript {
    const words = [...this.#settled, ...this.#open];
    const confidence = words.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, words.length);
    const understood = confidence >= this.#options.minConfidence ? words : [];
    const text = understood.map(({ word }) => word).join(" ");
    const stableChars = final ? text.length : Math.min(text.length, this.#stableChars());
    return {
      text,
      stableChars,
      final,
      audioMs: this.#windowStartMs + lengthMs(this.#window),
      confidence,
      words: understood.map(({ word, startMs, endMs }) => ({ word, startMs, endMs })),
    };
  }

  /** Words that two readings in a row agree on, but for the newest, are not going to change. */
  #stableChars(): number {
    const now = this.#open.map(({ word }) => word);
    let agreed = 0;
    while (agreed < now.length - 1 && now[agreed] === this.#before[agreed]) agreed++;
    this.#before = now;
    const stable = [...this.#settled.map(({ word }) => word), ...now.slice(0, agreed)];
    return stable.join(" ").length;
  }
}

function lengthMs(samples: Float32Array): number {
  return samples.length * 1000 / LISTENING_RATE_HZ;
}
