/** One microphone to the conversation, several behind it: the device's, a client's, the demo's recordings. */
import type { AudioFrame, Microphone } from "../../pipeline/audio.ts";

/** Opened once; what it hears can be changed at any time by {@linkcode SwitchableMicrophone.use}. */
export class SwitchableMicrophone implements Microphone {
  #selected: Microphone | undefined;
  #switch = new AbortController();

  /** `selected`: what is heard at first; without one, nothing is heard until `use()`. */
  constructor(selected?: Microphone) {
    this.#selected = selected;
  }

  /** What is being heard. */
  get selected(): Microphone | undefined {
    return this.#selected;
  }

  /** Hears `microphone` from now on, or nothing. The first frame from it follows a gap. */
  use(microphone: Microphone | undefined): void {
    if (microphone === this.#selected) return;
    this.#selected = microphone;
    const before = this.#switch;
    this.#switch = new AbortController();
    before.abort();
  }

  /** Yields frames of whatever is selected; a source that ends is silent until another is selected. */
  async *open(options: { signal: AbortSignal; sampleRateHz: number }): AsyncIterable<AudioFrame> {
    const { signal, sampleRateHz } = options;
    while (true) {
      signal.throwIfAborted();
      const switched = this.#switch.signal;
      const either = AbortSignal.any([signal, switched]);
      try {
        let gap = true;
        for await (const frame of this.#selected?.open({ signal: either, sampleRateHz }) ?? []) {
          yield gap ? { ...frame, gap } : frame;
          gap = false;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!switched.aborted) throw error;
      }
      await aborted(either);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
