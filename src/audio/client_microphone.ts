/** The microphone of a client that sends its own audio. */
import { type AudioFrame, durationMs, type Microphone, pcm16ToSamples } from "../../pipeline/audio.ts";
import { type Channel, channel } from "../../pipeline/channel.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { createResampler } from "./resample.ts";
import type { SwitchableMicrophone } from "./switchable_microphone.ts";

/** Sound that may wait to be heard. A client that sends faster than life loses what is beyond it. */
const QUEUE_MS = 2000;

/** Between `start()` and `stop()` the session hears what is pushed, instead of what it heard before. */
export class ClientMicrophone {
  readonly #session: SwitchableMicrophone;
  readonly #clock: Clock;
  #current: PushedMicrophone | undefined;
  #before: Microphone | undefined;

  constructor(session: SwitchableMicrophone, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /** Whether the session hears a client. */
  get active(): boolean {
    return this.#current !== undefined;
  }

  /** Hears what is pushed from now on, at `sampleRateHz`. */
  start(sampleRateHz: number): void {
    if (!this.#current) this.#before = this.#session.selected;
    this.#current = new PushedMicrophone(sampleRateHz, this.#clock);
    this.#session.use(this.#current);
  }

  /** Takes PCM16 of the announced rate. Throws `CONFLICT` before `start()`, `VALIDATION_ERROR` for odd bytes. */
  push(bytes: Uint8Array): void {
    if (!this.#current) {
      throw new ParleyError("CONFLICT", "Send audio_start before audio.");
    }
    this.#current.push(bytes);
  }

  /** Hears again what was heard before. */
  stop(): void {
    if (!this.#current) return;
    if (this.#session.selected === this.#current) this.#session.use(this.#before);
    this.#current = undefined;
    this.#before = undefined;
  }
}

class PushedMicrophone implements Microphone {
  readonly #sampleRateHz: number;
  readonly #clock: Clock;
  #frames: Channel<AudioFrame> | undefined;
  #lost = false;

  constructor(sampleRateHz: number, clock: Clock) {
    this.#sampleRateHz = sampleRateHz;
    this.#clock = clock;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || bytes.length % 2 !== 0) {
      throw new ParleyError(
        "VALIDATION_ERROR",
        "Audio must be whole 16-bit samples (PCM16, little-endian, mono).",
      );
    }
    const lengthMs = bytes.length / 2 * 1000 / this.#sampleRateHz;
    if (lengthMs > QUEUE_MS) {
      throw new ParleyError(
        "VALIDATION_ERROR",
        `An audio frame holds at most ${QUEUE_MS} ms; send 10 to 100 ms.`,
      );
    }
    const frame = {
      samples: pcm16ToSamples(bytes),
      sampleRateHz: this.#sampleRateHz,
      startMs: this.#clock.now() - lengthMs,
      gap: this.#lost,
    };
    this.#lost = this.#frames?.trySend(frame) !== true;
  }

  async *open(
    { signal, sampleRateHz }: { signal: AbortSignal; sampleRateHz: number },
  ): AsyncIterable<AudioFrame> {
    const frames = channel<AudioFrame>({ capacity: QUEUE_MS, cost: durationMs, signal });
    this.#frames = frames;
    using resampler = await createResampler(this.#sampleRateHz, sampleRateHz);
    for await (const frame of frames) {
      yield { ...frame, samples: resampler.push(frame.samples), sampleRateHz };
    }
  }
}
