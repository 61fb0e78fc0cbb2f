/** How likely a word is after others: an n-gram model in ARPA's format, as SRILM, KenLM and others write it. */
import { ParleyError } from "../../../pipeline/errors.ts";

/** What words follow which. */
export interface WordModel {
  /** Natural logarithm of the probability of `word` after `history`, whose newest word is last. */
  logProbability(word: string, history: readonly string[]): number;
  /** The same of the likeliest word that begins with `beginning`, whatever came before. */
  outlook(beginning: string): number;
}

/** What stands in an ARPA file for the beginning of a sentence. */
export const START = "<s>";
/** What stands there for its end. */
export const END = "</s>";
/** And for a word that the file does not have. */
const UNKNOWN = "<unk>";
const MARKS = new Set([START, END, UNKNOWN]);

/** Of an unknown word every letter must be guessed: at five of 26 letters' even chances, as measured on nothing. */
const LETTER = Math.log10(0.2);
/** Where a file has no <unk>. */
const UNKNOWN_WORD = -6;

/** Reads an ARPA file. Throws `MODEL_ERROR` for what is none. */
export function parseArpa(text: string): WordModel {
  const model = new BackoffModel();
  let order = 0;
  for (let at = 0, end; at < text.length; at = end + 1) {
    end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    if (text[at] === "\\") order = Number(/^\\(\d+)-grams:/.exec(text.slice(at, end))?.[1] ?? 0);
    else if (order > 0 && end > at) model.add(order, text.slice(at, end).split("\t"));
  }
  if (!text.startsWith("\\data\\") || !text.trimEnd().endsWith("\\end\\") || model.size === 0) {
    throw new ParleyError("MODEL_ERROR", "The word model is no whole ARPA file.", { recoverable: false });
  }
  return model;
}

class BackoffModel implements WordModel {
  /** Where an n-gram's numbers stand: hundreds of thousands of objects would take much longer to make. */
  readonly #places = new Map<string, number>();
  readonly #logProbabilities: number[] = [];
  /** What a longer n-gram that is not there costs before its shorter one is looked up. */
  readonly #backoffs: number[] = [];
  /** The common logarithm for the likeliest word with each beginning. */
  readonly #outlooks = new Map<string, number>();
  #order = 0;

  get size(): number {
    return this.#places.size;
  }

  /** An n-gram as its line has it: common logarithm of its probability, words, backoff if anything follows on it. */
  add(order: number, [logProbability, words, backoff]: readonly string[]): void {
    if (words === undefined) return;
    this.#order = Math.max(this.#order, order);
    if (order === 1 && !MARKS.has(words)) this.#lookAhead(words, Number(logProbability));
    this.#places.set(words, this.#logProbabilities.push(Number(logProbability)) - 1);
    this.#backoffs.push(Number(backoff ?? 0));
  }

  logProbability(word: string, history: readonly string[]): number {
    const isKnown = this.#places.has(word);
    const spelling = isKnown ? 0 : word.length * LETTER;
    return (this.#lookUp(isKnown ? word : UNKNOWN, history) + spelling) * Math.LN10;
  }

  outlook(beginning: string): number {
    const known = this.#outlooks.get(beginning);
    return (known ?? this.#lookUp(UNKNOWN, []) + beginning.length * LETTER) * Math.LN10;
  }

  #lookAhead(word: string, logProbability: number): void {
    for (let length = 1; length <= word.length; length++) {
      const beginning = word.slice(0, length);
      const best = this.#outlooks.get(beginning);
      if (best === undefined || best < logProbability) this.#outlooks.set(beginning, logProbability);
    }
  }

  #lookUp(word: string, history: readonly string[]): number {
    let backoff = 0;
    for (
      let context = history.slice(1 - this.#order || undefined);
      context.length > 0;
      context = context.slice(1)
    ) {
      const shorter = context.join(" ");
      const place = this.#places.get(`${shorter} ${word}`);
      if (place !== undefined) return this.#logProbabilities[place]! + backoff;
      backoff += this.#backoffs[this.#places.get(shorter) ?? -1] ?? 0;
    }
    const place = this.#places.get(word);
    return (place === undefined ? UNKNOWN_WORD : this.#logProbabilities[place]!) + backoff;
  }
}
