/** Reading an utterance again and again while it grows, at a cost that does not grow with it. */
import { concatSamples } from "../../../pipeline/audio.ts";
import { LISTENING_RATE_HZ, type TimedWord, type Transcript } from "../../../pipeline/engines.ts";
import type { CtcLogits, CtcWord } from "./ctc_decode.ts";
import type { Utterance } from "./live_transcript.ts";
import { firstPause, quietestPlace, withQuietEdges } from "./quiet_edges.ts";

/** How an utterance is read. */
export interface GrowingUtteranceOptions {
  /** Scores a stretch of audio at 16 kHz. */
  readonly read: (samples: Float32Array) => Promise<CtcLogits>;
  /** What those scores say. */
  readonly decode: (logits: CtcLogits) => readonly CtcWord[];
  /** An utterance whose words are on average less sure than this is nothing but noise. */
  readonly minConfidence: number;
  /** A final transcript that is less sure than this is doubtful. Default: none is. */
  readonly doubtBelow?: number;
  /** Whether sound is read with quiet around it, always as much. Default: true. */
  readonly quietEdges?: boolean;
}

/**
 * A pause that ends a phrase, which is then settled and not read again, or reading would cost more each time: longer
 * than the closure of a consonant, shorter than endpointing waits.
 */
const PAUSE_MS = 300;
/**
 * The least that such a phrase lasts, but for what ends in a long pause: words are understood by those around them. Of
 * sentences with pauses in them the starter model reads 38.7 % of the words wrong whole, 39.6 % with every pause cut.
 */
const LEAST_PHRASE_MS = 8_000;
const LONG_PAUSE_MS = 1_000;
/** The starter model loses a short word now and then where less quiet is before it; more changes nothing. */
const QUIET_BEFORE_MS = 160;
/** A phrase longer than this is cut at its quietest place: a word may be lost, the memory and the time are not. */
const LONGEST_PHRASE_MS = 12_000;

interface HeardWord extends TimedWord {
  readonly confidence: number;
}

/** One utterance. Calls must not overlap. */
export class GrowingUtterance implements Utterance {
  readonly #options: GrowingUtteranceOptions;
  /** What is still read again: the audio since the last settled phrase. */
  #phrase: Float32Array = new Float32Array(0);
  /** When the phrase begins, from the start of the utterance. */
  #phraseStartMs = 0;
  #settled: HeardWord[] = [];
  #open: HeardWord[] = [];
  #before: readonly string[] = [];

  constructor(options: GrowingUtteranceOptions) {
    this.#options = options;
  }

  async read(samples: Float32Array): Promise<Transcript> {
    await this.#grow(samples);
    return this.#transcript(false);
  }

  async finish(samples: Float32Array): Promise<Transcript> {
    if (samples.length > 0) await this.#grow(samples);
    return this.#transcript(true);
  }

  async #grow(samples: Float32Array): Promise<void> {
    this.#phrase = concatSamples([this.#phrase, samples]);
    let cut: number | undefined;
    while ((cut = this.#endOfPhrase()) !== undefined) {
      this.#settled.push(...await this.#words(this.#phrase.subarray(0, cut)));
      this.#phrase = this.#phrase.slice(cut);
      this.#phraseStartMs += cut * 1000 / LISTENING_RATE_HZ;
      this.#before = [];
    }
    this.#open = await this.#words(this.#phrase);
  }

  #endOfPhrase(): number | undefined {
    const pause = firstPause(this.#phrase, LONG_PAUSE_MS) ??
      firstPause(this.#phrase, PAUSE_MS, LEAST_PHRASE_MS);
    if (pause !== undefined || lengthMs(this.#phrase) <= LONGEST_PHRASE_MS) return pause;
    return quietestPlace(this.#phrase);
  }

  /** The words of audio that begins where the phrase does. */
  async #words(samples: Float32Array): Promise<HeardWord[]> {
    const framed = withQuietEdges(samples, { beforeMs: QUIET_BEFORE_MS });
    if (!framed) return [];
    const sound = this.#options.quietEdges === false ? { samples, startMs: 0 } : framed;
    const logits = await this.#options.read(sound.samples);
    const frameMs = lengthMs(sound.samples) / logits.frames;
    return this.#options.decode(logits).map(({ text, startFrame, endFrame, confidence }) => {
      // What is read in the quiet that was put around the sound was said at its edge.
      const endMs = Math.max(frameMs, Math.min(lengthMs(samples), sound.startMs + endFrame * frameMs));
      const startMs = Math.max(0, Math.min(endMs - frameMs, sound.startMs + startFrame * frameMs));
      const [from, to] = [this.#phraseStartMs + startMs, this.#phraseStartMs + endMs];
      return { word: text, startMs: from, endMs: to, confidence };
    });
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
      audioMs: this.#phraseStartMs + lengthMs(this.#phrase),
      confidence,
      ...(final && understood.length > 0 && confidence < (this.#options.doubtBelow ?? 0) &&
        { doubtful: true }),
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
