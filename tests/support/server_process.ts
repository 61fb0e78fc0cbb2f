/** The server as its users run it, in a process of its own, and a client of it. */

/** What came over the socket. */
export interface WireEvent {
  readonly type: string;
  readonly seq?: number;
  readonly turn_id?: string;
  readonly id?: string;
  // deno-lint-ignore no-explicit-any -- tests look into whatever event they asked for
  readonly data: any;
}

/** A client that keeps everything it is told. */
export class TestClient implements AsyncDisposable {
  readonly events: WireEvent[] = [];
  /** Binary frames. */
  readonly frames: ArrayBuffer[] = [];
  readonly socket: WebSocket;
  readonly #closed = Promise.withResolvers<CloseEvent>();
  #wake = Promise.withResolvers<void>();
  #ids = 0;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      if (typeof data !== "string") this.frames.push(data);
      else {
        const event: WireEvent = JSON.parse(data);
        // What came before belongs to the same story as what comes live.
        this.events.push(...(event.type === "replay" ? event.data.events : []), event);
      }
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    };
    this.socket.onclose = (event) => {
      this.#closed.resolve(event);
      this.#wake.resolve();
    };
  }

  /** The first event from number `from` of {@linkcode events} on that fits; waits for it. */
  async next(fits: (event: WireEvent) => boolean, from = 0, patienceMs = 20_000): Promise<WireEvent> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const seen = this.events.slice(from).map((event) => event.type).join(" ");
      timeout.reject(new Error(`The event did not come in ${patienceMs} ms; these did: ${seen}`));
    }, patienceMs);
    try {
      while (true) {
        const found = this.events.slice(from).find(fits);
        if (found) return found;
        if (this.socket.readyState > WebSocket.OPEN) {
          throw new Error("The connection closed while waiting for an event");
        }
        await Promise.race([this.#wake.promise, timeout.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a command and waits for its answer. */
  async ask(type: string, data: Record<string, unknown> = {}): Promise<WireEvent> {
    const id = `ask-${++this.#ids}`;
    const from = this.events.length;
    this.socket.send(JSON.stringify({ type, data, id }));
    return await this.next((event) => event.id === id, from);
  }

  /** Everything told of one type. */
  all(type: string): WireEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  get closed(): Promise<CloseEvent> {
    return this.#closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** A server that runs. Disposing ends it as Ctrl+C does. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly startedInMs: number;
  /** What it has printed so far. */
  readonly output: () => string;
  connect(): Promise<TestClient>;
}

/** Starts `main.ts start` on a free port and waits until it listens. */
export async function startServerProcess(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const startMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("../../main.ts", import.meta.url).href,
      "start",
      "--port",
      "0",
      ...flags,
    ],
    env: { ...environment, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  const listening = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      const url = /ws:\/\/\S+/.exec(output)?.[0];
      if (url && output.includes("Ctrl+C")) listening.resolve(url);
    }
    listening.reject(new Error(`The server ended: ${output}`));
  })();
  const url = await listening.promise;
  return {
    url,
    startedInMs: performance.now() - startMs,
    output: () => output,
    async connect() {
      const client = new TestClient(url);
      await client.next((event) => event.type === "replay");
      return client;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await Promise.all([reading, child.status]);
    },
  };
}
