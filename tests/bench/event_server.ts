/**
 * A server without models in a process of its own, as the protocol's benches need it: `EVENTS` events in the log at
 * the start, and once `CLIENTS` are connected, `RATE` events a second for `SECONDS`. Prints its port, and at the end
 * its memory.
 */
import { LIMITS, stage } from "../support/server_stage.ts";

const [events = 0, clients = 0, rate = 0, seconds = 0] = Deno.args.map(Number);

await using on = await stage({
  maxClients: 20_000,
  logEvents: 10_000,
  limits: { ...LIMITS, queueBytes: 64_000_000 },
});
for (let i = 0; i < events; i++) on.local.tell(`something that was said some time ago, number ${i}`);
print(`${on.server.port}`);
while (on.server.clients < clients) await pause(20);
await pause(500); // Until the last has had its replay and said what it wants.
const startMs = performance.now();
const total = rate * seconds;
for (let told = 0; told < total;) {
  const due = Math.min(total, Math.floor((performance.now() - startMs) * rate / 1000));
  for (; told < due; told++) on.local.tell(`${performance.timeOrigin + performance.now()}`);
  await pause(1);
}
await pause(1000);
print(JSON.stringify({ rss: Deno.memoryUsage().rss, producedInMs: performance.now() - startMs - 1000 }));
// Ends when whoever started it has no more to say.
await Deno.stdin.readable.pipeTo(new WritableStream());

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
