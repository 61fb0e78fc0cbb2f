/** One microphone to the conversation, several behind it: the device's, a client's, the demo's recordings. */
import type { AudioFrame, Microphone } from "../../pipeline/audio.ts";

/** Opened once; what it hears can be changed at any time by {@linkcode SwitchableMicrophone.use}. */
export class SwitchableMicrophone implements Microphone {
  /** The last one is heard. */
  #inUse: readonly Microphone[];
  #switch = new AbortController();

  /** `own`: what is heard while nothing else is in use; without one, nothing is. */
  constructor(own?: Microphone) {
    this.#inUse = own ? [own] : [];
  }

  /** What is being heard. */
  get selected(): Microphone | undefined {
    return this.#inUse.at(-1);
  }

  /**
   * Hears `microphone` from now on, its first frame after a gap; once disposed, whichever of those still in use
   * came last.
   */
  use(microphone: Microphone): Disposable {
    this.#become([...this.#inUse, microphone]);
    return { [Symbol.dispose]: () => this.#become(this.#inUse.filter((other) => other !== microphone)) };
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
        for await (const frame of this.selected?.open({ signal: either, sampleRateHz }) ?? []) {
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

  #become(inUse: readonly Microphone[]): void {
    const before = this.selected;
    this.#inUse = inUse;
    if (this.selected === before) return;
    const switched = this.#switch;
    this.#switch = new AbortController();
    switched.abort();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
