/**
 * The class that talks, as it stands at the end of `src/protocol/generated/client.ts`, where it follows the types
 * it needs. It runs in browsers, Deno, Node and webviews: nothing but the web platform.
 */
import type {
  AnswerType,
  CommandMap,
  CommandType,
  ErrorCode,
  EventMap,
  EventType,
  ParleyEvent,
  SubscribeCommandData,
} from "../protocol/generated/client.ts";

/** How a client connects. */
export interface ParleyClientOptions {
  /** The server, such as `ws://127.0.0.1:8765`. */
  readonly url: string;
  /** Default: `local`, the session that owns the machine's microphone and loudspeaker. */
  readonly session?: string;
  readonly token?: string;
  /** How long an answer may take before the command fails with `TIMEOUT`. Default: 30 s. */
  readonly timeoutMs?: number;
  /** Waits between attempts to connect, doubled each time. Default: 250 ms to 8 s. */
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
  /** A connection that has been silent for so long is asked, and left if it does not answer. Default: 20 s. */
  readonly silenceMs?: number;
  /** Default: the platform's. */
  readonly WebSocket?: new (url: string) => WebSocket;
}

/** A command that was not done. */
export class ParleyClientError extends Error {
  override readonly name = "ParleyClientError";

  constructor(readonly code: ErrorCode, message: string, readonly details?: unknown) {
    super(message);
  }
}

/** Sound of the assistant. */
export interface ReceivedSound {
  /** Number of the `tts_progress` that it belongs to. */
  readonly seq: number;
  readonly sampleRate: number;
  readonly samples: Int16Array;
}

/** Whether the client is connected. */
export type ConnectionState = "connecting" | "open" | "waiting" | "closed";

/** What a client tells of itself. */
export interface ClientListeners {
  /** An event, in order and once. Those of a `replay` come one by one, as those that come live. */
  event(event: ParleyEvent): void;
  sound(sound: ReceivedSound): void;
  state(state: ConnectionState): void;
  /** What was told before belongs to another life of the session, or some of what came between is lost: begin afresh. */
  reset(): void;
}

interface Waiting {
  readonly text: string;
  readonly settle: (event: ParleyEvent) => void;
  readonly fail: (error: Error) => void;
}

/** More than the server lets a client have. */
const SUBSCRIPTIONS_KEPT = 100;
/** Private-use close code: the connection did not answer. */
const DEAF = 4000;

