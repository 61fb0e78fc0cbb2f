/** Who may connect, how many, and how much they may ask. */
import assert from "node:assert/strict";
import { TestClient } from "../../support/server_process.ts";
import { LIMITS, stage, until, upgrade, upgradeStatus } from "../../support/server_stage.ts";

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

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
  assert.equal(await status({}, "/"), 403);
  for (const path of ["/metrics", "/ws/status", "/protocol/schema.json"]) {
    assert.equal(await statusOf(`${on.http}${path}`), 403, path);
    assert.equal(await statusOf(`${on.http}${path}?token=${encodeURIComponent(token)}`), 200, path);
  }
  for (const path of ["/", "/dashboard/app.css", "/health"]) {
    assert.equal(await statusOf(`${on.http}${path}`), 200, path);
  }
  assert.equal(await status({}, "/ws?token=correct+horse+batter"), 403);
  assert.equal(await status({ Authorization: "Bearer nonsense" }, "/ws"), 403);
});

Deno.test("server: it does not listen to other machines without a token, nor on a port that is taken", async () => {
  await using on = await stage();
  await assert.rejects(stage({ hostname: "0.0.0.0" }), { code: "VALIDATION_ERROR", message: /--token/ });
  const { port } = on.server;
  await assert.rejects(stage({ port }), { code: "CONFLICT", message: new RegExp(`Port ${port} .*--port`) });
  // An address of the documentation (RFC 5737), which no machine has.
  const elsewhere = { hostname: "192.0.2.1", token: "correct horse battery" };
  await assert.rejects(stage(elsewhere), { code: "UNAVAILABLE", message: /192\.0\.2\.1.*--host/ });
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
    limits: { ...LIMITS, commandsPerSecond: 20 },
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
  client.socket.send("x".repeat(2_000_000));
  assert.equal((await client.next("error")).data.code, "PAYLOAD_TOO_LARGE");
  assert.equal((await client.closed).code, 1009);
  const wide = await on.client();
  wide.socket.send("€".repeat(40_000));
  assert.equal((await wide.closed).code, 1009, "bytes count, not characters");
  await other.ask("ping", {}, "pong");
});

Deno.test("server: sessions come with their first client, and the one left longest ago gives way", async () => {
  await using on = await stage();
  {
    await using _a = await on.client("/ws/a");
    assert.equal((await (await fetch(`${on.http}/ws/sessions/a/connections`)).json()).connection_count, 1);
  }
  await until(() => on.sessions.clientsOf("a") === 0);
  await using _b = await on.client("/ws/b");
  await using _c = await on.client("/ws/c");
  assert.equal(on.sessions.get("a"), undefined, "capacity is three, local among them");
  const refused = new TestClient(`ws://127.0.0.1:${on.server.port}/ws/d`);
  assert.equal((await refused.next("error")).data.code, "UNAVAILABLE");
  await refused.closed;
  await until(() => on.server.clients === 2);
  assert.deepEqual(await (await fetch(`${on.http}/ws/status`)).json(), {
    total_connections: 2,
    active_sessions: 2,
    session_count: 3,
  });
  assert.equal(await statusOf(`${on.http}/ws/sessions/zz/connections`), 404);
});

Deno.test("server: the page runs only its own script and style", async () => {
  await using on = await stage();
  const response = await fetch(`${on.http}/`);
  assert.match(
    response.headers.get("content-security-policy")!,
    /default-src 'none'.*script-src 'self'.*style-src 'self'/,
  );
  assert.match(await response.text(), /<title>Parley/);
  const health = await fetch(`${on.http}/health`);
  assert.equal((await health.json()).status, "ok");
  assert.equal(await statusOf(`${on.http}/ws`), 426);
});

Deno.test("server: ending it tells every client that it goes away, and waits for none that does not hear", async () => {
  const on = await stage();
  const client = await on.client();
  using _deaf = await upgrade(on.server.port, "/ws");
  await on[Symbol.asyncDispose]();
  assert.equal((await client.closed).code, 1001);
  assert.ok(on.local.disposed());
});

Deno.test("server: a client that never reads leaves its session, and the others are not kept waiting", async () => {
  await using on = await stage({ limits: { ...LIMITS, queueBytes: 100_000 } });
  using deaf = await upgrade(on.server.port, "/ws/busy");
  await using other = await on.client("/ws/busy");
  const { session } = on.sessions.get("busy")!;
  let told = 0;
  while (on.sessions.clientsOf("busy") === 2 && told < 1000) {
    session.record({ type: "message", role: "assistant", text: "x".repeat(50_000) }, { atMs: Date.now() });
    told++;
    await other.next("message", { where: (event) => event.seq === told });
  }
  assert.equal(on.sessions.clientsOf("busy"), 1);
  await other.ask("ping", {}, "pong");
  deaf.socket.destroy();
  await until(() => on.server.clients === 1);
});
