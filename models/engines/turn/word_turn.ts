/**
 * Reads from the words so far whether somebody who pauses has finished: a logistic regression on the words at the end,
 * those at the beginning and their number. `models/training/train_turn.py` makes its file.
 */
import { z } from "zod";
import type { PausedSpeech, TurnDetector } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";

const probability = z.number().min(0).max(1);

/** The file. */
const modelFile = z.strictObject({
  /** The words that are known, a space between them. */
  vocabulary: z.string().min(1),
  /** Words that are all one: a number's. */
  numbers: z.string(),
  /** What a text weighs of which nothing is known. */
  bias: z.number(),
  /** What each feature adds to that. */
  weights: z.record(z.string(), z.number()),
  /** From here up it is complete, from here down it is not; between, the length of the silence decides. */
  complete: probability,
  incomplete: probability,
});

/** What the words of a text are made of: letters, and apostrophes within them. */
const WORD = /\p{L}+(?:'\p{L}+)*/gu;
/** In the place of a number, of an unknown word, and before the first word. */
const NUMBER = "#";
const UNKNOWN = "?";
const START = "^";
const LONGEST_ENDING = 3;
const LONGEST = 8;
/** More unknown words than this share are another language, or nonsense: no opinion. */
const UNKNOWN_SHARE = 0.5;

/** The engine. */
export const wordTurn = defineEngine({
  task: "turn",
  options: z.strictObject({
    /** File URL of the weights. */
    model: z.url({ protocol: /^file$/ }),
    /**
     * Whether words that are complete end the turn before the silence does. What sounds complete often goes on: "what's the
     * weather" before "in London". So they do not, and the detector only makes the assistant wait where words are missing.
     */
    shortens: z.boolean().default(false),
  }),
  runs: "inline", // A few look-ups: a message to a worker would cost more.
  async load({ model, shortens }): Promise<TurnDetector> {
    const text = await Deno.readTextFile(new URL(model)).catch((cause) => {
      throw new ParleyError("NOT_FOUND", "The model file of the turn detector is missing.", { cause });
    });
    const judge = new WordTurn(parsed(text));
    const opinion = (speech: PausedSpeech) => {
      const completion = judge.completion(speech);
      return shortens || (completion ?? 1) < 0.5 ? completion : undefined;
    };
    return {
      readsWords: true,
      completion: (speech, { signal }) =>
        signal.aborted ? Promise.reject(signal.reason) : Promise.resolve(opinion(speech)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

function parsed(text: string): z.output<typeof modelFile> {
  try {
    return modelFile.parse(JSON.parse(text));
  } catch (cause) {
    const message = "The model file of the turn detector is not one that train_turn.py writes.";
    throw new ParleyError("MODEL_ERROR", message, { cause, recoverable: false });
  }
}

class WordTurn {
  readonly #file: z.output<typeof modelFile>;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #known: ReadonlySet<string>;
  readonly #numbers: ReadonlySet<string>;

  constructor(file: z.output<typeof modelFile>) {
    this.#file = file;
    this.#weights = new Map(Object.entries(file.weights));
    this.#known = new Set(file.vocabulary.split(" "));
    this.#numbers = new Set(file.numbers.split(" "));
  }

  /** Undefined for what it is unsure of, or cannot judge. */
  completion({ text = "" }: PausedSpeech): number | undefined {
    const words = this.#words(text);
    const unknown = words.filter((word) => word === UNKNOWN).length;
    if (words.length === 0 || unknown > UNKNOWN_SHARE * words.length) return undefined;
    const { bias, complete, incomplete } = this.#file;
    const score = featuresOf(words).reduce((sum, name) => sum + (this.#weights.get(name) ?? 0), bias);
    const completion = 1 / (1 + Math.exp(-score));
    return completion > incomplete && completion < complete ? undefined : completion;
  }

  /** A number of several words, or in digits, is one; so is what is not known. */
  #words(text: string): string[] {
    const words: string[] = [];
    const spoken = text.toLowerCase().replaceAll("’", "'").replaceAll(/\d+/g, " zero ");
    for (const [word] of spoken.matchAll(WORD)) {
      if (!this.#numbers.has(word)) words.push(this.#known.has(word) ? word : UNKNOWN);
      else if (words.at(-1) !== NUMBER) words.push(NUMBER);
    }
    return words;
  }
}

/** What is looked at; `models/training/turn_model.py` has the same. */
function featuresOf(words: readonly string[]): string[] {
  const begun = [START, ...words];
  const endings = Array.from(
    { length: Math.min(LONGEST_ENDING, begun.length) },
    (_, shorter) => begun.slice(-1 - shorter).join(" "),
  );
  const [first, last] = [words[0], words.at(-1)];
  const opening = words.slice(0, 2).join(" ");
  return [
    ...endings,
    `${first} .. ${last}`,
    `${opening} .. ${last}`,
    `${opening} ..`,
    `${Math.min(words.length, LONGEST)}`,
  ];
}
