/** No devices: nothing is heard, and what is spoken takes as long as it would. */
import { type AudioFrame, durationMs, type Playback } from "../../pipeline/audio.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import type { AudioBackend } from "./device.ts";
import { Playhead } from "./playhead.ts";

/** How much may be written ahead of what is played, as with a real device. */
export const WRITE_AHEAD_MS = 150;

/** The backend of a machine without sound: its loudspeaker plays in silence at the pace of life. */
export function nullBackend({ clock }: { readonly clock: Clock }): AudioBackend {
  return {
    name: "no sound",
    devices: () => Promise.resolve({ inputs: [], outputs: [] }),
    microphone: () => ({
      // deno-lint-ignore require-yield -- there is nothing to yield
      async *open() {
        throw new ParleyError("DEVICE_ERROR", "There is no microphone.");
      },
    }),
    loudspeaker: () => ({
      open: ({ signal }) => Promise.resolve(new PacedPlayback({ clock, signal })),
    }),
  };
}

/** How a {@linkcode PacedPlayback} is made. */
export interface PacedPlaybackOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Between writing and sound. Default: 0. */
  readonly latencyMs?: number;
  /** Takes what is written, at the pace of life. */
  readonly sink?: (samples: Float32Array) => Promise<void> | void;
}

/** Playback at the clock's pace. What a device does with the sound is the `sink`'s business. */
export class PacedPlayback implements Playback {
  readonly #options: PacedPlaybackOptions;
  readonly #playhead: Playhead;
  readonly #started = Promise.withResolvers<number>();
  #heardMs: number | undefined;
  #begun = false;

  constructor(options: PacedPlaybackOptions) {
    this.#options = options;
    this.#playhead = new Playhead(options.clock, options.latencyMs ?? 0);
  }

  get started(): Promise<number> {
    return this.#started.promise;
  }

  get playedMs(): number {
    return this.#heardMs ?? this.#playhead.playedMs;
  }

  async write(frame: AudioFrame): Promise<void> {
    const { clock, signal, sink } = this.#options;
    signal.throwIfAborted();
    const startsAtMs = this.#playhead.add(durationMs(frame));
    await sink?.(frame.samples);
    if (!this.#begun) this.#tellStart(startsAtMs);
    await clock.sleep(Math.max(0, this.#playhead.aheadMs - WRITE_AHEAD_MS), signal);
  }

  async drain(): Promise<void> {
    const { clock, signal } = this.#options;
    await clock.sleep(this.#playhead.aheadMs, signal);
    this.#heardMs ??= this.#playhead.writtenMs;
  }

  cut(): Promise<{ heardMs: number }> {
    this.#heardMs ??= this.#playhead.playedMs;
    return Promise.resolve({ heardMs: this.#heardMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut();
  }

  /** The promise settles when the sound does, not when it is certain to. */
  #tellStart(atMs: number): void {
    this.#begun = true;
    const { clock, signal } = this.#options;
    clock.sleep(Math.max(0, atMs - clock.now()), signal).then(() => this.#started.resolve(atMs), () => {});
  }
}
