/** Text out of tokens, as they come: a character may take several, and a word's form may depend on its neighbours. */

/** A tokenizer's way back to text. Bytes that make no whole character become U+FFFD. */
export type DecodeTokens = (ids: bigint[]) => string;

/** Tokens decoded again with each new one; older ones can no longer change what it adds. */
const LONGEST_TAIL = 32;
const KEPT_TAIL = 8;

/** Decodes a growing sequence at a cost that does not grow with it. */
export class TokenText {
  readonly #decode: DecodeTokens;
  #tail: bigint[] = [];
  /** What `#tail` has given so far. */
  #given = "";

  constructor(decode: DecodeTokens) {
    this.#decode = decode;
  }

  /** The text that `id` completes: nothing while it ends within a character. */
  push(id: bigint): string {
    this.#tail.push(id);
    const text = this.#decode(this.#tail);
    if (text.endsWith("\uFFFD")) return "";
    const delta = text.slice(this.#given.length);
    this.#given = text;
    if (this.#tail.length > LONGEST_TAIL) {
      this.#tail = this.#tail.slice(-KEPT_TAIL);
      this.#given = this.#decode(this.#tail);
    }
    return delta;
  }
}
