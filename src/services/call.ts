/** One request: what it is done with, and how its answer goes out while it is made. */
import { failure } from "./errors.ts";
import type { ServedEngines } from "./models.ts";

/** What an endpoint works with. */
export interface ServiceCall {
  readonly request: Request;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The engines as they are now: asked once a request. */
  readonly engines: ServedEngines;
  /** Longest wait for the next piece of the request. */
  readonly patienceMs: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** An answer that is still being made. */
export interface Answer {
  readonly contentType: string;
  readonly pieces: AsyncIterable<Bytes>;
  /** How a failure is told when the status is out already. Without it the answer is cut off. */
  readonly lastWords?: (error: unknown) => Bytes;
}

/** What an endpoint makes of a request. Whatever it throws before the first piece is answered as a failure. */
export type Endpoint = (call: ServiceCall) => Promise<Answer>;

const encoder = new TextEncoder();

/** An answer that is known once all of it is. */
export function whole(contentType: string, make: () => Promise<string>): Answer {
  async function* pieces() {
    yield encoder.encode(await make());
  }
  return { contentType, pieces: pieces() };
}

/** The same as JSON. */
export function wholeJson(make: () => Promise<object>): Answer {
  return whole("application/json", async () => JSON.stringify(await make()));
}

/** Server-sent events; text goes out as it is. */
export function eventStream(events: AsyncIterable<object | string>): Answer {
  const encode = (event: object | string) =>
    encoder.encode(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
  async function* pieces() {
    for await (const event of events) yield encode(event);
  }
  return {
    contentType: "text/event-stream; charset=utf-8",
    pieces: pieces(),
    lastWords: (error) => encode(failure(error).body),
  };
}

/** How an answer is sent. */
export interface SendOptions {
  /**
   * The status goes out with the first piece, or after this, even though it may then still fail: Deno notices
   * that a client has gone when it writes to it, and before that only where the request came in one packet.
   */
  readonly statusAfterMs: number;
  /** Longest wait for somebody to take the next piece. */
  readonly patienceMs: number;
  /** Told once, when the last of it is out or it is not wanted any more. */
  readonly onEnd: () => void;
}

/** The response that carries the answer, made at the pace at which it is taken. Rejects where nothing is out yet. */
export async function send(answer: Answer, options: SendOptions): Promise<Response> {
  const pieces = answer.pieces[Symbol.asyncIterator]();
  const first = pieces.next();
  await settledWithin(first, options.statusAfterMs);
  const body = new ReadableStream(new Sending(answer, { ...options, pieces, first }), { highWaterMark: 0 });
  return new Response(body, {
    headers: { "content-type": answer.contentType, "cache-control": "no-cache" },
  });
}

interface SendingOptions extends SendOptions {
  readonly pieces: AsyncIterator<Bytes>;
  /** The first of them. */
  readonly first: Promise<IteratorResult<Bytes>>;
}

class Sending implements UnderlyingDefaultSource<Bytes> {
  readonly #answer: Answer;
  readonly #options: SendingOptions;
  #next: Promise<IteratorResult<Bytes>> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(answer: Answer, options: SendingOptions) {
    this.#answer = answer;
    this.#options = options;
    this.#next = options.first;
  }

  /** Deno writes to the terminal why an answer was cut off: one sentence, so text and no error with its stack. */
  async pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    const { pieces, patienceMs } = this.#options;
    clearTimeout(this.#timer);
    try {
      const next = this.#next ?? pieces.next();
      this.#next = undefined;
      const { done, value } = await next;
      if (!done) {
        controller.enqueue(value);
        this.#timer = setTimeout(() => {
          controller.error("An answer was not read by its client.");
          this.cancel();
        }, patienceMs);
        return;
      }
      controller.close();
    } catch (error) {
      const { lastWords } = this.#answer;
      if (lastWords) {
        controller.enqueue(lastWords(error));
        controller.close();
      } else controller.error(failure(error).body.error.message);
    }
    this.cancel();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#options.onEnd();
    // Not waited for: the engine's call has been aborted, and its loop ends in its own time.
    this.#options.pieces.return?.().catch(() => {});
  }
}

/** Waits until the promise is settled, no longer than `ms`. Rejects if it does by then. */
async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
