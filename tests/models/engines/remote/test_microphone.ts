/** Sound that comes when a test says so. */
import type { AudioFrame } from "../../../../pipeline/audio.ts";
import { channel } from "../../../../pipeline/channel.ts";
import { LISTENING_RATE_HZ, VAD_FRAME_SAMPLES } from "../../../../pipeline/engines.ts";

/** A frame (32 ms) of one level. */
export function frameOf(level: number, index = 0): AudioFrame {
  return {
    samples: new Float32Array(VAD_FRAME_SAMPLES).fill(level),
    sampleRateHz: LISTENING_RATE_HZ,
    startMs: index * VAD_FRAME_SAMPLES * 1000 / LISTENING_RATE_HZ,
    gap: false,
  };
}

/** An utterance under way. */
export class TestMicrophone {
  readonly #frames = channel<AudioFrame>({ capacity: Infinity, signal: new AbortController().signal });

  /** What an engine is given. */
  get audio(): AsyncIterable<AudioFrame> {
    return this.#frames;
  }

  /** So many frames are spoken. */
  hear(frames: number): void {
    for (let index = 0; index < frames; index++) this.#frames.trySend(frameOf(0.5, index));
  }

  /** The utterance ends, or fails. */
  end(error?: unknown): void {
    this.#frames.close(error);
  }
}
