/** What hostile and broken clients do; the others must not notice. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { LIMITS, stage, until, upgrade, upgradeStatus } from "../../support/server_stage.ts";

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** The header of a masked text frame that announces `length` bytes (RFC 6455, section 5.2). */
function frameHeader(length: number): Uint8Array {
  const header = new Uint8Array(14);
  header.set([0x81, 0x80 | 127]);
  new DataView(header.buffer).setBigUint64(2, BigInt(length));
  return header;
}

Deno.test("attack: a message of 100 MB ends its connection before it is over, and is acted on by nobody", async () => {
  await using on = await stage();
  await using other = await on.client();
  const size = 100_000_000;
  const { socket } = await upgrade(on.server.port, "/ws");
  let isClosed = false;
  socket.on("close", () => isClosed = true);
  socket.on("error", () => isClosed = true);
  socket.resume();
  socket.write(frameHeader(size));
  const part = new Uint8Array(1_000_000).fill(0x20);
  for (let sent = 0; sent < size && !isClosed; sent += part.length) {
    await new Promise<void>((resolve) => socket.write(part, () => resolve()));
  }
  await until(() => isClosed);
  socket.destroy();
  await until(() => on.server.clients === 1);
  await other.ask("ping", {}, "pong");
  assert.deepEqual(on.local.asked, []);
});

Deno.test("attack: of ten thousand connections as many are taken as there are places, and the first stays", async () => {
  await using on = await stage({ maxClients: 20 });
  await using first = await on.client();
  const statuses: number[] = [];
  const kept: Disposable[] = [];
  for (let wave = 0; wave < 100; wave++) {
    await Promise.all(Array.from({ length: 100 }, async () => {
      const answer = await upgrade(on.server.port, "/ws");
      statuses.push(answer.status);
      if (answer.status === 101) kept.push(answer);
      else answer[Symbol.dispose]();
    }));
  }
  const taken = statuses.filter((status) => status === 101).length;
  assert.deepEqual([statuses.length, taken, new Set(statuses)], [10_000, 19, new Set([101, 503])]);
  await first.ask("ping", {}, "pong");
  for (const answer of kept) answer[Symbol.dispose]();
  await until(() => on.server.clients === 1);
  assert.equal(await upgradeStatus(on.server.port, "/ws"), 101, "places that are left are free again");
});

Deno.test("attack: sockets that say nothing, or half a request, keep nobody waiting, at the end neither", async () => {
  const on = await stage();
  const half = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webso";
  const sockets = await Promise.all(Array.from({ length: 500 }, () => dial(on.server.port)));
  for (const [index, socket] of sockets.entries()) {
    socket.on("error", () => {});
    if (index % 2 === 0) socket.write(half);
  }
  const client = await on.client();
  await client.ask("ping", {}, "pong");
  await client[Symbol.asyncDispose]();
  await on[Symbol.asyncDispose]();
  for (const socket of sockets) socket.destroy();
});

Deno.test("attack: garbage where frames should be ends its own connection", async () => {
  await using on = await stage();
  await using other = await on.client();
  for (
    const bytes of [[0xff, 0xff, 0xff, 0xff], [0x81, 0x05, 1, 2, 3, 4, 5], [0x83, 0x80, 0, 0, 0, 0], [
      0x09,
      0xfe,
    ]]
  ) {
    using answer = await upgrade(on.server.port, "/ws");
    answer.socket.on("error", () => {});
    answer.socket.resume();
    answer.socket.end(new Uint8Array(bytes));
    await until(() => on.server.clients === 1);
  }
  await other.ask("ping", {}, "pong");
});

Deno.test("attack: text that is no Unicode, and a flood of sound, are told and over", async () => {
  await using on = await stage({ limits: { ...LIMITS, commandsPerSecond: 50 } });
  await using other = await on.client();
  await using client = await on.client();
  await client.ask("audio_start", { sample_rate: 8000, format: "pcm16" });
  for (let i = 0; i < 1000; i++) client.socket.send(new Uint8Array(641));
  await client.ask("ping", {}, "pong").catch(() => {}); // Too many complaints may have used up its commands.
  await other.ask("ping", {}, "pong");
  assert.ok(client.all("error").length <= 60, `${client.all("error").length}`);
});
