/** How loud it is, for people to see that they are heard. */
import type { AudioFrame } from "./audio.ts";

/** Levels that are told together: with frames of 32 ms about ten times a second, as often as an eye follows. */
const TOLD_TOGETHER = 3;

/** Gathers the levels of one microphone. */
export class LevelMeter {
  #levels: number[] = [];

  /** Takes the next frame. Returns the loudest sample, 0 to 1, of each of the last few, whenever there are enough. */
  push({ samples }: AudioFrame): readonly number[] | undefined {
    this.#levels.push(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
    if (this.#levels.length < TOLD_TOGETHER) return undefined;
    const levels = this.#levels;
    this.#levels = [];
    return levels;
  }
}
