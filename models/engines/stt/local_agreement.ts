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
 * How many of the first `words` are another reading of `known`: where the fewest words differ (Levenshtein distance).
 * Among equals the one that is nearest in length.
 */
export function leadingLength(known: readonly ReadWord[], words: readonly ReadWord[]): number {
  const wanted = known.map(({ text }) => soundOf(text));
  const given = words.map(({ text }) => soundOf(text));
  let distances = Array.from({ length: given.length + 1 }, (_, length) => length);
  for (const [row, word] of wanted.entries()) {
    const next = [row + 1];
    for (const [column, other] of given.entries()) {
      const substituted = distances[column]! + (word === other ? 0 : 1);
      next.push(Math.min(substituted, distances[column + 1]! + 1, next[column]! + 1));
    }
    distances = next;
  }
  let best = 0;
  for (const [length, distance] of distances.entries()) {
    const nearer = Math.abs(length - wanted.length) < Math.abs(best - wanted.length);
    if (distance < distances[best]! || (distance === distances[best]! && nearer)) best = length;
  }
  return best;
}

/** Readings differ in capitals and marks more often than in words. */
function soundOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "") || text.trim();
}
