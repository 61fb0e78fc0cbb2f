/** A sentence as a row of words, read from left to right. */

/** Words that carry no meaning in a sum or a duration. */
const FILLERS = new Set(["the", "please", "um", "uh"]);

/** One number in digits, one word, one sign, or whatever else stands there by itself. */
const TOKEN = /\d+(?:\.\d+)?|\.\d+|[a-z']+|\S/g;

/** Where reading has come to. Copies are cheap, so a reader that may fail reads ahead on one. */
export class Words {
  readonly #words: readonly string[];
  #at = 0;

  /** Case, hyphens between letters, commas within numbers and a closing mark do not matter. */
  constructor(text: string) {
    const plain = text.toLowerCase()
      .replace(/[’]/g, "'")
      .replace(/[−–]/g, "-")
      .replace(/(?<=[a-z])-(?=[a-z])/g, " ")
      .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "")
      .replace(/[?!.=,\s]+$/, "");
    this.#words = (plain.match(TOKEN) ?? []).filter((word) => !FILLERS.has(word));
  }

  /** The word `ahead` places on; empty past the end. */
  peek(ahead = 0): string {
    return this.#words[this.#at + ahead] ?? "";
  }

  /** Steps over the next word and returns it. */
  take(): string {
    return this.#words[this.#at++] ?? "";
  }

  /** Whether nothing is left. */
  get ended(): boolean {
    return this.#at >= this.#words.length;
  }

  /** Steps over `phrase` if it comes next; says whether it did. */
  accept(phrase: string): boolean {
    const expected = phrase.split(" ");
    if (!expected.every((word, ahead) => this.peek(ahead) === word)) return false;
    this.#at += expected.length;
    return true;
  }

  /** Steps over the first of `phrases` that comes next; says which. */
  acceptAny(phrases: readonly string[]): string | undefined {
    return phrases.find((phrase) => this.accept(phrase));
  }

  /** What `read` gives; where that is nothing, as if it had not read. */
  attempt<T>(read: () => T | undefined): T | undefined {
    const before = this.#at;
    const value = read();
    if (value === undefined) this.#at = before;
    return value;
  }
}
