/** Watching over a decoder that writes text for sound: it stops when told to or when it goes in circles. */
import type { LogitsProcessor, LogitsProcessorList, Tensor } from "@huggingface/transformers";

/** The library that runs the model. */
export type Library = typeof import("@huggingface/transformers");

/** A decoding that is watched. */
export interface GuardedDecoding {
  /** For `generate`. */
  readonly parameters: {
    readonly logits_processor: LogitsProcessorList;
    readonly do_sample: false;
  };
  /** How sure the model was of its tokens: the geometric mean of their probabilities. */
  confidence(): number;
}

/** How a decoding is watched. */
export interface GuardOptions {
  /** Aborting it ends the decoding before the next token. */
  readonly signal: AbortSignal;
  /** Tokens that the model does not write but is given; so many come first. */
  readonly promptLength: number;
  /** The token that ends the text. */
  readonly endId: number;
  /** Changes the scores of the next token, given how many tokens there are already. */
  readonly adjust?: (scores: Float32Array, length: number) => void;
}

/**
 * Watches one call of `generate`, which decodes greedily. It ends the decoding by demanding the end of the text, for
 * Whisper's `generate` heeds no stopping criteria (transformers.js 4.3.1).
 */
export function guardDecoding(
  { LogitsProcessor, LogitsProcessorList }: Library,
  { signal, promptLength, endId, adjust }: GuardOptions,
): GuardedDecoding {
  let logProbabilities = 0;
  let tokens = 0;

  class Watch extends (LogitsProcessor as new () => LogitsProcessor) {
    override _call([ids]: [bigint[]], logits: Tensor): Tensor {
      const scores = logits.data as Float32Array;
      adjust?.(scores, ids.length);
      if (signal.aborted || loopAtEnd(ids.slice(promptLength)) !== undefined) {
        demand(scores, endId);
      } else if (ids.length >= promptLength) {
        logProbabilities += likeliestLogProbability(scores);
        tokens++;
      }
      return logits;
    }
  }
  const logits_processor = new LogitsProcessorList();
  logits_processor.push(new Watch());
  return {
    parameters: { logits_processor, do_sample: false },
    confidence: () => tokens === 0 ? 0 : Math.exp(logProbabilities / tokens),
  };
}

/** Leaves the decoder no other token, whatever its score. */
export function demand(scores: Float32Array, id: number): void {
  scores.fill(-Infinity);
  scores[id] = 0;
}

/** The log-probability of the likeliest token. */
function likeliestLogProbability(scores: Float32Array): number {
  let max = -Infinity;
  for (const score of scores) if (score > max) max = score;
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - max);
  return -Math.log(sum);
}

const LOOP_TIMES = 4;
/** People do say "no no no no": only more tokens than that are a loop. */
const LOOP_TOKENS = 8;
const LONGEST_LOOP = 32;

/** Where the second round begins of tokens that come again and again at the end of `ids`, if they do. */
export function loopAtEnd(ids: readonly (number | bigint)[]): number | undefined {
  for (let length = 1; length <= LONGEST_LOOP; length++) {
    const looped = Math.max(LOOP_TOKENS, length * LOOP_TIMES);
    if (looped > ids.length) return undefined;
    let from = ids.length - length;
    while (from > 0 && ids[from - 1] === ids[from - 1 + length]) from--;
    if (ids.length - from >= looped) return from + length;
  }
  return undefined;
}

/** `ids` without the rounds of a loop at its end but the first. */
export function withoutLoop<T extends number | bigint>(ids: readonly T[]): readonly T[] {
  return ids.slice(0, loopAtEnd(ids));
}
