/** How likely a word is after others: an n-gram model in ARPA's format, as SRILM, KenLM and others write it. */
import { ParleyError } from "../../../pipeline/errors.ts";

/** What words follow which. */
export interface WordModel {
  /** Natural logarithm of the probability of `word` after `history`, whose newest word is last. */
  logProbability(word: string, history: readonly string[]): number;
}

/** What stands in an ARPA file for the beginning of a sentence. */
export const START = "<s>";
/** What stands there for its end. */
export const END = "</s>";
/** And for a word that the file does not have. */
const UNKNOWN = "<unk>";

/** Of an unknown word every letter must be guessed: at five of 26 letters' even chances, as measured on nothing. */
const LETTER = Math.log10(0.2);
/** Where a file has no <unk>. */
const UNKNOWN_WORD = -6;

interface Entry {
  readonly logProbability: number;
  /** What a longer n-gram that is not there costs before its shorter one is looked up. */
  readonly backoff: number;
}

/** Reads an ARPA file. Throws `MODEL_ERROR` for what is none. */
export function parseArpa(text: string): WordModel {
  const entries = new Map<string, Entry>();
  let order = 0;
  let longest = 0;
  for (const line of text.split("\n")) {
    const section = /^\\(\d+)-grams:/.exec(line);
    if (section) longest = order = Number(section[1]);
    const [logProbability, words, backoff] = line.split("\t");
    if (order === 0 || words === undefined) continue;
    entries.set(words, { logProbability: Number(logProbability), backoff: Number(backoff ?? 0) });
  }
  if (!text.startsWith("\\data\\") || !text.trimEnd().endsWith("\\end\\") || entries.size === 0) {
    throw new ParleyError("MODEL_ERROR", "The word model is no whole ARPA file.", { recoverable: false });
  }
  return new BackoffModel(entries, longest);
}

class BackoffModel implements WordModel {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #order: number;

  constructor(entries: ReadonlyMap<string, Entry>, order: number) {
    this.#entries = entries;
    this.#order = order;
  }

  logProbability(word: string, history: readonly string[]): number {
    const isKnown = this.#entries.has(word);
    const spelling = isKnown ? 0 : word.length * LETTER;
    return (this.#lookUp(isKnown ? word : UNKNOWN, history) + spelling) * Math.LN10;
  }

  #lookUp(word: string, history: readonly string[]): number {
    let backoff = 0;
    for (
      let context = history.slice(1 - this.#order || undefined);
      context.length > 0;
      context = context.slice(1)
    ) {
      const entry = this.#entries.get(`${context.join(" ")} ${word}`);
      if (entry) return entry.logProbability + backoff;
      backoff += this.#entries.get(context.join(" "))?.backoff ?? 0;
    }
    return (this.#entries.get(word)?.logProbability ?? UNKNOWN_WORD) + backoff;
  }
}
