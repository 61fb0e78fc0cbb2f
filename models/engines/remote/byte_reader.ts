/** Lines and blocks of bytes from a connection. */

const READ_BYTES = 16_384;
const NEWLINE = 10;

/** The stream broke off in the middle of a line or block, or cannot be read any more. */
export class CutShortError extends Error {
  override readonly name = "CutShortError";
}

/** More than was allowed came, or was announced. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";
}

/** Reads a stream of bytes piece by piece. Calls must not overlap. */
export class ByteReader {
  readonly #source: { read(buffer: Uint8Array): Promise<number | null> };
  /** What has been read and not been taken. */
  #rest = new Uint8Array(0);

  constructor(source: { read(buffer: Uint8Array): Promise<number | null> }) {
    this.#source = source;
  }

  /** The next line without its end, or nothing where the stream ends before it. */
  async line(maxBytes: number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (let length = 0;;) {
      const end = this.#rest.indexOf(NEWLINE);
      const part = end < 0 ? this.#rest : this.#rest.subarray(0, end);
      length += part.length;
      if (length > maxBytes) throw new TooLongError();
      parts.push(part);
      if (end >= 0) {
        this.#rest = this.#rest.subarray(end + 1);
        return joined(parts, length);
      }
      if (await this.#fill()) continue;
      if (length > 0) throw new CutShortError();
      return undefined;
    }
  }

  /** Exactly so many bytes. */
  async block(lengthBytes: number, maxBytes: number): Promise<Uint8Array> {
    if (lengthBytes > maxBytes) throw new TooLongError();
    const parts: Uint8Array[] = [];
    for (let missing = lengthBytes; missing > 0;) {
      if (this.#rest.length === 0 && !await this.#fill()) throw new CutShortError();
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return joined(parts, lengthBytes);
  }

  async #fill(): Promise<boolean> {
    const buffer = new Uint8Array(READ_BYTES);
    const bytes = await this.#source.read(buffer).catch(() => {
      throw new CutShortError();
    });
    this.#rest = buffer.subarray(0, bytes ?? 0);
    return bytes !== null;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
