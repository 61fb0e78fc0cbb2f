/** Raw sound as servers send and take it. */
import { samplesToPcm16, WAV_HEADER_BYTES, wavHeader } from "../../../pipeline/audio.ts";
import { ParleyError } from "../../../pipeline/errors.ts";

/** How raw sound is laid out: little-endian signed whole numbers, channels interleaved. */
export interface PcmFormat {
  /** Bytes of one number. */
  readonly widthBytes: number;
  readonly channels: number;
}

type ReadNumber = (view: DataView, offset: number) => number;

/** How a number of so many bytes becomes one in −1…1. */
const READERS: Readonly<Record<number, ReadNumber>> = {
  2: (view, offset) => view.getInt16(offset, true) / 2 ** 15,
  4: (view, offset) => view.getInt32(offset, true) / 2 ** 31,
};

/** Turns raw sound that comes in pieces, cut anywhere, into mono samples. */
export class PcmDecoder {
  readonly #read: ReadNumber;
  readonly #widthBytes: number;
  readonly #channels: number;
  /** The beginning of a sample whose end has not come. */
  #carried = new Uint8Array(0);

  /** `MODEL_ERROR` for a width that nobody can read. */
  constructor({ widthBytes, channels }: PcmFormat) {
    const read = READERS[widthBytes];
    if (!read) {
      throw new ParleyError(
        "MODEL_ERROR",
        `The speech server sends samples of ${widthBytes} bytes, which cannot be played: set it to 2 or 4.`,
      );
    }
    this.#read = read;
    this.#widthBytes = widthBytes;
    this.#channels = channels;
  }

  /** The samples that are whole by now, several channels mixed into one. */
  push(bytes: Uint8Array): Float32Array {
    const all = new Uint8Array(this.#carried.length + bytes.length);
    all.set(this.#carried);
    all.set(bytes, this.#carried.length);
    const stride = this.#widthBytes * this.#channels;
    const samples = new Float32Array(Math.floor(all.length / stride));
    const view = new DataView(all.buffer);
    for (let i = 0; i < samples.length; i++) {
      let sum = 0;
      for (let channel = 0; channel < this.#channels; channel++) {
        sum += this.#read(view, i * stride + channel * this.#widthBytes);
      }
      samples[i] = sum / this.#channels;
    }
    this.#carried = all.slice(samples.length * stride);
    return samples;
  }
}

/** A mono 16-bit WAV file of samples in −1…1. */
export function wavOf(samples: Float32Array, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const pcm = samplesToPcm16(samples);
  const file = new Uint8Array(WAV_HEADER_BYTES + pcm.length);
  file.set(wavHeader(sampleRateHz, pcm.length));
  file.set(pcm, WAV_HEADER_BYTES);
  return file;
}
