/** Requests to servers with OpenAI's API: time limit, tries, and what is said when they fail. */
import { systemClock } from "../../../pipeline/clock.ts";
import type { CallOptions } from "../../../pipeline/engines.ts";
import { type ErrorCode, ParleyError } from "../../../pipeline/errors.ts";
import type { ApiKeyPlace } from "./api_key.ts";
import type { Patience } from "./patience.ts";

/** A server as messages speak of it. */
export interface RemoteServer {
  /** Such as "language model server". */
  readonly name: string;
  /** Where its settings are, such as "models.llm". */
  readonly section: string;
  readonly settings: ApiKeyPlace & { readonly model: string; readonly timeout_ms: number };
}

/** How a request went wrong. */
export interface Circumstances {
  readonly server: RemoteServer;
  /** The server took too long. */
  readonly timedOut: boolean;
  /** What came is not what the protocol has there. */
  readonly unreadable?: boolean;
}

/** An answer that is no success. The AI SDK's errors carry their status under the same name. */
class StatusError extends Error {
  override readonly name = "StatusError";

  /** `retryAfterMs`: how long the server asks to be left alone. */
  constructor(readonly statusCode: number, readonly retryAfterMs: number | undefined) {
    super(`HTTP ${statusCode}`);
  }
}

/** An answer that is not what the protocol has there: {@linkcode toRemoteError} makes a `MODEL_ERROR` of it. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}

/** The address of one of the server's functions. */
export function urlOf(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/${path}`;
}

/** What {@linkcode post} sends. */
export interface RemoteRequest extends CallOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  /** An object is sent as JSON. */
  readonly body: FormData | Readonly<Record<string, unknown>>;
}

/** The response to one request, if it is a success; throws what {@linkcode toRemoteError} understands. */
export async function post({ url, apiKey, body, signal }: RemoteRequest): Promise<Response> {
  const isForm = body instanceof FormData;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      ...(!isForm && { "content-type": "application/json" }),
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    },
    body: isForm ? body : JSON.stringify(body),
    redirect: "manual", // Nobody but the server that was named gets what is sent, nor its key.
    signal,
  });
  if (response.ok) return response;
  await response.body?.cancel();
  throw new StatusError(response.status, retryAfterMs(response.headers));
}

/** The whole of a response that is no longer than `maxBytes`. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) throw new UnreadableError("too long");
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

/** How {@linkcode withRetries} goes about it. */
export interface RetryOptions extends CallOptions {
  /** How many tries may follow the first. */
  readonly retries: number;
  /** No try begins that it would not live to see; its own signal must be part of `signal`. */
  readonly patience: Patience;
}

/**
 * What `attempt` gives, tried again after connections that failed, HTTP 429 and 5xx, after a growing pause or the
 * one that the server asks for. Only for what may be done twice.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { retries, patience, signal }: RetryOptions,
): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = pauseAfter(error, tries);
      if (signal.aborted || tries >= retries || pauseMs === undefined || pauseMs >= patience.leftMs) {
        throw error;
      }
      await systemClock.sleep(pauseMs, signal);
    }
  }
}

const FIRST_PAUSE_MS = 200;

/** The pause before the next try, or nothing where another would fare no better. */
function pauseAfter(error: unknown, tries: number): number | undefined {
  if (error instanceof UnreadableError || error instanceof ParleyError) return undefined;
  // Clients that were refused together must not come back together.
  const pauseMs = FIRST_PAUSE_MS * 2 ** tries * (0.5 + Math.random() / 2);
  if (!(error instanceof StatusError)) return pauseMs;
  if (error.statusCode !== 429 && error.statusCode < 500) return undefined;
  return error.retryAfterMs ?? pauseMs;
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A sentence somebody can act on. The server's own text is left out: it may quote the request and its key. */
export function toRemoteError(error: unknown, circumstances: Circumstances): ParleyError {
  return error instanceof ParleyError ? error : new ParleyError(...describe(error, circumstances));
}

function describe(error: unknown, { server, timedOut, unreadable }: Circumstances): [ErrorCode, string] {
  const { name, settings } = server;
  if (timedOut) return ["TIMEOUT", `The ${name} gave nothing for ${settings.timeout_ms} ms.`];
  const { statusCode: status } = Object(error);
  if (typeof status === "number" && status >= 300) {
    return OF_STATUS[status]?.(server) ?? ["MODEL_ERROR", `The ${name} failed (HTTP ${status}).`];
  }
  if (unreadable || error instanceof UnreadableError) {
    return ["MODEL_ERROR", `The ${name} does not speak the OpenAI protocol: check base_url.`];
  }
  return ["UNAVAILABLE", `The ${name} cannot be reached or broke off: is it running?`];
}

/** What is said of an HTTP status; of the others, that the server failed. */
const OF_STATUS: Readonly<Record<number, (server: RemoteServer) => [ErrorCode, string]>> = {
  401: refused,
  403: refused,
  404: ({ name, settings }) => ["NOT_FOUND", `The ${name} does not know the model "${settings.model}".`],
  429: ({ name }) => ["RATE_LIMITED", `The ${name} takes no more requests for now.`],
};

function refused({ name, section, settings }: RemoteServer): [ErrorCode, string] {
  const key = settings.api_key_env
    ? `the key in ${settings.api_key_env}`
    : settings.api_key_file
    ? "the key in the file that api_key_file names"
    : `a key; name its variable in ${section}.api_key_env`;
  return ["PERMISSION_DENIED", `The ${name} refused: check ${key}.`];
}
