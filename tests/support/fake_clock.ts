/** A clock that moves only when told to, so that tests never wait. */
import type { Clock } from "../../pipeline/clock.ts";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Starts at `startMs`. {@linkcode FakeClock.advance} wakes whoever sleeps, in order of their times. */
export class FakeClock implements Clock {
  #nowMs: number;
  #sleepers: Sleeper[] = [];

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { atMs: this.#nowMs + ms, wake: resolve };
    this.#sleepers.push(sleeper);
    signal.addEventListener("abort", () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      reject(signal.reason);
    }, { once: true });
    return promise;
  }

  /** Lets `ms` pass; between sleepers everything that can run runs. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    while (true) {
      const next = this.#sleepers.filter((s) => s.atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/**
 * Lets every promise that can settle do so. The fakes wait for nothing but promises and this clock, so enough
 * turns of the microtask queue are all it takes: more than the longest chain of stages is deep.
 */
export async function settle(): Promise<void> {
  for (let i = 0; i < 300; i++) await undefined;
}
