/** Where playback has got to, for devices that do not say. */
import type { Clock } from "../../pipeline/clock.ts";

/**
 * Follows what a device must be doing: it begins `latencyMs` after the first sound reaches it, plays at the
 * pace of life, and stands still when it has no more.
 */
export class Playhead {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  /** Ends of the stretches that were played without a break, in sound and in time. */
  #writtenMs = 0;
  #endsAtMs = 0;

  constructor(clock: Clock, latencyMs: number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** So much sound reaches the device now. Returns when its first sample sounds. */
  add(durationMs: number): number {
    const startsAtMs = Math.max(this.#endsAtMs, this.#clock.now() + this.#latencyMs);
    this.#endsAtMs = startsAtMs + durationMs;
    this.#writtenMs += durationMs;
    return startsAtMs;
  }

  /** How much has reached the device. */
  get writtenMs(): number {
    return this.#writtenMs;
  }

  /** How much has sounded. */
  get playedMs(): number {
    return Math.max(0, this.#writtenMs - this.aheadMs);
  }

  /** How long the device still has something to play. */
  get aheadMs(): number {
    return Math.max(0, this.#endsAtMs - this.#clock.now());
  }
}
