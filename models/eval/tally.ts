/** Adding up what was understood. */
import type { Transcript } from "../../pipeline/engines.ts";
import { wordErrors, wordsOf } from "./word_errors.ts";

/** What the recogniser made of one set. */
export interface SetFigures {
  readonly name: string;
  readonly utterances: number;
  /** Utterances without a wrong word. */
  readonly exactlyRight: number;
  /** Utterances that it calls doubtful or hears nothing in, and those of them with a wrong word. */
  readonly rejected: number;
  readonly rejectedAndWrong: number;
  readonly words: number;
  readonly wordsWrong: number;
  /** Of whole sentences, which are also listened to as they grow. */
  readonly steadiness?: Steadiness;
}

/** What its doubts are worth: it rejects what it calls doubtful, and what it hears nothing in. */
export interface Doubts {
  readonly utterances: number;
  readonly rejected: number;
  /** Utterances with a wrong word. */
  readonly wrong: number;
  readonly rejectedAndWrong: number;
}

/** How steady its words are while they are spoken. */
export interface Steadiness {
  /** Words of the final transcripts that were looked at again 300 ms of audio or more after their end. */
  readonly words: number;
  /** Those that stood unchanged, in their place, from then on. */
  readonly steady: number;
}

/** Whether the recogniser itself would rather not have it acted upon. */
export function isRejected({ text, doubtful = false }: Transcript): boolean {
  return doubtful || text.trim() === "";
}

/** Counts one set. */
export class SetTally {
  readonly #name: string;
  #figures = { utterances: 0, exactlyRight: 0, rejected: 0, rejectedAndWrong: 0, words: 0, wordsWrong: 0 };
  #steadiness: Steadiness | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Adds what was understood of `said`. */
  add(said: string, transcript: Transcript): void {
    const truth = wordsOf(said);
    const wordsWrong = wordErrors(truth, wordsOf(transcript.text));
    const [isWrong, isDoubted] = [wordsWrong > 0, isRejected(transcript)].map(Number) as [number, number];
    this.#figures = sum(this.#figures, {
      utterances: 1,
      exactlyRight: 1 - isWrong,
      rejected: isDoubted,
      rejectedAndWrong: isWrong * isDoubted,
      words: truth.length,
      wordsWrong,
    });
  }

  /** Adds what was understood while it was being said. */
  addGrowing(transcripts: readonly Transcript[]): void {
    this.#steadiness = sum({ words: 0, steady: 0, ...this.#steadiness }, { ...steadinessOf(transcripts) });
  }

  get figures(): SetFigures {
    const steadiness = this.#steadiness;
    return { name: this.#name, ...this.#figures, ...(steadiness && { steadiness }) };
  }

  get doubts(): Doubts {
    const { utterances, exactlyRight, rejected, rejectedAndWrong } = this.#figures;
    return { utterances, rejected, wrong: utterances - exactlyRight, rejectedAndWrong };
  }
}

/** Key by key. */
export function sum<K extends string>(
  a: Readonly<Record<K, number>>,
  b: Readonly<Record<K, number>>,
): Record<K, number> {
  const keys = Object.keys(a) as K[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as Record<K, number>;
}

/** A word may change until so long after its end. */
const SETTLING_MS = 300;

/** How steady the words of the last of these transcripts, the final one, were in those before. */
export function steadinessOf(transcripts: readonly Transcript[]): Steadiness {
  const partials = transcripts.filter(({ final }) => !final);
  const { words = [] } = transcripts.at(-1) ?? {};
  const judged = words.flatMap(({ word, endMs }, index) => {
    const later = partials.filter(({ audioMs }) => audioMs >= endMs + SETTLING_MS);
    return later.length === 0 ? [] : [later.every(({ text }) => text.split(" ")[index] === word)];
  });
  return { words: judged.length, steady: judged.filter(Boolean).length };
}
