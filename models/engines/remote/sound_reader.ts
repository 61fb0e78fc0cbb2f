/** The raw sound in the answer of a server, whatever it says that it is. */
import { ParleyError } from "../../../pipeline/errors.ts";

const RIFF = "RIFF";
/** What files begin with that would be heard as noise: MP3, Ogg, FLAC, WebM. */
const COMPRESSED = ["ID3", "OggS", "fLaC", "\x1a\x45\xdf\xa3"];
/** Types of answers that cannot begin as a frame of MP3 or AAC does: 0xFF, then three bits set. */
const RAW = /^audio\/(x-)?(pcm|l16|raw)/i;
/** Before the sound in a WAV file are some descriptions of it at most. */
const MAX_HEADER_BYTES = 65_536;

/**
 * Reads mono sound of 16 bits. Some servers give a WAV file though they are asked for raw sound, and some call raw
 * sound MP3, so the first bytes tell. `MODEL_ERROR` where there is something else.
 */
export class SoundReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #contentType: string;
  readonly #sampleRateHz: number;
  #began = false;
  /** What is left of the sound, as far as that is known: after it other things may stand in a file. */
  #leftBytes = Infinity;

  constructor({ headers, body }: Response, sampleRateHz: number) {
    this.#contentType = headers.get("content-type") ?? "";
    if (!body || /^(text\/|application\/json)/i.test(this.#contentType)) throw noRawSound();
    this.#reader = body.getReader();
    this.#sampleRateHz = sampleRateHz;
  }

  /** The next piece of the sound. */
  async read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    const next = this.#began ? await this.#reader.read() : await this.#first();
    this.#began = true;
    if (next.done) return next;
    const value = next.value.subarray(0, Math.min(next.value.length, this.#leftBytes));
    this.#leftBytes -= value.length;
    return { done: false, value };
  }

  /** Waits for no more bytes than it takes to know. */
  async #first(): Promise<ReadableStreamReadResult<Uint8Array>> {
    let head = new Uint8Array(0);
    while (true) {
      const next = await this.#reader.read();
      if (next.done) {
        if (head.length >= RIFF.length) throw noRawSound();
        return head.length > 0 ? { done: false, value: head } : next;
      }
      const longer = new Uint8Array(head.length + next.value.length);
      longer.set(head);
      longer.set(next.value, head.length);
      head = longer;
      const start = this.#startOfSound(head);
      if (start !== undefined) return { done: false, value: head.subarray(start) };
    }
  }

  /** Undefined where more of the beginning must be seen. */
  #startOfSound(head: Uint8Array): number | undefined {
    const begin = String.fromCharCode(...head.subarray(0, 4));
    if (COMPRESSED.some((magic) => begin.startsWith(magic))) throw noRawSound();
    if (head[0] === 0xff && head.length > 1 && head[1]! >= 0xe0 && !RAW.test(this.#contentType)) {
      throw noRawSound();
    }
    if (begin === RIFF) return this.#startOfData(head);
    return begin.length < 4 && RIFF.startsWith(begin) ? undefined : 0;
  }

  #startOfData(head: Uint8Array): number | undefined {
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    let readable = false;
    for (let at = 12; at + 8 <= head.length;) {
      const name = String.fromCharCode(...head.subarray(at, at + 4));
      const bytes = view.getUint32(at + 4, true);
      if (name === "data") {
        if (!readable) throw noRawSound();
        // Whoever writes while speaking does not know how much it will be.
        this.#leftBytes = bytes === 0 || bytes >= 0x7fffffff ? Infinity : bytes;
        return at + 8;
      }
      if (name === "fmt " && at + 24 <= head.length) readable = this.#isReadable(view, at + 8);
      at += 8 + bytes + bytes % 2;
    }
    if (head.length > MAX_HEADER_BYTES) throw noRawSound();
    return undefined;
  }

  #isReadable(view: DataView, at: number): boolean {
    const rateHz = view.getUint32(at + 4, true);
    const readable = view.getUint16(at + 2, true) === 1 && view.getUint16(at + 14, true) === 16;
    if (!readable || rateHz === this.#sampleRateHz) return readable;
    const message = `The speech server speaks at ${rateHz} Hz: set models.tts.sample_rate to that.`;
    throw new ParleyError("MODEL_ERROR", message, { recoverable: false });
  }
}

function noRawSound(): ParleyError {
  return new ParleyError(
    "MODEL_ERROR",
    "The speech server gives no raw sound (response_format pcm): choose a server or model that does.",
  );
}
