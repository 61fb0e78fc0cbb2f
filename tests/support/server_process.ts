/** The server as its users run it, in a process of its own, and a client of it. */
import type { z } from "zod";
import type { EventName, EVENTS } from "../../src/protocol/events.ts";

/** An event of one type as it came over the socket: what the server checked on its way out. */
export interface WireEvent<N extends EventName = EventName> {
  readonly session_id: string;
  readonly type: N;
  readonly seq?: number;
  readonly turn_id?: string;
  readonly id?: string;
  readonly data: z.output<(typeof EVENTS)[N]>;
}

/** Which event of a type is waited for. */
export interface Wanted<N extends EventName> {
  /** From this one of {@linkcode TestClient.events} on. Default: from the first. */
  readonly from?: number;
  readonly where?: (event: WireEvent<N>) => boolean;
  readonly patienceMs?: number;
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
        const message: WireEvent | WireEvent[] = JSON.parse(data);
        for (const event of Array.isArray(message) ? message : [message]) {
          // What came before belongs to the same story as what comes live.
          if (isOf(event, "replay")) {
            this.events.push(...event.data.events.map((before) => before as unknown as WireEvent));
          }
          this.events.push(event);
        }
      }
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    };
    this.socket.onclose = (event) => {
      this.#closed.resolve(event);
      this.#wake.resolve();
    };
  }

  /** The first event of a type that fits; waits for it. */
  next<N extends EventName>(type: N, { from = 0, where, patienceMs }: Wanted<N> = {}): Promise<WireEvent<N>> {
    const fits = (event: WireEvent) => isOf(event, type) && (!where || where(event)) ? event : undefined;
    return this.#first(fits, from, patienceMs);
  }

  /** Sends a command and waits for its answer, which is to be of the given type. */
  async ask<N extends EventName = "ack">(
    type: string,
    data: Record<string, unknown> = {},
    answer?: N,
  ): Promise<WireEvent<N>> {
    const id = `ask-${++this.#ids}`;
    const from = this.events.length;
    this.socket.send(JSON.stringify({ type, data, id }));
    const found = await this.#first((event) => event.id === id ? event : undefined, from);
    if (isOf(found, answer ?? "ack")) return found as WireEvent<N>;
    throw new Error(`"${type}" was answered by ${JSON.stringify(found)}`);
  }

  /** Everything told of one type. */
  all<N extends EventName>(type: N): WireEvent<N>[] {
    return this.events.flatMap((event) => isOf(event, type) ? [event] : []);
  }

  async #first<T>(fits: (event: WireEvent) => T | undefined, from: number, patienceMs = 20_000): Promise<T> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const seen = this.events.slice(from).map((event) => event.type).join(" ");
      timeout.reject(new Error(`The event did not come in ${patienceMs} ms; these did: ${seen}`));
    }, patienceMs);
    try {
      while (true) {
        for (const event of this.events.slice(from)) {
          const found = fits(event);
          if (found !== undefined) return found;
        }
        if (this.socket.readyState > WebSocket.OPEN) {
          throw new Error("The connection closed while waiting for an event");
        }
        await Promise.race([this.#wake.promise, timeout.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
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
      await client.next("replay");
      return client;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await Promise.all([reading, child.status]);
    },
  };
}

function isOf<N extends EventName>(event: WireEvent, type: N): event is WireEvent<N> & WireEvent {
  return event.type === type;
}
