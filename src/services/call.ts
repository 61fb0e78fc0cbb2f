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
  /** Longest wait for the next piece of the request, and for the answer's next piece to be taken. */
  readonly patienceMs: number;
}

/** An answer that goes out piece by piece. What fails before the first piece is answered as a failure. */
export interface StreamedAnswer {
  readonly contentType: string;
  readonly pieces: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** What an endpoint makes of a request. */
export type Endpoint = (call: ServiceCall) => Promise<Response | StreamedAnswer>;

/** Server-sent events. A failure after the first of them is told as one. */
export function eventStream(events: AsyncIterable<object | string>): StreamedAnswer {
  return { contentType: "text/event-stream; charset=utf-8", pieces: encodeEvents(events) };
}

const encoder = new TextEncoder();

async function* encodeEvents(
  events: AsyncIterable<object | string>,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  let began = false;
  const encode = (event: object | string) =>
    encoder.encode(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
  try {
    for await (const event of events) {
      began = true;
      yield encode(event);
    }
  } catch (error) {
    if (!began) throw error;
    yield encode(failure(error).body);
  }
}

/** How a streamed answer is sent. */
export interface SendOptions {
  readonly patienceMs: number;
  /** Told once, when the last of it is out or it is not wanted any more. */
  readonly onEnd: () => void;
}

/** The response that carries the answer: made at the pace at which it is taken. Rejects as the first piece does. */
export async function send(answer: StreamedAnswer, { patienceMs, onEnd }: SendOptions): Promise<Response> {
  const pieces = answer.pieces[Symbol.asyncIterator]();
  let next: IteratorResult<Uint8Array<ArrayBuffer>> | undefined = await pieces.next();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    clearTimeout(timer);
    onEnd();
    // Not waited for: the engine's call has been aborted, and its loop ends in its own time.
    pieces.return?.().catch(() => {});
  };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      clearTimeout(timer);
      try {
        const { done, value } = next ?? await pieces.next();
        next = undefined;
        if (done) {
          controller.close();
          return end();
        }
        controller.enqueue(value);
        timer = setTimeout(() => {
          controller.error(new DOMException("The answer is not being read", "TimeoutError"));
          end();
        }, patienceMs);
      } catch (error) {
        controller.error(error);
        end();
      }
    },
    cancel: end,
  }, { highWaterMark: 0 });
  return new Response(body, {
    headers: { "content-type": answer.contentType, "cache-control": "no-cache" },
  });
}
