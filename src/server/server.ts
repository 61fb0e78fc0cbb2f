/** HTTP and WebSocket: who may connect, and where to. */
import { Hono } from "hono";
import { ParleyError } from "../../pipeline/errors.ts";
import { LOCAL_SESSION, type SessionRegistry } from "../sessions/registry.ts";
import { SERVER_VERSION } from "../protocol/version.ts";
import { isAuthorized } from "./auth.ts";
import { BatchTimer } from "./batch_timer.ts";
import { Client, type ClientLimits } from "./client.ts";
import { hostsOf, isAnyAddress, isLoopback, refusal } from "./origin.ts";
import { Outbox } from "./outbox.ts";
import { page } from "./page.ts";

/** How a server is started. */
export interface ServerOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token?: string;
  readonly allowedOrigins: readonly string[];
  readonly maxClients: number;
  readonly limits: ClientLimits;
  readonly sessions: SessionRegistry;
}

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly clients: number;
  /** Events left out for slow clients, since the start. */
  readonly droppedEvents: number;
  /** Ends every connection there is; clients may come back. */
  disconnectAll(): void;
}

/** Close code "going away": the server ends. */
const GOING_AWAY = 1001;

/**
 * Listens. Throws `VALIDATION_ERROR` where a token is needed and there is none, `CONFLICT` when the port is
 * taken, `UNAVAILABLE` when the address is not this machine's. Disposing closes every connection and waits until nothing is left.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { hostname, port, token, allowedOrigins, sessions } = options;
  if (!token && !isLoopback(hostname)) {
    throw new ParleyError(
      "VALIDATION_ERROR",
      `Listening on ${hostname} lets other machines connect: set a token (--token, PARLEY_TOKEN) of at least 16 characters.`,
    );
  }
  const connections = new Connections(options);
  const rules = { hosts: hostsOf(hostname), allowedOrigins };
  const { html, policy } = await page();
  const app = new Hono();
  app.use(async (context, next) => {
    const reason = refusal(context.req.raw, rules, isAnyAddress(hostname));
    if (reason) return context.text(reason, 403);
    const isOpen = context.req.path === "/health";
    if (token && !isOpen && !isAuthorized(context.req.raw, token)) {
      return context.text("Show the server's token, as ?token=… or as a bearer.", 403);
    }
    await next();
  });
  app.get("/health", (context) => context.json({ status: "ok", version: SERVER_VERSION }));
  app.get("/ws/status", (context) =>
    context.json({
      total_connections: connections.size,
      active_sessions: sessions.counts.active,
      session_count: sessions.counts.sessions,
    }));
  app.get("/ws/sessions/:id/connections", (context) => {
    const id = context.req.param("id");
    const count = sessions.clientsOf(id);
    if (count === undefined) return context.text("There is no such session.", 404);
    return context.json({ session_id: id, connection_count: count, is_active: count > 0 });
  });
  app.get("/ws", (context) => connections.upgrade(context.req.raw, LOCAL_SESSION));
  app.get("/ws/:session", (context) => connections.upgrade(context.req.raw, context.req.param("session")));
  app.get("/", (context) => {
    if (context.req.header("upgrade")) return connections.upgrade(context.req.raw, LOCAL_SESSION);
    return context.html(html, 200, {
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
    });
  });
  const server = listen(hostname, port, (request) => app.fetch(request));
  const { port: actualPort } = server.addr;
  return {
    url: `ws://${hostsOf(hostname).at(isAnyAddress(hostname) ? 0 : -1)}:${actualPort}/ws`,
    port: actualPort,
    get clients() {
      return connections.size;
    },
    get droppedEvents() {
      return connections.droppedEvents;
    },
    disconnectAll: () => connections.closeAll(),
    async [Symbol.asyncDispose]() {
      connections[Symbol.dispose]();
      await server.shutdown();
    },
  };
}

function listen(hostname: string, port: number, handler: (request: Request) => Response | Promise<Response>) {
  try {
    return Deno.serve({ hostname, port, handler, onListen: () => {} });
  } catch (error) {
    const isTaken = error instanceof Deno.errors.AddrInUse;
    const message = isTaken
      ? `Port ${port} is taken, perhaps by another Parley: end that, or choose a port with --port.`
      : `Nothing can listen on port ${port} of "${hostname}": choose others with --host and --port.`;
    throw new ParleyError(isTaken ? "CONFLICT" : "UNAVAILABLE", message, {
      cause: error,
      recoverable: false,
    });
  }
}

/** All sockets there are. */
class Connections implements Disposable {
  readonly #options: ServerOptions;
  readonly #open = new Map<WebSocket, Client>();
  readonly #batches = new BatchTimer();
  #droppedBefore = 0;

  constructor(options: ServerOptions) {
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
    const { sessions, limits, maxClients } = this.#options;
    if (this.#open.size >= maxClients) {
      return new Response(`All ${maxClients} places are taken; try again later.`, { status: 503 });
    }
    const query = new URL(request.url).searchParams;
    const lastSeq = query.get("last_seq");
    if (lastSeq !== null && !/^\d{1,15}$/.test(lastSeq)) {
      return new Response("last_seq must be the number of an event.", { status: 400 });
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
    socket.binaryType = "arraybuffer";
    const outbox = new Outbox(socket, limits.queueBytes, this.#batches);
    const client = new Client({ outbox, sessions, limits, clients: () => this.size });
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
    socket.onopen = () => client.open(sessionId, place);
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
    for (const socket of this.#open.keys()) {
      if (socket.readyState <= WebSocket.OPEN) socket.close(GOING_AWAY, "The server ends");
    }
  }
}
