/** Preparing an answer while it is still uncertain whether the user has finished. */
import type { Transcript } from "./engines.ts";
import type { Attempt } from "./turn.ts";

/** An answer under way. */
export interface Prepared {
  /** What it answers. */
  readonly text: string;
  readonly attempt: Attempt;
  /** Settles when the answer has been heard, has failed, or was stopped. */
  readonly done: Promise<void>;
}

/**
 * Watches an utterance. In a pause, as soon as a transcript covers all that was said, it has an answer
 * prepared; if the user goes on, or the transcript changes, that is thrown away. When the user has finished,
 * {@linkcode Speculation.settle} commits the prepared answer if it answers what was finally understood.
 */
export class Speculation {
  readonly #prepare: (text: string) => Prepared;
  readonly #all: Prepared[] = [];
  #current: Prepared | undefined;
  #latest: Transcript | undefined;
  #speechEndMs: number | undefined;

  constructor(prepare: (text: string) => Prepared) {
    this.#prepare = prepare;
  }

  /** More was understood. */
  heard(transcript: Transcript): void {
    this.#latest = transcript;
    this.#consider();
  }

  /** The user paused; speech ended `speechEndMs` after the start of the utterance's audio. */
  paused(speechEndMs: number): void {
    this.#speechEndMs = speechEndMs;
    this.#consider();
  }

  /** The user goes on. */
  resumed(): void {
    this.#speechEndMs = undefined;
    this.#discard();
  }

  /** The user has finished and said `text`: the one answer that will be heard. */
  settle(text: string): Prepared {
    if (this.#current?.text !== text) {
      this.#discard();
      this.#start(text);
    }
    const settled = this.#current!;
    settled.attempt.commit();
    return settled;
  }

  /** Stops whatever still works and resolves when nothing does. */
  async stop(): Promise<void> {
    this.#discard();
    await Promise.allSettled(this.#all.map((prepared) => prepared.done));
  }

  #consider(): void {
    const transcript = this.#latest;
    if (!transcript || this.#speechEndMs === undefined || transcript.audioMs < this.#speechEndMs) return;
    const text = transcript.text.trim();
    if (this.#current?.text === text) return;
    this.#discard();
    if (text) this.#start(text);
  }

  #start(text: string): void {
    this.#current = this.#prepare(text);
    this.#current.done.catch(() => {}); // Failure is told by the stage and met again by whoever settles.
    this.#all.push(this.#current);
  }

  #discard(): void {
    this.#current?.attempt[Symbol.dispose]();
    this.#current = undefined;
  }
}
