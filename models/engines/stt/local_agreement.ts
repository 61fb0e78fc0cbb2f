/** What two readings of a growing stretch of audio agree on, which is then told and not taken back. */

/** A word as it was read. */
export interface ReadWord {
  /** With what stands before it: `words.map(({ text }) => text).join("")` is the text. */
  readonly text: string;
}

/**
 * Local agreement (Macháček et al. 2023, "Turning Whisper into Real-Time Transcription System"): words that two
 * readings in a row have in common are agreed on. The newest word never is, for more audio changes its end.
 */
export class LocalAgreement<W extends ReadWord> {
  #agreed: W[] = [];
  /** What the reading before said after the agreed words. */
  #open: readonly W[] = [];

  /** The words that are not going to change. */
  get agreed(): readonly W[] {
    return this.#agreed;
  }

  /** Takes a further reading of the audio, of which there is more now. Returns all its words, agreed ones first. */
  read(words: readonly W[]): W[] {
    const known = leadingLength(this.#agreed, words);
    if (known === this.#agreed.length) {
      // The same words, of which a reading with more audio around them knows the times better.
      this.#agreed = this.#agreed.map((word, i) => word.text === words[i]!.text ? words[i]! : word);
    }
    const open = words.slice(known);
    let same = 0;
    while (same < open.length - 1 && open[same]!.text === this.#open[same]?.text) same++;
    this.#agreed.push(...open.slice(0, same));
    this.#open = open.slice(same);
    return [...this.#agreed, ...this.#open];
  }

  /**
   * Takes the reading of the first part of the audio alone, which is not going to be read again, and returns the
   * words of that part. What was agreed on stays, here or at the beginning of the rest.
   */
  leave(words: readonly W[]): W[] {
    const held = leadingLength(words, this.#agreed);
    const left = this.#agreed.slice(0, held);
    if (held === this.#agreed.length) left.push(...words.slice(leadingLength(this.#agreed, words)));
    this.#agreed = this.#agreed.slice(held);
    this.#open = [];
    return left;
  }
}

/**
 * How many of the first `words` are another reading of `known`: where the smallest part of the letters differs
 * (Levenshtein distance), for readings differ in where words end, too. A word more or less counts as a letter.
 */
export function leadingLength(known: readonly ReadWord[], words: readonly ReadWord[]): number {
  const wanted = known.map(lettersOf).join("");
  const given = words.map(lettersOf);
  const distances = distancesTo(wanted, given.join(""));
  const differing = (length: number, letters: number) =>
    (distances[letters]! + Math.abs(length - known.length)) / Math.max(1, wanted.length, letters);
  let best = { length: 0, part: differing(0, 0) };
  let letters = 0;
  for (const [index, word] of given.entries()) {
    letters += word.length;
    const length = index + 1;
    const part = differing(length, letters);
    const nearer = Math.abs(length - known.length) < Math.abs(best.length - known.length);
    if (part < best.part || (part === best.part && nearer)) best = { length, part };
  }
  return best.length;
}

/** How far `wanted` is from the first 0, 1, 2, … letters of `given`. */
function distancesTo(wanted: string, given: string): readonly number[] {
  let distances = Array.from({ length: given.length + 1 }, (_, length) => length);
  for (let row = 0; row < wanted.length; row++) {
    const next = [row + 1];
    for (let column = 0; column < given.length; column++) {
      const substituted = distances[column]! + (wanted[row] === given[column] ? 0 : 1);
      next.push(Math.min(substituted, distances[column + 1]! + 1, next[column]! + 1));
    }
    distances = next;
  }
  return distances;
}

/** Readings differ in capitals and marks more often than in words. */
function lettersOf({ text }: ReadWord): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
