import assert from "node:assert/strict";
import { Metrics } from "../../src/metrics.ts";
import { stage, upgradeStatus } from "../support/server_stage.ts";

const SAMPLE = {
  clients: 3,
  sessions: 2,
  droppedEvents: 5,
  residentBytes: 1e8,
  eventLoopLagP99Ms: 2.5,
  uptimeMs: 60_000,
};

/** Reads the exposition format strictly: every line is a comment, or a name, labels and a number. */
function parseMetrics(text: string): ReadonlyMap<string, number> {
  const described = new Set<string>();
  const values = new Map<string, number>();
  for (const line of text.split("\n").filter(Boolean)) {
    const comment = /^# (?:HELP|TYPE) ([a-z_][a-z0-9_]*) \S/.exec(line);
    if (comment) {
      described.add(comment[1]!);
      continue;
    }
    const sample = /^([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+\})? (\S+)$/.exec(line);
    assert.ok(sample && Number.isFinite(Number(sample[3])), line);
    const [, name = "", labels = "", value] = sample;
    assert.ok(described.has(name.replace(/_(bucket|sum|count)$/, "")) || described.has(name), line);
    values.set(`${name}${labels}`, Number(value));
  }
  return values;
}

Deno.test("metrics: what happened is counted, and what is now is asked for", async () => {
  const metrics = new Metrics(() => SAMPLE);
  metrics.command("ping", "ok");
  metrics.command("ping", "ok");
  metrics.command("say", "NOT_FOUND");
  metrics.connection();
  metrics.refused("origin");
  metrics.hook("log", false);
  metrics.fact({ type: "turn.end", reason: "completed" });
  metrics.fact({
    type: "latency.trace",
    trace: {
      voiceToVoiceMs: 450,
      spans: [{ stage: "llm", startMs: 100, endMs: 200 }],
      marks: { speech_end: 0, endpoint: 384, llm_first_token: 110 },
    },
  });
  const values = parseMetrics(await metrics.text());
  const expected = {
    'parley_commands_total{command="ping",outcome="ok"}': 2,
    'parley_commands_total{command="say",outcome="NOT_FOUND"}': 1,
    "parley_connections_total": 1,
    'parley_refused_connections_total{reason="origin"}': 1,
    'parley_hooks_total{hook="log",ok="false"}': 1,
    'parley_turns_total{reason="completed"}': 1,
    "parley_voice_to_voice_seconds_sum": 0.45,
    'parley_voice_to_voice_seconds_bucket{le="0.4"}': 0,
    'parley_voice_to_voice_seconds_bucket{le="0.5"}': 1,
    'parley_stage_seconds_sum{stage="endpoint"}': 0.384,
    'parley_stage_seconds_sum{stage="llm_ttft"}': 0.01,
    "parley_clients": 3,
    "parley_dropped_events": 5,
    "parley_event_loop_lag_p99_seconds": 0.0025,
    "parley_uptime_seconds": 60,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
});

Deno.test("metrics: clients cannot make labels, and two servers do not share", async () => {
  const [one, other] = [new Metrics(() => SAMPLE), new Metrics(() => SAMPLE)];
  for (let i = 0; i < 100; i++) one.command(`hostile"\n${i}`, "NOT_FOUND");
  one.command("constructor", "NOT_FOUND");
  const values = parseMetrics(await one.text());
  assert.equal(values.get('parley_commands_total{command="unknown",outcome="NOT_FOUND"}'), 101);
  assert.ok(!(await other.text()).includes("unknown"));
});

Deno.test("metrics: a server shows what clients do", async () => {
  const metrics = new Metrics(() => SAMPLE);
  await using on = await stage({ metrics, maxClients: 1 });
  await using client = await on.client();
  await client.ask("ping", {}, "pong");
  client.socket.send("garbage");
  await client.next("error");
  const { port } = on.server;
  assert.equal(await upgradeStatus(port, "/ws", { Origin: "https://evil.example" }), 403);
  assert.equal(await upgradeStatus(port, "/ws", { Host: "evil.example" }), 403);
  assert.equal(await upgradeStatus(port, "/ws"), 503);
  const response = await fetch(`${on.http}/metrics`);
  assert.match(response.headers.get("content-type")!, /^text\/plain.*version=0\.0\.4/);
  const values = parseMetrics(await response.text());
  assert.equal(values.get("parley_connections_total"), 1);
  assert.equal(values.get('parley_commands_total{command="ping",outcome="ok"}'), 1);
  assert.equal(values.get('parley_commands_total{command="unknown",outcome="VALIDATION_ERROR"}'), 1);
  for (const reason of ["origin", "host", "places"]) {
    assert.equal(values.get(`parley_refused_connections_total{reason="${reason}"}`), 1, reason);
  }
  await using guarded = await stage({ metrics, token: "correct horse battery" });
  assert.equal(await upgradeStatus(guarded.server.port, "/ws"), 403);
  assert.match(await metrics.text(), /parley_refused_connections_total\{reason="token"\} 1/);
});

Deno.test("protocol files: a running server serves the contract", async () => {
  await using on = await stage();
  for (const name of ["schema.json", "asyncapi.json", "client.ts", "client.py", "client.rs"]) {
    const response = await fetch(`${on.http}/protocol/${name}`);
    assert.equal(response.status, 200);
    const file = new URL(`../../src/protocol/generated/${name}`, import.meta.url);
    assert.equal(await response.text(), await Deno.readTextFile(file));
  }
  const response = await fetch(`${on.http}/protocol/..%2fcommands.ts`);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /schema\.json/);
});