/** Stays connected to one session, and is told everything that happens in it once, whatever happens to the connection. */
export class ParleyClient {
  readonly #options: ParleyClientOptions;
  readonly #listeners: { readonly [K in keyof ClientListeners]: Set<ClientListeners[K]> } = {
    event: new Set(),
    sound: new Set(),
    state: new Set(),
    reset: new Set(),
  };
  readonly #sent = new Map<string, Waiting>();
  #queue: Waiting[] = [];
  #socket: WebSocket | undefined;
  #state: ConnectionState = "connecting";
  #session: string;
  #epoch: string | undefined;
  #lastSeq: number | undefined;
  /** What was subscribed to, said again on every connection. */
  #subscriptions: { readonly type: "subscribe" | "unsubscribe"; readonly data: SubscribeCommandData }[] = [];
  #ids = 0;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Connects at once, and again whenever the connection is lost, until {@linkcode ParleyClient.close}. */
  constructor(options: ParleyClientOptions) {
    this.#options = options;
    this.#session = options.session ?? "local";
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The session that the client is in. */
  get session(): string {
    return this.#session;
  }

  /** Number of the newest event it was told of. */
  get lastSeq(): number {
    return this.#lastSeq ?? 0;
  }

  /** Calls `listener` from now on. Returns how to end that. */
  on<K extends keyof ClientListeners>(kind: K, listener: ClientListeners[K]): () => void {
    const listeners: Set<ClientListeners[K]> = this.#listeners[kind];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Calls `listener` with every event of one type. Returns how to end that. */
  onEvent<T extends EventType>(type: T, listener: (event: ParleyEvent<T>) => void): () => void {
    return this.on("event", (event) => {
      if (event.type === type) listener(event as ParleyEvent<T>);
    });
  }

  /**
   * Sends a command, now or as soon as there is a connection, and resolves to the data of its answer. Rejects with
   * a {@linkcode ParleyClientError}: what the server says, `TIMEOUT`, or `UNAVAILABLE` when the connection is lost
   * before the answer, so that nobody knows whether it was done.
   */
  send<C extends CommandType>(
    type: C,
    ...[data]: Record<string, never> extends CommandMap[C] ? [data?: CommandMap[C]] : [data: CommandMap[C]]
  ): Promise<EventMap[AnswerType<C>]> {
    const id = `${++this.#ids}`;
    if (this.#state === "closed") {
      return Promise.reject(new ParleyClientError("UNAVAILABLE", "The client is closed."));
    }
    const { timeoutMs = 30_000 } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#forget(id);
        reject(new ParleyClientError("TIMEOUT", `"${type}" was not answered in ${timeoutMs / 1000} s.`));
      }, timeoutMs);
      this.#submit(id, {
        text: JSON.stringify({ type, data: data ?? {}, id }),
        settle: (event) => {
          clearTimeout(timer);
          if (event.type === "error") {
            const { code, message, details } = event.data;
            return reject(new ParleyClientError(code, message, details));
          }
          if (type === "subscribe" || type === "unsubscribe") {
            this.#subscriptions.push({ type, data: (data ?? {}) as SubscribeCommandData });
            this.#subscriptions = this.#subscriptions.slice(-SUBSCRIPTIONS_KEPT);
          }
          resolve(event.data as EventMap[AnswerType<C>]);
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  /** Sends sound, after `audio_start`: 10 to 100 ms a time. Without a connection it is lost, as life goes on. */
  sendSound(samples: Int16Array): void {
    if (this.#state !== "open") return;
    const bytes = new Uint8Array(samples.length * 2);
    const view = new DataView(bytes.buffer);
    samples.forEach((sample, index) => view.setInt16(index * 2, sample, true));
    this.#socket!.send(bytes);
  }

  /** Ends the connection for good. */
  close(): void {
    clearTimeout(this.#timer);
    this.#become("closed");
    const socket = this.#socket;
    this.#socket = undefined; // What still comes is not heard.
    socket?.close(1000);
    this.#failAll(new ParleyClientError("UNAVAILABLE", "The client is closed."));
  }

  #connect(): void {
    this.#become("connecting");
    const { WebSocket: Socket = WebSocket } = this.#options;
    const socket = new Socket(this.#address());
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heard();
      if (typeof data === "string") this.#receive(JSON.parse(data));
      else this.#receiveSound(data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
    socket.onerror = () => {}; // A close follows.
    this.#heard();
  }

  #address(): string {
    const url = new URL(this.#options.url);
    url.protocol = url.protocol.replace("http", "ws");
    url.pathname = `/ws/${this.#session}`;
    if (this.#options.token !== undefined) url.searchParams.set("token", this.#options.token);
    if (this.#lastSeq !== undefined) url.searchParams.set("last_seq", `${this.#lastSeq}`);
    if (this.#epoch !== undefined) url.searchParams.set("epoch", this.#epoch);
    return url.href;
  }

  /** The past has been told: from here on the connection is as good as new. */
  #ready(): void {
    if (this.#state === "open") return;
    this.#attempts = 0;
    this.#become("open");
    const again = [{ type: "subscribe", data: { batch: true } }, ...this.#subscriptions];
    for (const command of again) this.#socket!.send(JSON.stringify(command));
    const queue = this.#queue;
    this.#queue = [];
    for (const { text } of queue) this.#socket!.send(text);
  }

  #receive(message: ParleyEvent | ParleyEvent[]): void {
    for (const event of Array.isArray(message) ? message : [message]) {
      if (event.type === "session_info") this.#enter(event as ParleyEvent<"session_info">);
      if (event.type === "replay") this.#replay(event as ParleyEvent<"replay">);
      else this.#tell(event);
      if (event.id !== undefined) {
        this.#sent.get(event.id)?.settle(event);
        this.#sent.delete(event.id);
      }
    }
  }

  /** Another session, or another life of this one, counts its events anew. */
  #enter({ data: { session_id, epoch } }: ParleyEvent<"session_info">): void {
    const isSame = session_id === this.#session && epoch === this.#epoch;
    if (!isSame && this.#lastSeq !== undefined) {
      this.#lastSeq = undefined;
      this.#emit("reset");
    }
    this.#session = session_id;
    this.#epoch = epoch;
  }

  #replay(event: ParleyEvent<"replay">): void {
    const { complete, events, to_seq } = event.data;
    if (!complete && this.#lastSeq !== undefined) {
      this.#lastSeq = undefined;
      this.#emit("reset");
    }
    for (const before of events) this.#tell(before as ParleyEvent);
    this.#lastSeq = Math.max(to_seq, this.#lastSeq ?? 0);
    this.#emit("event", event);
    this.#ready();
  }

  #tell(event: ParleyEvent): void {
    if (event.seq !== undefined) {
      if (event.seq <= (this.#lastSeq ?? 0)) return;
      this.#lastSeq = event.seq;
    }
    this.#emit("event", event);
  }

  #receiveSound(frame: ArrayBuffer): void {
    const view = new DataView(frame);
    const samples = new Int16Array((frame.byteLength - 8) / 2);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(8 + 2 * i, true);
    this.#emit("sound", { seq: view.getUint32(0, true), sampleRate: view.getUint32(4, true), samples });
  }

  /** The connection is alive; when it has been silent for long it is asked, and then given up. */
  #heard(): void {
    clearTimeout(this.#timer);
    const { silenceMs = 20_000 } = this.#options;
    this.#timer = setTimeout(() => {
      if (this.#state === "open") this.#socket?.send(JSON.stringify({ type: "ping" }));
      this.#timer = setTimeout(() => {
        this.#socket?.close(DEAF, "No answer");
        this.#lost(); // A connection that nobody answers may take minutes to close.
      }, silenceMs / 2);
    }, silenceMs);
  }

  #lost(): void {
    if (this.#state === "closed") return;
    clearTimeout(this.#timer);
    this.#socket = undefined;
    const queued = new Set(this.#queue);
    const lost = new ParleyClientError("UNAVAILABLE", "The connection was lost before the answer came.");
    for (const [id, waiting] of [...this.#sent]) {
      if (queued.has(waiting)) continue;
      this.#sent.delete(id);
      waiting.fail(lost);
    }
    const { firstWaitMs = 250, longestWaitMs = 8000 } = this.#options;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#attempts++);
    this.#become("waiting");
    // Not all clients of a server that comes back at the same moment.
    this.#timer = setTimeout(() => this.#connect(), waitMs * (0.75 + Math.random() / 2));
  }

  #submit(id: string, waiting: Waiting): void {
    this.#sent.set(id, waiting);
    if (this.#state === "open") this.#socket!.send(waiting.text);
    else this.#queue.push(waiting);
  }

  #forget(id: string): void {
    const waiting = this.#sent.get(id);
    this.#sent.delete(id);
    this.#queue = this.#queue.filter((queued) => queued !== waiting);
  }

  #failAll(error: Error): void {
    for (const waiting of this.#sent.values()) waiting.fail(error);
    this.#sent.clear();
    this.#queue = [];
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit("state", state);
  }

  #emit<K extends keyof ClientListeners>(kind: K, ...value: Parameters<ClientListeners[K]>): void {
    const listeners: Set<ClientListeners[K]> = this.#listeners[kind];
    // The map pairs each kind with its listeners, which indexing it loses.
    for (const listener of [...listeners]) (listener as (...value: unknown[]) => void)(...value);
  }
}
