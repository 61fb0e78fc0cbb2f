/** Connections between real clients and the real server side of them, without a network: they can be cut anywhere. */
import type { BatchTimer } from "../../src/server/batch_timer.ts";
import { Client } from "../../src/server/client.ts";
import { Outbox } from "../../src/server/outbox.ts";
import type { SessionRegistry } from "../../src/sessions/registry.ts";
import { LIMITS } from "./server_stage.ts";

type Frame = string | Uint8Array<ArrayBuffer>;

/** One connection. What the server sends waits until it is delivered. */
export class WireSocket {
  readyState: number = WebSocket.OPEN;
  bufferedAmount = 0;
  binaryType = "arraybuffer";
  onmessage: (event: { data: string | ArrayBuffer }) => void = () => {};
  onclose: () => void = () => {};
  onerror: () => void = () => {};
  readonly #inFlight: Frame[] = [];
  readonly #server: Client;

  constructor(sessions: SessionRegistry, batches: BatchTimer, address: string) {
    const url = new URL(address);
    const outbox = new Outbox(
      {
        readyState: WebSocket.OPEN,
        bufferedAmount: 0,
        send: (data) => void this.#inFlight.push(data),
        close: () => this.cut(),
      },
      1e9,
      batches,
    );
    const limits = { ...LIMITS, replayEvents: 100_000, commandsPerSecond: 1e9 };
    this.#server = new Client({ outbox, sessions, limits, clients: () => 1, count: () => {} });
    const lastSeq = url.searchParams.get("last_seq");
    this.#server.open(url.pathname.split("/").at(-1)!, {
      lastSeq: lastSeq === null ? undefined : Number(lastSeq),
      epoch: url.searchParams.get("epoch") ?? undefined,
    });
  }

  /** Messages on their way to the client. */
  get waiting(): number {
    return this.#inFlight.length;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState === WebSocket.OPEN) {
      this.#server.receive(typeof data === "string" ? data : data.slice().buffer);
    }
  }

  /** Lets up to `count` messages arrive. Returns how many there were. */
  deliver(count = Infinity): number {
    let delivered = 0;
    while (delivered < count && this.readyState === WebSocket.OPEN) {
      const frame = this.#inFlight.shift();
      if (frame === undefined) break;
      delivered++;
      this.onmessage({ data: typeof frame === "string" ? frame : frame.slice().buffer });
    }
    return delivered;
  }

  /** The connection is lost, with all that is on its way. */
  cut(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.#server[Symbol.dispose]();
    this.onclose();
  }

  close(): void {
    this.cut();
  }
}

/** The platform's WebSocket as far as a client can tell; `opened` is told of each connection. */
export function wireTo(
  sessions: SessionRegistry,
  batches: BatchTimer,
  opened: (socket: WireSocket) => void,
): new (url: string) => WebSocket {
  const Wire = class extends WireSocket {
    constructor(url: string) {
      super(sessions, batches, url);
      opened(this);
    }
  };
  // Of a WebSocket's many members a client uses those that are here.
  return Wire as unknown as new (url: string) => WebSocket;
}
