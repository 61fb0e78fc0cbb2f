import assert from "node:assert/strict";
import { connect } from "node:net";
import { COMMANDS } from "../../../src/protocol/commands.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../../src/server/server.ts";
import { SessionRegistry } from "../../../src/sessions/registry.ts";
import { type FakeSession, fakeSession } from "../../support/fake_session.ts";
import { settle } from "../../support/fake_clock.ts";
import { TestClient } from "../../support/server_process.ts";

interface Stage extends AsyncDisposable {
  readonly server: RunningServer;
  readonly local: FakeSession;
  readonly sessions: SessionRegistry;
  readonly http: string;
  client(path?: string): Promise<TestClient>;
}

async function stage(options: Partial<ServerOptions> & { readonly logEvents?: number } = {}): Promise<Stage> {
  const local = fakeSession("local", options.logEvents);
  const sessions = new SessionRegistry({ capacity: 3, create: (id) => fakeSession(id) });
  sessions.add(local);
  const server = await startServer({
    hostname: "127.0.0.1",
    port: 0,
    allowedOrigins: [],
    maxClients: 20,
    limits: { commandsPerSecond: 1000, messageBytes: 100_000, queueBytes: 1_000_000, replayEvents: 100 },
    sessions,
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

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

/** An upgrade request as a browser or an attacker would send it: only the status line of the answer counts. */
function upgradeStatus(port: number, path: string, headers: Record<string, string>): Promise<number> {
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
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1]));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

Deno.test("server: a client is told where it is, what came before, and then what happens", async () => {
  await using on = await stage();
  on.local.tell("before");
  await using client = await on.client();
  on.local.tell("after");
  await client.next("message", { where: (event) => event.data.text === "after" });
  const types = client.events.map((event) => event.type);
  assert.deepEqual(types, ["connection_status", "session_info", "message", "replay", "message"]);
  assert.deepEqual(client.all("message").map((event) => event.seq), [1, 2]);
  assert.equal(client.all("session_info")[0]!.data.session_id, "local");
  assert.equal(client.all("connection_status")[0]!.data.clients, 1);
});

Deno.test("server: every command with an id is answered exactly once, with that id", async () => {
  await using on = await stage();
  await using client = await on.client();
  const data: Readonly<Record<string, unknown>> = {
    stt_start: { mode: "continuous" },
    message: { text: "hi" },
    say: { text: "hi" },
    audio_start: { sample_rate: 16_000, format: "pcm16" },
  };
  const names = [...Object.keys(COMMANDS), "nonsense", "load_model"];
  for (const type of names) {
    client.socket.send(JSON.stringify({ type, data: data[type] ?? {}, id: `id-${type}` }));
  }
  await client.ask("ping", {}, "pong");
  await settle();
  for (const type of names) {
    const answers = client.events.filter((event) => event.id === `id-${type}`);
    assert.equal(answers.length, 1, `${type}: ${JSON.stringify(answers)}`);
  }
  assert.ok(on.local.asked.includes("message hi") && on.local.asked.includes("start continuous"));
});

Deno.test("server: a command that cannot be done is an error with its id, and the client stays", async () => {
  await using on = await stage();
  await using client = await on.client();
  const refused = await client.ask("say", { text: "hi", voice: "nobody" }, "error");
  assert.deepEqual([refused.data.code, refused.data.message], ["NOT_FOUND", "There is no such voice."]);
  for (const garbage of ["\u0000", "{", "[1,2", "nonsense".repeat(1000)]) client.socket.send(garbage);
  assert.equal((await client.ask("ping", { sent_at: 5 }, "pong")).data.sent_at, 5);
  assert.equal(client.all("error").length, 5);
});

Deno.test("server: who comes back with last_seq misses nothing and gets nothing twice, wherever it was cut", async () => {
  await using on = await stage();
  for (let i = 1; i <= 30; i++) on.local.tell(`message ${i}`);
  for (let last = 0; last <= 30; last += 3) {
    await using client = await on.client(`/ws?last_seq=${last}`);
    assert.deepEqual(
      client.all("message").map((event) => event.seq),
      Array.from({ length: 30 - last }, (_, i) => last + i + 1),
    );
    const { from_seq, to_seq, complete } = client.all("replay")[0]!.data;
    assert.deepEqual([to_seq, complete], [30, true]);
    if (last < 30) assert.equal(from_seq, last + 1);
  }
});

Deno.test("server: a log that has forgotten what was asked for says so", async () => {
  await using on = await stage({ logEvents: 10 });
  for (let i = 1; i <= 200; i++) on.local.tell(`message ${i}`);
  await using client = await on.client("/ws?last_seq=3");
  assert.equal(client.all("replay")[0]!.data.complete, false);
  assert.equal(client.all("message").at(-1)!.seq, 200);
});

Deno.test("server: all clients of a session see the same events in the same order; other sessions none of them", async () => {
  await using on = await stage();
  await using one = await on.client();
  await using two = await on.client();
  await using other = await on.client("/ws/elsewhere");
  for (let i = 0; i < 50; i++) on.local.tell(`message ${i}`);
  for (const client of [one, two]) await client.next("message", { where: (event) => event.seq === 50 });
  assert.deepEqual(one.all("message"), two.all("message"));
  await other.ask("ping", {}, "pong");
  assert.deepEqual(other.all("message"), []);
  assert.equal(other.all("session_info")[0]!.data.status, "new");
});

Deno.test("server: subscriptions choose events by pattern, and sound only by asking", async () => {
  await using on = await stage();
  await using client = await on.client();
  const frame = { samples: Float32Array.from([0, 0.5]), sampleRateHz: 16_000, startMs: 0, gap: false };
  const speak = () =>
    on.local.session.record({ type: "tts.progress", text: "a ", chunk: 0, offsetMs: 0, frame }, { atMs: 1 });
  speak();
  const { data } = await client.ask("subscribe", { events: ["tts_*"], audio: true });
  assert.deepEqual(data, { events: ["tts_*"], audio: true });
  assert.deepEqual((await client.ask("subscribe", { events: ["tts_*"] })).data, data, "twice is once");
  on.local.tell("not wanted");
  speak();
  await client.ask("ping", {}, "pong");
  assert.deepEqual(client.all("message"), []);
  assert.equal(client.all("tts_progress").length, 2);
  assert.equal(client.frames.length, 1, "the sound before it was asked for did not come");
  const view = new DataView(client.frames[0]!);
  assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true), view.getInt16(10, true)], [
    3,
    16_000,
    16_384,
  ]);
  await client.ask("unsubscribe", { audio: true });
  speak();
  await client.ask("ping", {}, "pong");
  assert.equal(client.frames.length, 1);
});

