/** The microphone of a client that sends its own audio. */
import { type AudioFrame, durationMs, type Microphone, pcm16ToSamples } from "../../pipeline/audio.ts";
import { type Channel, channel } from "../../pipeline/channel.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { createResampler } from "../../models/resample.ts";
import type { SwitchableMicrophone } from "./switchable_microphone.ts";

/** Sound that may wait to be heard. A client that sends faster than life loses what is beyond it. */
const QUEUE_MS = 2000;

/** The sound of one client. Disposing it ends its being heard. */
export interface ClientSound extends Disposable {
  /** Takes PCM16. Throws `VALIDATION_ERROR` for odd bytes, `CONFLICT` when another client has taken over. */
  push(bytes: Uint8Array): void;
}

/** Lets clients be heard instead of the session's own microphone, one at a time. */
export class ClientMicrophone {
  readonly #session: SwitchableMicrophone;
  readonly #clock: Clock;
  #current: ClientSound | undefined;

  constructor(session: SwitchableMicrophone, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /** Whether the session hears a client. */
  get active(): boolean {
    return this.#current !== undefined;
  }

  /** Hears what is pushed from now on, at `sampleRateHz`, and nobody who started before. */
  start(sampleRateHz: number): ClientSound {
    this.#current?.[Symbol.dispose]();
    const microphone = new PushedMicrophone(sampleRateHz, this.#clock);
    const heard = this.#session.use(microphone);
    const sound: ClientSound = {
      push: (bytes) => {
        if (this.#current !== sound) {
          throw new ParleyError(
            "CONFLICT",
            "Another client is heard now; send audio_start to be heard again.",
          );
        }
        microphone.push(bytes);
      },
      [Symbol.dispose]: () => {
        heard[Symbol.dispose]();
        if (this.#current === sound) this.#current = undefined;
      },
    };
    this.#current = sound;
    return sound;
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
