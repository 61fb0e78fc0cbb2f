/** A real server over sessions that only tell what they were asked, and raw requests to it. */
import { connect, type Socket } from "node:net";
import { systemClock } from "../../pipeline/clock.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/server/server.ts";
import { Metrics } from "../../src/metrics.ts";
import { SessionRegistry } from "../../src/sessions/registry.ts";
import { type FakeSession, fakeSession } from "./fake_session.ts";
import { TestClient } from "./server_process.ts";

/** A server that listens on a free port, with one fake session called `local`. */
export interface Stage extends AsyncDisposable {
  readonly server: RunningServer;
  readonly local: FakeSession;
  readonly sessions: SessionRegistry;
  readonly http: string;
  client(path?: string): Promise<TestClient>;
}

/** Limits that no test reaches by accident. */
export const LIMITS = {
  commandsPerSecond: 1000,
  messageBytes: 100_000,
  queueBytes: 1_000_000,
  replayEvents: 100,
};

/** Starts the server; at most three sessions. */
export async function stage(
  options: Partial<ServerOptions> & { readonly logEvents?: number; readonly resumeMs?: number } = {},
): Promise<Stage> {
  const local = fakeSession("local", options.logEvents);
  const sessions = new SessionRegistry({
    capacity: 3,
    create: (id) => fakeSession(id),
    clock: systemClock,
    resumeMs: options.resumeMs ?? 60_000,
  });
  sessions.add(local);
  const server = await startServer({
    hostname: "127.0.0.1",
    port: 0,
    allowedOrigins: [],
    maxClients: 20,
    limits: LIMITS,
    sessions,
    metrics: new Metrics(() => ({
      clients: 0,
      sessions: 0,
      droppedEvents: 0,
      residentBytes: 0,
      eventLoopLagP99Ms: 0,
      uptimeMs: 0,
    })),
    ...options,
  });
  return {
    server,
    local,
    sessions,
    http: `http://127.0.0.1:${server.port}`,
    async client(path = "/ws") {
      const client = new TestClient(`ws://127.0.0.1:${server.port}${path}`);
      await client.next("replay");
      return client;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

/** The start of a server's answer to a WebSocket upgrade, and the connection, which from then on reads nothing. */
export interface RawAnswer extends Disposable {
  readonly status: number;
  readonly socket: Socket;
}

/** Asks for an upgrade as a browser, an attacker or a broken client would. */
export function upgrade(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`GET ${path} HTTP/1.1\r\n${lines}\r\n`));
    socket.once("data", (data) => {
      socket.pause();
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1]);
      resolve({ status, socket, [Symbol.dispose]: () => void socket.destroy() });
    });
    socket.once("error", reject);
  });
}

/** The status of the answer to a WebSocket upgrade. */
export async function upgradeStatus(...parameters: Parameters<typeof upgrade>): Promise<number> {
  using answer = await upgrade(...parameters);
  return answer.status;
}

/** Waits, in steps too short to notice, until something that happens in other tasks has happened. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 5));
}
