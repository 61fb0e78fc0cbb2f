/** How much a client may ask. */

/** A bucket that refills at `perSecond` and holds a second's worth. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledMs = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Takes one; false when there is none. */
  take(): boolean {
    const nowMs = performance.now();
    const refill = (nowMs - this.#filledMs) / 1000 * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refill);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
