/** One request to a hub, patient with what passes and clear about what does not. */
import { systemClock } from "../../pipeline/clock.ts";
import type { CallOptions } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";

/** How long is waited, and how often tried. */
export interface Patience {
  /** Longest silence of a connection. */
  readonly stallMs: number;
  /** Failures in a row, with nothing gained between them, before giving up. */
  readonly attempts: number;
  /** Wait after the first failure; each later one is twice the one before, up to `longestWaitMs`. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** For a hub on the internet: six failures in a row are given up after about a minute. */
export const PATIENT: Patience = { stallMs: 30_000, attempts: 6, firstWaitMs: 500, longestWaitMs: 15_000 };

/** What is asked. */
export interface RequestOptions extends CallOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** What is being fetched, for messages. */
  readonly subject: string;
  readonly patience?: Patience;
}

/** A failure that passes: another try may succeed. */
export class Passing extends Error {
  constructor(message: string, readonly waitMs?: number) {
    super(message);
  }
}

/** Fetches a small answer, trying again after what passes. */
export function request(url: string, options: RequestOptions): Promise<Response> {
  const { signal, patience = PATIENT } = options;
  return persist({ signal, patience, subject: options.subject, progress: () => 0 }, async () => {
    const stalled = AbortSignal.timeout(patience.stallMs);
    const response = await open(url, { ...options, signal: AbortSignal.any([signal, stalled]) });
    // Read at once, so that a connection which breaks within the body counts as one that failed.
    return new Response(await response.arrayBuffer(), { headers: response.headers });
  });
}

/** Sends one request. Throws {@linkcode Passing} where trying again makes sense, else a `ParleyError`. */
export async function open(url: string, { signal, headers, subject }: RequestOptions): Promise<Response> {
  const response = await fetch(url, { headers, signal });
  if (response.ok) return response;
  await response.body?.cancel();
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) {
    throw new Passing(`HTTP ${status}`, retryAfterMs(response.headers.get("retry-after")));
  }
  throw refusal(status, subject);
}

function refusal(status: number, subject: string): ParleyError {
  if (status === 401 || status === 403) {
    const message = `The hub refuses ${subject}: accept its licence there and set HF_TOKEN, or check that.`;
    return new ParleyError("PERMISSION_DENIED", message, { recoverable: false });
  }
  if (status === 404) {
    return new ParleyError("NOT_FOUND", `The hub does not have ${subject}.`, { recoverable: false });
  }
  if (status === 416) {
    return new ParleyError(
      "MODEL_ERROR",
      `The hub's ${subject} is shorter than it says; nothing of it is used.`,
    );
  }
  return new ParleyError("UNAVAILABLE", `The hub answered HTTP ${status} for ${subject}; try again later.`);
}

/** What {@linkcode persist} works with. */
export interface PersistOptions extends CallOptions {
  readonly patience: Patience;
  readonly subject: string;
  /** How far it has come: while that grows, failures are not held against the hub. */
  readonly progress: () => number;
}

/** Tries until it succeeds, fails for good, or has failed too often without getting any further. */
export async function persist<T>(options: PersistOptions, attempt: () => Promise<T>): Promise<T> {
  const { signal, patience, subject, progress } = options;
  for (let failures = 0;;) {
    signal.throwIfAborted();
    const before = progress();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!passes(error)) throw error;
      failures = progress() > before ? 1 : failures + 1;
      if (failures >= patience.attempts) {
        const message =
          `The hub could not be reached for ${subject}, or broke off too often; try again later.`;
        throw new ParleyError("UNAVAILABLE", message, { cause: error });
      }
      const { firstWaitMs, longestWaitMs } = patience;
      const usual = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
      const asked = error instanceof Passing ? error.waitMs : undefined;
      await systemClock.sleep(Math.min(longestWaitMs, asked ?? usual), signal);
    }
  }
}

/** What the network does to a connection, as `fetch` throws it, and what we call so ourselves. */
function passes(error: unknown): boolean {
  return error instanceof Passing || error instanceof TypeError ||
    error instanceof DOMException && error.name === "TimeoutError";
}

function retryAfterMs(value: string | null): number | undefined {
  const seconds = Number(value ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
