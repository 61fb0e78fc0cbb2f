/** How long the event loop keeps what is due waiting. */
import { type Percentiles, percentilesOf } from "./sessions/metrics.ts";

/** How often it is looked at: often enough that a stall of a few milliseconds is caught in the act. */
const PERIOD_MS = 10;
/** How many of the newest samples count: a minute's. */
const SAMPLES = 6000;

/** Samples the event loop's lag until disposed: how much later than asked a timer runs. */
export class EventLoopLag implements Disposable {
  readonly #samples = new Float64Array(SAMPLES);
  #count = 0;
  #dueMs = performance.now() + PERIOD_MS;
  readonly #timer = setInterval(() => this.#sample(), PERIOD_MS);

  /** The distribution over the last minute, in milliseconds. */
  percentiles(): Percentiles {
    return percentilesOf([...this.#samples.subarray(0, Math.min(this.#count, SAMPLES))]);
  }

  /** Forgets what was sampled so far. */
  reset(): void {
    this.#count = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const nowMs = performance.now();
    this.#samples[this.#count++ % SAMPLES] = Math.max(0, nowMs - this.#dueMs);
    this.#dueMs = nowMs + PERIOD_MS;
  }
}
