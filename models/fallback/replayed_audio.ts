/** An utterance's audio for several listeners, each of which hears it from the beginning. */
import type { AudioFrame } from "../../pipeline/audio.ts";

/** Keeps what has come. */
export class ReplayedAudio {
  readonly #frames: AudioFrame[] = [];
  #changed = Promise.withResolvers<void>();
  #end: { readonly error?: unknown } | undefined;
  /** Resolves when no more comes, whatever the reason. */
  readonly ended: Promise<void>;

  constructor(audio: AsyncIterable<AudioFrame>) {
    this.ended = this.#collect(audio);
  }

  /** Whether the sound itself broke off, for which no listener can be blamed. */
  get isBroken(): boolean {
    return this.#end !== undefined && "error" in this.#end;
  }

  /** All of it from the beginning, and what is still to come as it comes. */
  async *replay(signal: AbortSignal): AsyncIterable<AudioFrame> {
    using aborted = onAbort(signal);
    for (let index = 0;;) {
      signal.throwIfAborted();
      const frame = this.#frames[index];
      if (frame) {
        index++;
        yield frame;
      } else if (!this.#end) {
        await Promise.race([this.#changed.promise, aborted.promise]);
      } else if ("error" in this.#end) throw this.#end.error;
      else return;
    }
  }

  async #collect(audio: AsyncIterable<AudioFrame>): Promise<void> {
    try {
      for await (const frame of audio) {
        this.#frames.push(frame);
        this.#wake();
      }
      this.#end = {};
    } catch (error) {
      this.#end = { error };
    }
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function onAbort(signal: AbortSignal): Disposable & { readonly promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const abort = () => resolve();
  signal.addEventListener("abort", abort, { once: true });
  return { promise, [Symbol.dispose]: () => signal.removeEventListener("abort", abort) };
}
