/** Mono PCM and the arithmetic of samples and milliseconds. */

/** A stretch of mono sound. Whoever receives a frame owns its samples. */
export interface AudioFrame {
  /** Mono samples in −1…1. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  /** When its first sample was captured, on the {@linkcode Clock} of the session. */
  readonly startMs: number;
  /** Samples were lost between the frame before and this one. */
  readonly gap: boolean;
}

/** Where sound comes from. */
export interface Microphone {
  /**
   * Opens the device and yields frames of any length at `sampleRateHz` until the signal aborts, when it
   * throws the signal's reason. Ends when the source has no more (a file); throws `DEVICE_ERROR` when lost.
   */
  open(options: { readonly signal: AbortSignal; readonly sampleRateHz: number }): AsyncIterable<AudioFrame>;
}

/** Where sound goes. */
export interface Loudspeaker {
  /** Opens the device for one answer. Throws `DEVICE_ERROR` when there is none. */
  open(options: { readonly signal: AbortSignal; readonly sampleRateHz: number }): Promise<Playback>;
}

/** One answer's way to the loudspeaker. Disposing cuts. */
export interface Playback extends AsyncDisposable {
  /** Resolves once the device has room for more; rejects with `DEVICE_ERROR` when it is lost. */
  write(frame: AudioFrame): Promise<void>;
  /** Resolves with the clock's time at which the first sample sounds; never if none ever does. */
  readonly started: Promise<number>;
  /** How much of what was written has truly sounded, in milliseconds. */
  readonly playedMs: number;
  /** Lets what is buffered play out, then closes. */
  drain(): Promise<void>;
  /** Silences within 50 ms, drops what is buffered, closes, and says how much was heard. Idempotent. */
  cut(): Promise<{ readonly heardMs: number }>;
}

/** Length of a frame in milliseconds. */
export function durationMs(frame: Pick<AudioFrame, "samples" | "sampleRateHz">): number {
  return frame.samples.length * 1000 / frame.sampleRateHz;
}

/** All samples one after the other. */
export function concatSamples(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Little-endian signed 16-bit bytes → samples in −1…1. A trailing odd byte is ignored. */
export function pcm16ToSamples(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(bytes.byteLength >> 1);
  for (let i = 0; i < out.length; i++) out[i] = view.getInt16(i * 2, true) / 32768;
  return out;
}

/** Samples in −1…1 (louder ones clipped) → little-endian signed 16-bit bytes. */
export function samplesToPcm16(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(samples.length * 2);
  const view = new DataView(out.buffer);
  for (let i = 0; i < samples.length; i++) {
    const clipped = Math.max(-1, Math.min(1, samples[i]!));
    view.setInt16(i * 2, Math.round(clipped < 0 ? clipped * 32768 : clipped * 32767), true);
  }
  return out;
}

/** Root mean square level in dB relative to full scale; −Infinity for digital silence. */
export function levelDb(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 10 * Math.log10(sum / Math.max(1, samples.length));
}

/**
 * Cuts frames of any length into frames of exactly `frameSamples`. What is left at the end is padded with
 * silence. A frame that follows a gap starts afresh: what was half collected before it is dropped.
 */
export async function* reframe(
  frames: AsyncIterable<AudioFrame>,
  frameSamples: number,
): AsyncIterable<AudioFrame> {
  let pending = new Float32Array(frameSamples);
  let filled = 0;
  let startMs = 0;
  let sampleRateHz = 0;
  let gap = false;
  for await (const frame of frames) {
    if (frame.gap) {
      filled = 0;
      gap = true;
    }
    sampleRateHz = frame.sampleRateHz;
    for (let offset = 0; offset < frame.samples.length;) {
      if (filled === 0) startMs = frame.startMs + offset * 1000 / sampleRateHz;
      const take = Math.min(frameSamples - filled, frame.samples.length - offset);
      pending.set(frame.samples.subarray(offset, offset + take), filled);
      filled += take;
      offset += take;
      if (filled < frameSamples) break;
      yield { samples: pending, sampleRateHz, startMs, gap };
      pending = new Float32Array(frameSamples);
      filled = 0;
      gap = false;
    }
  }
  if (filled > 0) yield { samples: pending.fill(0, filled), sampleRateHz, startMs, gap };
}

/** Bytes before the first sample. */
export const WAV_HEADER_BYTES = 44;
/** In a header that is sent before the length of its sound is known. */
export const UNKNOWN_LENGTH = 0xFFFFFFFF;

/**
 * The RIFF header of 16-bit mono PCM (Microsoft, "Multimedia Programming Interface", 1991) with `dataBytes` of sound
 * behind it, or `UNKNOWN_LENGTH`, which makes both sizes as large as can be, as OpenAI sends them.
 */
export function wavHeader(sampleRateHz: number, dataBytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const text = (at: number, value: string) => header.set(new TextEncoder().encode(value), at);
  text(0, "RIFF");
  view.setUint32(4, Math.min(WAV_HEADER_BYTES - 8 + dataBytes, UNKNOWN_LENGTH), true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, dataBytes, true);
  return header;
}
