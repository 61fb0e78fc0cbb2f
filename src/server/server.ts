/** HTTP and WebSocket: who may connect, and where to. */
import { type Context, Hono, type HonoRequest, type MiddlewareHandler } from "hono";
import { ParleyError } from "../../pipeline/errors.ts";
import { LOCAL_SESSION } from "../sessions/registry.ts";
import { SERVER_VERSION } from "../protocol/version.ts";
import { isAuthorized } from "./auth.ts";
import { Connections, type ConnectionsOptions } from "./connections.ts";
import { hostsOf, isAnyAddress, isLoopback, refusal } from "./origin.ts";
import { CONTENT_SECURITY_POLICY, dashboardAsset } from "./dashboard.ts";
import { type ProtocolFile, protocolFiles } from "./protocol_files.ts";
import { isServicePath, type ServicesPort } from "./services_port.ts";

/** How a server is started. */
export interface ServerOptions extends ConnectionsOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token?: string;
  readonly allowedOrigins: readonly string[];
  /** What answers under `/v1/`. The server disposes of it when it ends. */
  readonly services?: ServicesPort;
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

/**
 * Listens. Throws `VALIDATION_ERROR` where a token is needed and there is none, `CONFLICT` when the port is
 * taken, `UNAVAILABLE` when the address is not this machine's. Disposing closes every connection and waits until nothing is left.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { hostname, port, token, services } = options;
  if (!token && !isLoopback(hostname)) {
    throw new ParleyError(
      "VALIDATION_ERROR",
      `Listening on ${hostname} lets other machines connect: set a token (--token, PARLEY_TOKEN) of at least 16 characters.`,
    );
  }
  const connections = new Connections(options);
  const app = new Hono();
  app.use(guard(options));
  addRoutes(app, connections, options);
  addFiles(app, await protocolFiles());
  if (services) app.all("/v1/*", ({ req }) => services.fetch(req.raw));
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
      services?.[Symbol.dispose]();
      await server.shutdown();
    },
  };
}

/** Turns away whoever may not be here, before anything else is looked at. */
function guard({ hostname, token, allowedOrigins, metrics, services }: ServerOptions): MiddlewareHandler {
  const rules = { hosts: hostsOf(hostname), allowedOrigins };
  const refuse = (context: Context, message: string, serviceStatus: 401 | 403) =>
    services && isServicePath(context.req.path)
      ? services.refuse(serviceStatus, message)
      : context.text(message, 403);
  return async (context, next) => {
    const refused = refusal(context.req.raw, rules, isAnyAddress(hostname));
    if (refused) {
      metrics.refused(refused.reason);
      return refuse(context, refused.message, 403);
    }
    if (token && !isOpenToAll(context.req) && !isAuthorized(context.req.raw, token)) {
      metrics.refused("token");
      return refuse(context, "Show the server's token, as ?token=… or as a bearer.", 401);
    }
    return await next();
  };
}

/** The page holds nothing of anybody's: it asks for the token itself, and shows it when it connects. */
function isOpenToAll(request: HonoRequest): boolean {
  const { path } = request;
  return path === "/health" || path.startsWith("/dashboard/") || (path === "/" && !request.header("upgrade"));
}

function addRoutes(app: Hono, connections: Connections, { sessions, metrics }: ServerOptions): void {
  app.get("/health", (context) => context.json({ status: "ok", version: SERVER_VERSION }));
  app.get(
    "/metrics",
    async (context) => context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
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
  app.get("/", async (context, next) => {
    if (!context.req.header("upgrade")) return await next();
    return connections.upgrade(context.req.raw, LOCAL_SESSION);
  });
}

/** The dashboard, and the contract in every language it is generated in. */
function addFiles(app: Hono, files: ReadonlyMap<string, ProtocolFile>): void {
  const send = async (context: Context, name: string) => {
    const asset = await dashboardAsset(name);
    if (!asset) return context.text("There is no such file.", 404);
    return context.body(asset.body, 200, {
      "content-type": asset.contentType,
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    });
  };
  app.get("/", (context) => send(context, "index.html"));
  app.get("/dashboard/:file", (context) => send(context, context.req.param("file")));
  app.onError((error, context) => {
    if (!(error instanceof ParleyError)) throw error;
    return context.text(error.message, 503);
  });
  app.get("/protocol/:file", (context) => {
    const file = files.get(context.req.param("file"));
    if (!file) return context.text(`There is ${[...files.keys()].join(", ")}.`, 404);
    return context.body(file.text, 200, { "content-type": file.contentType });
  });
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