Deno.test("server: a client's sound counts between audio_start and audio_stop, and stops when it leaves", async () => {
  await using on = await stage();
  const client = await on.client();
  client.socket.send(new Uint8Array(640));
  assert.equal((await client.next("error")).data.code, "CONFLICT");
  for (const sample_rate of [0, 4000, 96_000, "16000"]) {
    const refused = await client.ask("audio_start", { sample_rate, format: "pcm16" }, "error");
    assert.equal(refused.data.code, "VALIDATION_ERROR");
  }
  await client.ask("audio_start", { sample_rate: 16_000, format: "pcm16" });
  client.socket.send(new Uint8Array(640));
  await client.ask("ping", {}, "pong");
  assert.equal(on.local.heardBytes(), 640);
  await client[Symbol.asyncDispose]();
  while (!on.local.asked.includes("audio stop")) await new Promise((resolve) => setTimeout(resolve, 5));
});

Deno.test("server: pages of other origins, other names for this host and half-known tokens are refused", async () => {
  const token = "correct horse battery";
  await using on = await stage({ token, allowedOrigins: ["https://friend.example"] });
  const { port } = on.server;
  const shown = `/ws?token=${encodeURIComponent(token)}`;
  const status = (headers: Record<string, string>, path = shown) => upgradeStatus(port, path, headers);
  assert.equal(await status({}), 101);
  assert.equal(await status({ Origin: `http://127.0.0.1:${port}` }), 101);
  assert.equal(await status({ Origin: "tauri://localhost" }), 101);
  assert.equal(await status({ Origin: "https://friend.example" }), 101);
  assert.equal(await status({ Authorization: `Bearer ${token}` }, "/ws"), 101);
  assert.equal(await status({ Origin: "https://evil.example" }), 403);
  assert.equal(await status({ Origin: "null" }), 403);
  assert.equal(await status({ Host: "evil.example", Origin: "http://evil.example" }), 403, "DNS rebinding");
  assert.equal(await status({ Host: `127.0.0.1.evil.example:${port}` }), 403);
  assert.equal(await status({}, "/ws"), 403);
  assert.equal(await status({}, "/ws?token=correct+horse+batter"), 403);
  assert.equal(await status({ Authorization: "Bearer nonsense" }, "/ws"), 403);
});

