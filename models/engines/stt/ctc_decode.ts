/** Reading the output of a CTC model: frames of token probabilities → words with times and confidence. */

/** What decoding must know of the model. */
export interface CtcVocabulary {
  /** Text of each token, by its id; empty where it is none. */
  readonly tokens: readonly string[];
  /** The token that stands for "nothing new". */
  readonly blankId: number;
  /** What stands for the space between words: as a token, or inside one, before or after a word. */
  readonly wordDelimiter: string;
}

/** Scores of every token in every frame, row by row. */
export interface CtcLogits {
  readonly data: Float32Array;
  readonly frames: number;
}

/** A word, the frames it was read in, and how sure the model was of its least sure token. */
export interface CtcWord {
  readonly text: string;
  readonly startFrame: number;
  /** Exclusive. */
  readonly endFrame: number;
  /** 0…1. */
  readonly confidence: number;
}

/**
 * Greedy decoding: the likeliest token of each frame, repeats and blanks left out (Graves et al. 2006, section
 * 3.2). The confidence of a token is its probability in the frame where it is highest.
 */
export function decodeCtc(logits: CtcLogits, vocabulary: CtcVocabulary): CtcWord[] {
  const count = tokensIn(logits);
  const path = Array.from(
    { length: logits.frames },
    (_, frame) => likeliest(logits.data, frame * count, count),
  );
  return wordsAlong(path, logits, vocabulary);
}

/** How many scores a frame has. The blank may be a token that the vocabulary does not name. */
export function tokensIn({ data, frames }: CtcLogits): number {
  return data.length / frames;
}

/** The words that are read when each frame is its token of `path`. */
export function wordsAlong(
  path: readonly number[],
  logits: CtcLogits,
  { tokens, blankId, wordDelimiter }: CtcVocabulary,
): CtcWord[] {
  const words = new WordBuilder(wordDelimiter);
  const count = tokensIn(logits);
  let previous = blankId;
  for (const [frame, id] of path.entries()) {
    if (id !== blankId) {
      const probability = probabilityOf(id, logits.data, { offset: frame * count, count });
      if (id !== previous) words.add(tokens[id] ?? "", frame, probability);
      else words.extend(frame, probability);
    }
    previous = id;
  }
  return words.finish();
}

function likeliest(data: Float32Array, offset: number, count: number): number {
  let id = 0;
  for (let i = 1; i < count; i++) if (data[offset + i]! > data[offset + id]!) id = i;
  return id;
}

function probabilityOf(
  id: number,
  data: Float32Array,
  { offset, count }: { readonly offset: number; readonly count: number },
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.exp(data[offset + i]! - data[offset + id]!);
  return 1 / sum;
}

class WordBuilder {
  readonly #delimiter: string;
  readonly #words: CtcWord[] = [];
  #text = "";
  #startFrame = 0;
  #endFrame = 0;
  /** Best probability of each token of the word so far. */
  #tokens: number[] = [];

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  add(token: string, frame: number, probability: number): void {
    const parts = token.split(this.#delimiter);
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.#end();
      if (!part) continue;
      if (!this.#text) this.#startFrame = frame;
      this.#text += part;
      this.#endFrame = frame + 1;
      this.#tokens.push(probability);
    }
  }

  extend(frame: number, probability: number): void {
    if (!this.#text) return;
    this.#endFrame = frame + 1;
    this.#tokens.push(Math.max(this.#tokens.pop() ?? 0, probability));
  }

  finish(): CtcWord[] {
    this.#end();
    return this.#words;
  }

  #end(): void {
    if (this.#text) {
      this.#words.push({
        text: this.#text,
        startFrame: this.#startFrame,
        endFrame: this.#endFrame,
        confidence: Math.min(...this.#tokens),
      });
    }
    this.#text = "";
    this.#tokens = [];
  }
}
