/** All sockets there are. */
import type { SessionRegistry } from "../sessions/registry.ts";
import { BatchTimer } from "./batch_timer.ts";
import { Client, type ClientLimits } from "./client.ts";
import type { MetricsPort } from "./metrics_port.ts";
import { Outbox } from "./outbox.ts";

/** What connections are made with. */
export interface ConnectionsOptions {
  readonly maxClients: number;
  readonly limits: ClientLimits;
  readonly sessions: SessionRegistry;
  readonly metrics: MetricsPort;
}

/** Close code "going away": the server ends. */
const GOING_AWAY = 1001;
/** A connection that has not answered a ping for so long is dead: half-open sockets end here. */
const IDLE_TIMEOUT_S = 60;

/** Disposing closes them. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<WebSocket, Client>();
  readonly #batches = new BatchTimer();
  #droppedBefore = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  get droppedEvents(): number {
    return [...this.#open.values()].reduce((sum, client) => sum + client.dropped, this.#droppedBefore);
  }

  /** Makes the request a client of a session; says why not where it cannot be. */
  upgrade(request: Request, sessionId: string): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("Connect here by WebSocket.", { status: 426, headers: { upgrade: "websocket" } });
    }
    const { sessions, limits, maxClients, metrics } = this.#options;
    if (this.#open.size >= maxClients) {
      metrics.refused("places");
      return new Response(`All ${maxClients} places are taken; try again later.`, { status: 503 });
    }
    const query = new URL(request.url).searchParams;
    const lastSeq = query.get("last_seq");
    if (lastSeq !== null && !/^\d{1,15}$/.test(lastSeq)) {
      return new Response("last_seq must be the number of an event.", { status: 400 });
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_S });
    socket.binaryType = "arraybuffer";
    const outbox = new Outbox(socket, limits.queueBytes, this.#batches);
    const client = new Client({
      outbox,
      sessions,
      limits,
      clients: () => this.size,
      count: (command, outcome) => metrics.command(command, outcome),
    });
    this.#open.set(socket, client);
    const place = {
      lastSeq: lastSeq === null ? undefined : Number(lastSeq),
      epoch: query.get("epoch") ?? undefined,
    };
    const close = () => {
      if (!this.#open.delete(socket)) return;
      this.#droppedBefore += client.dropped;
      client[Symbol.dispose]();
    };
    socket.onopen = () => {
      metrics.connection();
      client.open(sessionId, place);
    };
    socket.onmessage = ({ data }) => client.receive(data);
    socket.onclose = close;
    socket.onerror = close;
    return response;
  }

  [Symbol.dispose](): void {
    this.#batches[Symbol.dispose]();
    this.closeAll();
  }

  closeAll(): void {
    for (const [socket, client] of this.#open) {
      if (socket.readyState === WebSocket.OPEN) client.end(GOING_AWAY, "The server ends");
      else if (socket.readyState === WebSocket.CONNECTING) socket.close();
    }
  }
}
