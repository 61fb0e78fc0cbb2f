/** Every stage as an HTTP service that speaks OpenAI's API, so that other programs use the same engines. */
import { type Context, Hono } from "hono";
import { ParleyError } from "../../pipeline/errors.ts";
import { type Endpoint, send } from "./call.ts";
import { chat } from "./chat.ts";
import { failureResponse, invalid } from "./errors.ts";
import { findModel, listModels, type ServedEngines } from "./models.ts";
import { speech } from "./speech.ts";
import { transcriptions } from "./transcriptions.ts";

/** What services are made with. */
export interface ServicesOptions {
  /** Where engines come from: they can be exchanged while the server runs, and each request keeps what it began with. */
  readonly engines: { lease(): ServedEngines & Disposable };
  /** How many requests are worked on at a time. */
  readonly maxRequests: number;
  /** Longest wait for the next piece of a request, or for somebody to take that of an answer. Default: 30 s. */
  readonly patienceMs?: number;
  /** When the status of an answer goes out that is not there yet. Default: 1 s. */
  readonly statusAfterMs?: number;
}

/** Services that answer. Disposing ends every request under way. */
export interface Services extends Disposable {
  /** Answers a request under `/v1/`. */
  fetch(request: Request): Response | Promise<Response>;
  /** What somebody is answered who may not be here. */
  refuse(status: 401 | 403, message: string): Response;
}

const PATIENCE_MS = 30_000;
const STATUS_AFTER_MS = 1000;
/** Answers take seconds; whoever comes back after this finds a place, or asks again. */
const RETRY_AFTER_S = "1";

/** Makes the services. What they take and give is what OpenAI's own clients send and expect. */
export function openServices(options: ServicesOptions): Services {
  const { engines } = options;
  const work = new Work(options);
  const app = new Hono();
  app.get("/v1/models", (context) => {
    using lease = engines.lease();
    return context.json({ object: "list", data: listModels(lease) });
  });
  app.get("/v1/models/:id{.+}", (context) => {
    using lease = engines.lease();
    return context.json(findModel(context.req.param("id"), lease));
  });
  const serve = (endpoint: Endpoint) => (context: Context) => work.do(context.req.raw, endpoint);
  app.post("/v1/audio/transcriptions", serve(transcriptions));
  app.post("/v1/audio/speech", serve(speech));
  app.post("/v1/chat/completions", serve(chat));
  app.notFound(({ req }) =>
    failureResponse(
      invalid(`There is no ${req.method} ${req.path} here.`, { code: "unknown_url", status: 404 }),
    )
  );
  app.onError((error) => failureResponse(error));
  return {
    fetch: (request) => app.fetch(request),
    refuse: (status, message) =>
      failureResponse(invalid(message, { status, code: status === 401 ? "invalid_api_key" : "forbidden" })),
    [Symbol.dispose]: () => work[Symbol.dispose](),
  };
}

/** All requests under way. */
class Work implements Disposable {
  readonly #options: ServicesOptions;
  readonly #ending = new AbortController();
  #underWay = 0;

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  /** Does what is asked, if there is room. A client that goes away ends it, and so does disposing. */
  async do(request: Request, endpoint: Endpoint): Promise<Response> {
    const { engines, maxRequests, patienceMs = PATIENCE_MS, statusAfterMs = STATUS_AFTER_MS } = this.#options;
    if (this.#underWay >= maxRequests) return full(maxRequests);
    this.#underWay++;
    const over = new AbortController();
    const lease = engines.lease();
    const onEnd = () => {
      if (over.signal.aborted) return;
      over.abort(new DOMException("The request is over", "AbortError"));
      lease[Symbol.dispose]();
      this.#underWay--;
    };
    const signal = AbortSignal.any([request.signal, this.#ending.signal, over.signal]);
    try {
      const answer = await endpoint({ request, signal, engines: lease, patienceMs });
      return await send(answer, { statusAfterMs, patienceMs, onEnd });
    } catch (error) {
      onEnd();
      return failureResponse(error);
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort(new ParleyError("UNAVAILABLE", "The server ends."));
  }
}

function full(maxRequests: number): Response {
  const message = `The server works on ${maxRequests} requests already; try again in a moment.`;
  const details = { code: "rate_limit_exceeded" };
  return failureResponse(new ParleyError("RATE_LIMITED", message, { details }), {
    "retry-after": RETRY_AFTER_S,
  });
}
