/** A server with OpenAI's two speech functions, which does what a test wants. */

/** What the server received. */
export interface SpeechRequest {
  readonly path: string;
  readonly authorization: string | null;
  /** Of `audio/transcriptions`. */
  readonly form?: FormData;
  /** Of `audio/speech`. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A running server. Disposing it closes what is open. */
export interface SpeechServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly SpeechRequest[];
}

/** Serves one answer after the other, the last one for ever. */
export function speechServer(
  ...answers: ((request: SpeechRequest) => Response | Promise<Response>)[]
): SpeechServer {
  const requests: SpeechRequest[] = [];
  const closing = new AbortController();
  const options = {
    port: 0,
    hostname: "127.0.0.1",
    signal: closing.signal,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  };
  const server = Deno.serve(options, async (request) => {
    const isForm = request.headers.get("content-type")?.startsWith("multipart/form-data");
    const received: SpeechRequest = {
      path: new URL(request.url).pathname,
      authorization: request.headers.get("authorization"),
      ...(isForm ? { form: await request.formData() } : { body: await request.json() }),
    };
    requests.push(received);
    return await answers[Math.min(requests.length, answers.length) - 1]!(received);
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

/** A body of these pieces, and then what `ending` does: by default it ends well. */
export function sound(
  pieces: readonly Uint8Array[],
  ending: (stream: Stream) => void = (stream) => stream.close(),
): Response {
  return response(pieces, { start: ending });
}

/** A body of these pieces, then nothing until the client lets go. */
export function stalledSound(pieces: readonly Uint8Array[], onLetGo: () => void = () => {}): Response {
  return response(pieces, { cancel: onLetGo });
}

/** An ending that breaks the connection, once what was said before is on its way. */
export function cut(stream: Stream): void {
  setTimeout(() => stream.error(new Error("cut")), 20);
}

function response(
  pieces: readonly Uint8Array[],
  { start, cancel }: UnderlyingDefaultSource<Uint8Array>,
): Response {
  const body = new ReadableStream<Uint8Array>({
    start(stream) {
      for (const piece of pieces) stream.enqueue(piece);
      return start?.(stream);
    },
    ...(cancel && { cancel }),
  });
  return new Response(body, { headers: { "content-type": "audio/pcm" } });
}
