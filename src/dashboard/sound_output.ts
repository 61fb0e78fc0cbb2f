/** The assistant's voice in the browser. */
import type { ReceivedSound } from "../protocol/generated/client.ts";

/** The first piece waits so long: just enough to be scheduled. Those after it come while it sounds. */
const LEAD_S = 0.005;

/** Plays pieces of sound one after the other. */
export class SoundOutput {
  readonly #context: AudioContext;
  readonly #sounding = new Set<AudioBufferSourceNode>();
  #endsAt = 0;

  constructor(context: AudioContext) {
    this.#context = context;
  }

  play({ samples, sampleRate }: ReceivedSound): void {
    const buffer = this.#context.createBuffer(1, samples.length, sampleRate);
    const channel = buffer.getChannelData(0);
    for (let i = 0; i < samples.length; i++) channel[i] = samples[i]! / 32_768;
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    source.onended = () => this.#sounding.delete(source);
    const startsAt = Math.max(this.#endsAt, this.#context.currentTime + LEAD_S);
    source.start(startsAt);
    this.#endsAt = startsAt + buffer.duration;
    this.#sounding.add(source);
  }

  /** Is silent from this moment on. */
  cut(): void {
    for (const source of this.#sounding) source.stop();
    this.#sounding.clear();
    this.#endsAt = 0;
  }
}
