/** Circuit breaking: an engine that keeps failing is not asked for a while, so that nobody waits for it in vain. */
import type { ParleyError } from "../../pipeline/errors.ts";

/** Failures in a row after which an engine rests. */
const MOST_FAILURES = 2;
/** The first rest; each later one is twice the one before, until a call succeeds. */
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 300_000;

/** An engine in a chain, and how it has been doing. */
export class Link<E> {
  #failures = 0;
  #restMs = FIRST_REST_MS;
  #restsUntilMs = -Infinity;

  constructor(readonly engine: E, readonly name: string) {}

  /** Whether it may be asked. After a rest one call finds out whether it is back. */
  isReady(nowMs: number): boolean {
    return nowMs >= this.#restsUntilMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#restMs = FIRST_REST_MS;
  }

  failed(nowMs: number): void {
    if (++this.#failures < MOST_FAILURES) return;
    this.#restsUntilMs = nowMs + this.#restMs;
    this.#restMs = Math.min(LONGEST_REST_MS, this.#restMs * 2);
  }
}

/** What a chain works with. */
export interface ChainOptions {
  /** How long an engine may take to begin its answer, or to finish one that is due. */
  readonly patienceMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told when an engine failed and the next takes over. */
  readonly onFailure: (name: string, error: ParleyError) => void;
}

/** Those to be asked, in order: all that are not resting, or if none is left, all. */
export function askable<E>(links: readonly Link<E>[], nowMs: number): readonly Link<E>[] {
  const ready = links.filter((link) => link.isReady(nowMs));
  return ready.length > 0 ? ready : links;
}
