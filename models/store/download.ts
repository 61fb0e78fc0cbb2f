/** Fetching one file: goes on where it was cut, and is there only when every byte of it is right. */
import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import type { CallOptions } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { sizeOf } from "./model_store.ts";
import { open, Passing, type Patience, PATIENT, persist } from "./request.ts";

/** What is fetched, and what is known of it beforehand. */
export interface DownloadOptions extends CallOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the file will be. Until it is complete and right it is `<target>.part`. */
  readonly target: string;
  readonly bytes: number;
  readonly sha256?: string;
  readonly gitSha1?: string;
  /** What it is called in messages. */
  readonly subject: string;
  /** Told how many of its bytes are there. Goes back when wrong ones were thrown away. */
  readonly onProgress?: (bytes: number) => void;
  readonly patience?: Patience;
}

/** A fetch of wrong bytes may have been bad luck once. */
const MOST_WRONG = 2;

/**
 * Fetches the file and returns its SHA-256. What an earlier try left is continued. Rejects with
 * `UNAVAILABLE`, `NOT_FOUND`, `PERMISSION_DENIED`, or `MODEL_ERROR` where the hub gives other bytes than it should.
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { target, signal, subject, patience = PATIENT } = options;
  await Deno.mkdir(dirname(target), { recursive: true });
  const part = `${target}.part`;
  if (await sizeOf(part) === undefined) await takeUp(target, part);
  let reached = 0;
  for (let wrong = 0; wrong < MOST_WRONG; wrong++) {
    const digest = await persist({ signal, patience, subject, progress: () => reached }, async () => {
      await using file = await PartFile.open(part, options.bytes, { signal });
      reached = Math.max(reached, file.bytes);
      options.onProgress?.(file.bytes);
      if (file.bytes < options.bytes) {
        await append(file, { ...options, patience }, (bytes) => {
          reached = Math.max(reached, bytes);
          options.onProgress?.(bytes);
        });
      }
      return await file.finish();
    });
    if (isRight(digest, options)) {
      await Deno.rename(part, target);
      return digest.sha256;
    }
    await Deno.remove(part);
    reached = 0;
    options.onProgress?.(0);
  }
  throw wrongBytes(subject);
}

/** What came whole in a pull that another file ended, or was damaged since, is looked at as any other part is. */
async function takeUp(target: string, part: string): Promise<void> {
  try {
    await Deno.rename(target, part);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function wrongBytes(subject: string): ParleyError {
  const message = `The hub gives other bytes of ${subject} than it should; none of them are used.`;
  return new ParleyError("MODEL_ERROR", message);
}

interface Digest {
  readonly sha256: string;
  readonly gitSha1: string;
}

function isRight(digest: Digest, { sha256, gitSha1 }: DownloadOptions): boolean {
  return (sha256 === undefined || sha256 === digest.sha256) &&
    (gitSha1 === undefined || gitSha1 === digest.gitSha1);
}

/** Appends what is missing, as far as the connection carries. */
async function append(
  file: PartFile,
  options: DownloadOptions & { readonly patience: Patience },
  onProgress: (bytes: number) => void,
): Promise<void> {
  const { url, headers, signal, subject, patience } = options;
  using silence = new Silence(patience.stallMs);
  const range = file.bytes > 0 ? { range: `bytes=${file.bytes}-` } : {};
  const response = await open(url, {
    headers: { ...headers, ...range, "accept-encoding": "identity" },
    signal: AbortSignal.any([signal, silence.signal]),
    subject,
  });
  try {
    if (response.status !== 206) file.restart();
    else if (startOf(response) !== file.bytes) throw new Passing("another range than was asked for");
    for await (const chunk of response.body ?? []) {
      silence.renew();
      if (file.bytes + chunk.length > options.bytes) {
        file.restart();
        throw wrongBytes(subject);
      }
      await file.append(chunk);
      onProgress(file.bytes);
    }
  } finally {
    await response.body?.cancel().catch(() => {}); // Whatever was wrong has been said.
  }
  if (file.bytes < options.bytes) throw new Passing("cut");
}

function startOf(response: Response): number {
  return Number(response.headers.get("content-range")?.match(/^bytes (\d+)-/)?.[1] ?? NaN);
}

const READ_BYTES = 1 << 20;

/** The beginning of a file on its way, hashed as it grows. */
class PartFile implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #total: number;
  #sha256!: Hash;
  #gitSha1!: Hash;
  #bytes = 0;

  /** Opens what there is by now. Longer than the file can be, it is not its beginning. */
  static async open(path: string, total: number, call: CallOptions): Promise<PartFile> {
    const part = new PartFile(await Deno.open(path, { create: true, read: true, write: true }), total);
    try {
      await part.#readBack(call);
      return part;
    } catch (error) {
      await part[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(file: Deno.FsFile, total: number) {
    this.#file = file;
    this.#total = total;
    this.#begin();
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Forgets all there is. */
  restart(): void {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#begin();
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      written += await this.#file.write(bytes.subarray(written));
    }
    this.#count(bytes);
  }

  /** Makes sure that the disk has it and says what it is. */
  async finish(): Promise<Digest> {
    await this.#file.syncData();
    return { sha256: this.#sha256.digest("hex"), gitSha1: this.#gitSha1.digest("hex") };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }

  async #readBack({ signal }: CallOptions): Promise<void> {
    const { size } = await this.#file.stat();
    if (size > this.#total) return this.restart();
    const buffer = new Uint8Array(READ_BYTES);
    for (let read; (read = await this.#file.read(buffer)) !== null;) {
      signal.throwIfAborted();
      this.#count(buffer.subarray(0, read));
    }
  }

  #begin(): void {
    this.#bytes = 0;
    this.#sha256 = createHash("sha256");
    // What git calls a file: the hash of its length and its bytes.
    this.#gitSha1 = createHash("sha1").update(`blob ${this.#total}\0`);
  }

  #count(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#sha256.update(bytes);
    this.#gitSha1.update(bytes);
  }
}

/** Aborts when nothing has come for a while. */
class Silence implements Disposable {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.renew();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new Passing("stalled")), this.#ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
