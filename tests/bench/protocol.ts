/** How much the protocol carries: fan-out, idle clients, commands while turns run, replay. */
import { percentilesOf } from "../../src/sessions/metrics.ts";
import { startServerProcess, TestClient } from "../support/server_process.ts";
import type { Figure } from "./report.ts";

const FAN_OUT = { clients: 100, rate: 10_000, seconds: 10 };
const IDLE_CLIENTS = 1000;
const REPLAYED = 10_000;
const COMMANDS = 2000;

/** Every figure, one after the other: none disturbs another. */
export async function protocolFigures(): Promise<Figure[]> {
  return [...await fanOut(), await idle(), await answers(), await replay()];
}

interface EventServer extends AsyncDisposable {
  readonly url: string;
  /** What it printed once it had told everything. */
  result(): Promise<{ readonly rss: number; readonly producedInMs: number }>;
}

async function eventServer(...args: readonly number[]): Promise<EventServer> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("event_server.ts", import.meta.url).href, ...args.map(String)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const line = async (): Promise<string> => {
    while (!text.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) throw new Error("The server ended");
      text += value;
    }
    const [first = "", ...rest] = text.split("\n");
    text = rest.join("\n");
    return first;
  };
  const port = await line();
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    result: async () => JSON.parse(await line()),
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      child.kill();
      await Promise.all([child.status, lines.cancel()]);
    },
  };
}

/** Latency from the event's making to its arrival, of the first and last event of every message. */
async function fanOut(): Promise<Figure[]> {
  const { clients, rate, seconds } = FAN_OUT;
  await using server = await eventServer(0, clients, rate, seconds);
  const latencies: number[] = [];
  let received = 0;
  const sockets = await Promise.all(Array.from({ length: clients }, () => open(server.url)));
  for (const socket of sockets) {
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string" || !data.includes('"type":"message"')) return;
      const nowMs = performance.timeOrigin + performance.now();
      // Reading a million events a second as JSON would measure the client, not the server.
      const [first, last] = [
        number(data, "text", data.indexOf('"text":')),
        number(data, "text", data.lastIndexOf('"text":')),
      ];
      latencies.push(nowMs - first, nowMs - last);
      received += number(data, "seq", data.lastIndexOf('"seq":')) -
        number(data, "seq", data.indexOf('"seq":')) + 1;
    };
    socket.send(JSON.stringify({ type: "subscribe", data: { events: ["message"], batch: true } }));
  }
  const { producedInMs } = await server.result();
  for (const socket of sockets) socket.close();
  const { p50, p99 } = percentilesOf(latencies);
  const missing = rate * seconds * clients - received;
  const over = `${rate} events a second to ${clients} clients in batches, for ${
    (producedInMs / 1000).toFixed(1)
  } s`;
  return [
    { name: "fan-out, delivery, p50", value: p50, unit: "ms", over },
    { name: "fan-out, delivery, p99", value: p99, unit: "ms", limit: 50, over },
    {
      name: "fan-out, deliveries that are missing",
      value: missing,
      unit: "",
      limit: 0,
      over: `${received} received`,
    },
  ];
}

async function idle(): Promise<Figure> {
  await using server = await eventServer(0, IDLE_CLIENTS, 0, 0);
  const sockets: WebSocket[] = [];
  for (let i = 0; i < IDLE_CLIENTS; i++) sockets.push(await open(server.url));
  const { rss } = await server.result();
  for (const socket of sockets) socket.close();
  return {
    name: "resident memory with idle clients",
    value: rss / 1e6,
    unit: "MB",
    limit: 300,
    over: `${IDLE_CLIENTS} clients, no models`,
  };
}

/** The server as users run it, answering one typed message after the other meanwhile. */
async function answers(): Promise<Figure> {
  await using server = await startServerProcess([
    "--audio-backend",
    "null",
    "--limits-commands-per-second",
    "10000",
  ]);
  await using asking = await server.connect();
  await using talking = await server.connect();
  let isOver = false;
  let turns = 0;
  const turnsRun = (async () => {
    while (!isOver) {
      await talking.ask("message", { text: "what time is it" });
      await talking.next("turn_end", { from: talking.events.length });
      turns++;
    }
  })();
  const latencies: number[] = [];
  for (let i = 0; i < COMMANDS; i++) {
    const startMs = performance.now();
    await asking.ask(i % 2 === 0 ? "ping" : "get_history", {}, i % 2 === 0 ? "pong" : "history");
    latencies.push(performance.now() - startMs);
    asking.events.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  isOver = true;
  await turnsRun;
  const { p99, n } = percentilesOf(latencies);
  return {
    name: "a command answered while turns run, p99",
    value: p99,
    unit: "ms",
    limit: 5,
    over: `${n} commands, ${turns} turns`,
  };
}

async function replay(): Promise<Figure> {
  await using server = await eventServer(REPLAYED, 0, 0, 0);
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const startMs = performance.now();
    await using client = new TestClient(`${server.url}?last_seq=0`);
    const { data } = await client.next("replay");
    if (data.events.length !== REPLAYED) throw new Error(`${data.events.length} events came back`);
    times.push(performance.now() - startMs);
  }
  return {
    name: `replay of ${REPLAYED} events, from connecting to having read them, p95`,
    value: percentilesOf(times).p95,
    unit: "ms",
    limit: 200,
    over: `${times.length} times`,
  };
}

function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error("The connection was refused"));
  });
}

/** The number that follows `"key":` or `"key":"` at a place of a JSON text. */
function number(json: string, key: string, at: number): number {
  return Number.parseFloat(json.slice(at + key.length + 3, at + key.length + 28).replace('"', ""));
}
