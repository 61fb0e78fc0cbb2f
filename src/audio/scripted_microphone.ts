/** A microphone in a silent room in which recordings are played: what the demo listens to. */
import type { AudioFrame, Microphone } from "../../pipeline/audio.ts";
import type { Clock } from "../../pipeline/clock.ts";

/** How much sound passes at a time. */
const STEP_MS = 20;

interface Line {
  readonly samples: Float32Array;
  readonly done: () => void;
  position: number;
}

/** Hears silence, and each recording given to {@linkcode ScriptedMicrophone.say}, at real pace. */
export class ScriptedMicrophone implements Microphone {
  readonly #clock: Clock;
  readonly #speed: number;
  #lines: Line[] = [];

  /** `speed`: how many times faster than life the recordings are heard. */
  constructor(clock: Clock, speed = 1) {
    this.#clock = clock;
    this.#speed = speed;
  }

  /** Plays `samples` (at the rate the microphone is opened with) after what waits; resolves at their end. */
  say(samples: Float32Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const line = { samples, done: resolve, position: 0 };
    this.#lines.push(line);
    const abandon = () => {
      this.#lines = this.#lines.filter((other) => other !== line);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abandon, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", abandon));
  }

  async *open(options: { signal: AbortSignal; sampleRateHz: number }): AsyncIterable<AudioFrame> {
    const { signal, sampleRateHz } = options;
    const stepSamples = sampleRateHz * STEP_MS / 1000;
    const startMs = this.#clock.now();
    for (let heardMs = 0;; heardMs += STEP_MS / this.#speed) {
      // A microphone gives a stretch of sound once it is over.
      const dueMs = startMs + heardMs + STEP_MS / this.#speed;
      await this.#clock.sleep(Math.max(0, dueMs - this.#clock.now()), signal);
      yield { samples: this.#next(stepSamples), sampleRateHz, startMs: startMs + heardMs, gap: false };
    }
  }

  #next(count: number): Float32Array {
    const out = new Float32Array(count);
    const line = this.#lines[0];
    if (!line) return out;
    const part = line.samples.subarray(line.position, line.position + count);
    out.set(part);
    line.position += part.length;
    if (line.position >= line.samples.length) {
      this.#lines.shift();
      line.done();
    }
    return out;
  }
}