Deno.test("server: it does not listen to other machines without a token, nor on a port that is taken", async () => {
  await using on = await stage();
  await assert.rejects(stage({ hostname: "0.0.0.0" }), { code: "VALIDATION_ERROR", message: /--token/ });
  await assert.rejects(stage({ port: on.server.port }), { code: "CONFLICT", message: /--port/ });
});

Deno.test("server: more clients than there are places are turned away, and the others stay", async () => {
  await using on = await stage({ maxClients: 2 });
  await using first = await on.client();
  await using _second = await on.client();
  assert.equal(await upgradeStatus(on.server.port, "/ws", {}), 503);
  await first.ask("ping", {}, "pong");
});

Deno.test("server: a flood of commands is RATE_LIMITED, and over", async () => {
  await using on = await stage({
    limits: { commandsPerSecond: 20, messageBytes: 100_000, queueBytes: 1_000_000, replayEvents: 100 },
  });
  await using client = await on.client();
  await using calm = await on.client();
  for (let i = 0; i < 200; i++) client.socket.send(JSON.stringify({ type: "ping", id: `${i}` }));
  await client.next("error", { where: (event) => event.data.code === "RATE_LIMITED" });
  await calm.ask("ping", {}, "pong");
  await client.next("error", { where: (event) => event.id === "199" });
  assert.ok(
    client.all("pong").length >= 20 && client.all("pong").length < 100,
    `${client.all("pong").length}`,
  );
});

Deno.test("server: a message too large is told and ends its connection alone", async () => {
  await using on = await stage();
  const client = await on.client();
  await using other = await on.client();
  client.socket.send(JSON.stringify({ type: "message", data: { text: "x".repeat(200_000) } }));
  assert.equal((await client.next("error")).data.code, "PAYLOAD_TOO_LARGE");
  assert.equal((await client.closed).code, 1009);
  await other.ask("ping", {}, "pong");
});

Deno.test("server: sessions come with their first client, and the one left longest ago gives way", async () => {
  await using on = await stage();
  {
    await using _a = await on.client("/ws/a");
    assert.equal((await (await fetch(`${on.http}/ws/sessions/a/connections`)).json()).connection_count, 1);
  }
  while (on.sessions.clientsOf("a") !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await using _b = await on.client("/ws/b");
  await using _c = await on.client("/ws/c");
  assert.equal(on.sessions.get("a"), undefined, "capacity is three, local among them");
  const refused = new TestClient(`ws://127.0.0.1:${on.server.port}/ws/d`);
  assert.equal((await refused.next("error")).data.code, "UNAVAILABLE");
  await refused.closed;
  while (on.server.clients !== 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(await (await fetch(`${on.http}/ws/status`)).json(), {
    total_connections: 2,
    active_sessions: 2,
    session_count: 3,
  });
  assert.equal(await statusOf(`${on.http}/ws/sessions/zz/connections`), 404);
});

Deno.test("server: connect moves a client to another session, with its log", async () => {
  await using on = await stage();
  await using client = await on.client();
  const info = await client.ask("connect", { session_id: "mine" }, "session_info");
  assert.equal(info.data.session_id, "mine");
  on.local.tell("not for it any more");
  await client.ask("ping", {}, "pong");
  assert.deepEqual(client.all("message"), []);
  const refused = await client.ask("connect", { session_id: "../etc" }, "error");
  assert.equal(refused.data.code, "VALIDATION_ERROR");
  assert.equal(
    (await client.ask("get_history", {}, "history")).session_id,
    "mine",
    "a failed move changes nothing",
  );
});

Deno.test("server: the page runs only its own script and style", async () => {
  await using on = await stage();
  const response = await fetch(`${on.http}/`);
  assert.match(response.headers.get("content-security-policy")!, /default-src 'none'.*script-src 'sha256-/);
  assert.match(await response.text(), /<h1>Parley/);
  const health = await fetch(`${on.http}/health`);
  assert.equal((await health.json()).status, "ok");
  assert.equal(await statusOf(`${on.http}/ws`), 426);
});

Deno.test("server: ending it tells every client that it goes away", async () => {
  const on = await stage();
  const client = await on.client();
  await on[Symbol.asyncDispose]();
  assert.equal((await client.closed).code, 1001);
  assert.ok(on.local.disposed());
});
