/** A server with the API that every OpenAI-compatible one has, which does what a test wants. */

/** What a test looks at of the body of a request. */
interface ChatBody {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly tool_calls?: readonly {
      readonly function: { readonly name: string; readonly arguments: string };
    }[];
    readonly tool_call_id?: string;
  }[];
  readonly reasoning_effort?: string;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly tools?: readonly {
    readonly function: {
      readonly name: string;
      readonly description: string;
      readonly parameters: { readonly required: readonly string[] };
    };
  }[];
}

/** What the server received. */
export interface ChatRequest {
  readonly authorization: string | null;
  readonly body: ChatBody;
}

/** A running server. Disposing it closes what is open. */
export interface ChatServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly ChatRequest[];
}

/** Serves one answer after the other, the last one for ever. */
export function chatServer(...answers: ((request: ChatRequest) => Response)[]): ChatServer {
  const requests: ChatRequest[] = [];
  const closing = new AbortController();
  const options = { port: 0, hostname: "127.0.0.1", signal: closing.signal, onListen: () => {} };
  const server = Deno.serve(options, async (request) => {
    const received = { authorization: request.headers.get("authorization"), body: await request.json() };
    requests.push(received);
    return answers[Math.min(requests.length, answers.length) - 1]!(received);
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}

type Stream = ReadableStreamDefaultController<Uint8Array>;

/** Chunks of a completion, then whatever `ending` does with the connection: by default it ends well. */
export function streamed(chunks: readonly object[], ending: (stream: Stream) => void = endWell): Response {
  return response(chunks, { start: ending });
}

/** Chunks of a completion, then nothing until the client lets go. */
export function stalled(chunks: readonly object[], onLetGo: () => void = () => {}): Response {
  return response(chunks, { cancel: onLetGo });
}

function endWell(stream: Stream): void {
  stream.enqueue(line("[DONE]"));
  stream.close();
}

function response(
  chunks: readonly object[],
  { start, cancel }: UnderlyingDefaultSource<Uint8Array>,
): Response {
  const body = new ReadableStream<Uint8Array>({
    start(stream) {
      for (const chunk of chunks) stream.enqueue(line(JSON.stringify({ id: "1", model: "m", ...chunk })));
      return start?.(stream);
    },
    ...(cancel && { cancel }),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A piece of a completion. */
export function delta(delta: unknown, finishReason?: string) {
  return { choices: [{ index: 0, delta, ...(finishReason && { finish_reason: finishReason }) }] };
}

function line(data: string): Uint8Array {
  return new TextEncoder().encode(`data: ${data}\n\n`);
}
