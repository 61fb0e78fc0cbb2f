/** A model hub on this machine, with the manners of Hugging Face's and, where a test asks for it, none at all. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a repository holds: path → bytes. */
export type RepositoryFiles = Readonly<Record<string, Uint8Array>>;

/** How the hub misbehaves. Each is asked anew at every request of a file. */
export interface Manners {
  /** Bytes of the body after which the connection breaks. */
  readonly cutAfter?: (path: string, request: number) => number | undefined;
  /** Bytes after which nothing more comes, while the connection stays open. */
  readonly stallAfter?: (path: string, request: number) => number | undefined;
  /** What is sent in the place of the file. */
  readonly serve?: (path: string, bytes: Uint8Array, request: number) => Uint8Array;
  /** Answers that it has no time. */
  readonly busy?: (path: string, request: number) => boolean;
  /** Changes what the listing says of a file's size. */
  readonly listedSize?: (path: string, size: number) => number;
  /** Bytes a second, over all connections together. */
  readonly bytesPerSecond?: number;
  /** Ignores ranges, as some proxies do. */
  readonly wholeFiles?: boolean;
  /** What must be shown to the hub, and must not be shown to the store of large files. */
  readonly token?: string;
}

/** The hub, while it serves. */
export interface ModelHub extends AsyncDisposable {
  readonly endpoint: string;
  /** Every request: what was asked for, from which byte on, and whether the token was shown. */
  readonly requests: { readonly path: string; readonly from: number; readonly token: string | undefined }[];
  manners: Manners;
}

const CHUNK_BYTES = 16_384;

/** Serves `repositories` (by name) until it is disposed of. Large files come from another origin, as on the real hub. */
export async function serveModels(
  repositories: Readonly<Record<string, RepositoryFiles>>,
  manners: Manners = {},
): Promise<ModelHub> {
  const requests: ModelHub["requests"] = [];
  const counts = new Map<string, number>();
  const throttle = new Throttle();
  const hub = { manners };

  function list(repository: string, response: ServerResponse): void {
    const files = repositories[repository];
    if (!files) return refuse(response, 404);
    const entries = Object.entries(files).map(([path, bytes]) => {
      const size = hub.manners.listedSize?.(path, bytes.length) ?? bytes.length;
      const entry = { type: "file", path, size, oid: gitSha1(bytes) };
      return isLarge(path) ? { ...entry, lfs: { oid: sha256(bytes), size } } : entry;
    });
    response.end(JSON.stringify(entries));
  }

  async function send(request: IncomingMessage, response: ServerResponse, file: [string, Uint8Array]) {
    const [path, whole] = file;
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const { cutAfter, stallAfter, serve, busy, wholeFiles, bytesPerSecond } = hub.manners;
    const range = wholeFiles ? undefined : request.headers.range?.match(/bytes=(\d+)-/)?.[1];
    const from = Number(range ?? 0);
    requests.push({ path, from, token: request.headers.authorization });
    if (busy?.(path, count)) return refuse(response, 503, { "retry-after": "0" });
    const bytes = serve?.(path, whole, count) ?? whole;
    if (from >= bytes.length && range) return refuse(response, 416);
    response.writeHead(range === undefined ? 200 : 206, {
      "content-length": bytes.length - from,
      ...(range !== undefined && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.flushHeaders();
    const cut = cutAfter?.(path, count);
    const stall = stallAfter?.(path, count);
    const end = Math.min(bytes.length, from + Math.min(cut ?? Infinity, stall ?? Infinity));
    const step = bytesPerSecond === undefined ? CHUNK_BYTES : bytesPerSecond / 100;
    for (let at = from; at < end && !response.destroyed; at += step) {
      const chunk = bytes.subarray(at, Math.min(end, at + step));
      await throttle.take(chunk.length, bytesPerSecond);
      // Until it has left: a cut that overtakes it would take it along.
      await new Promise((resolve) => response.write(chunk, resolve));
    }
    if (cut !== undefined) response.socket?.destroySoon();
    else if (stall === undefined) response.end();
  }

  const store = await listen((request, response) => {
    const [, repository = "", path = ""] = decodeURIComponent(request.url ?? "")
      .match(/^\/([^/]+\/[^/]+)\/(.+)$/) ?? [];
    return send(request, response, [path, repositories[repository]![path]!]);
  });
  const front = await listen((request, response) => {
    const { token } = hub.manners;
    if (token && request.headers.authorization !== `Bearer ${token}`) return refuse(response, 401);
    const path = decodeURIComponent(request.url ?? "").split("?")[0]!;
    const listed = path.match(/^\/api\/models\/([^/]+\/[^/]+)\/tree\//)?.[1];
    if (listed) return list(listed, response);
    const [, repository = "", file = ""] = path.match(/^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/) ?? [];
    const bytes = repositories[repository]?.[file];
    if (!bytes) return refuse(response, 404);
    if (!isLarge(file)) return send(request, response, [file, bytes]);
    response.writeHead(302, { location: `${store.origin}/${repository}/${file}` }).end();
  });
  return Object.assign(hub, {
    endpoint: front.origin,
    requests,
    async [Symbol.asyncDispose]() {
      await Promise.all([front[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
    },
  });
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

/** Serves on a free port of this machine. */
async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const LATE_MS = 100;

/** One bandwidth for all connections. */
class Throttle {
  #freeAtMs = 0;

  async take(size: number, bytesPerSecond = Infinity): Promise<void> {
    if (bytesPerSecond === Infinity) return;
    // Timers are late: what was missed by that is made up for.
    const startMs = Math.max(this.#freeAtMs, performance.now() - LATE_MS);
    this.#freeAtMs = startMs + size / bytesPerSecond * 1000;
    const waitMs = this.#freeAtMs - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** The hub stores weights apart from the repository. */
function isLarge(path: string): boolean {
  return /\.(onnx|onnx_data|bin)$/.test(path);
}

/** As hubs list large files. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function gitSha1(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
