/** How loud it has been lately, bar by bar. */

/** One bar: the loudest sample of 20 to 32 ms, 0 to 1, and whether it was held for speech. */
export interface Bar {
  readonly source: "user" | "assistant";
  readonly level: number;
  readonly isSpeech: boolean;
}

/** Bars that are kept: six to ten seconds. */
const BARS = 300;
/** Longer pieces are cut into bars of this many samples at least. */
const PIECE = 320;

/** Fed with sound, read when it is drawn. */
export class Waveform {
  /** The user is being held for speaking. */
  speaking = false;
  #bars: Bar[] = [];

  get bars(): readonly Bar[] {
    return this.#bars;
  }

  /** Takes sound. */
  add(source: Bar["source"], samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += PIECE) {
      const piece = samples.subarray(at, at + PIECE);
      this.addLevel(source, piece.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32_768);
    }
  }

  /** Takes what was measured elsewhere. */
  addLevel(source: Bar["source"], level: number): void {
    this.#bars.push({ source, level, isSpeech: source === "user" && this.speaking });
    if (this.#bars.length > BARS) this.#bars = this.#bars.slice(-BARS);
  }
}
