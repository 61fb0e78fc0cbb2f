/** Runs on the browser's audio thread: 10 ms of microphone at a time, as PCM16. */

/** What the worklet's scope offers; TypeScript's library does not know it. */
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const FRAME = Math.round(sampleRate / 100);

class Capture extends AudioWorkletProcessor {
  #frame = new Int16Array(FRAME);
  #filled = 0;

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    for (const sample of input?.[0] ?? []) {
      this.#frame[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 32_767;
      if (this.#filled < FRAME) continue;
      this.port.postMessage(this.#frame, [this.#frame.buffer]);
      this.#frame = new Int16Array(FRAME); // The other one is the main thread's now.
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor("capture", Capture);
