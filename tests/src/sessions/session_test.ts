import assert from "node:assert/strict";
import type { Fact } from "../../../pipeline/events.ts";
import { anyEvent, encodeEvent, envelope } from "../../../src/protocol/envelope.ts";
import { EventLog } from "../../../src/sessions/event_log.ts";
import { LatencyMetrics, percentilesOf } from "../../../src/sessions/metrics.ts";
import { Session } from "../../../src/sessions/session.ts";

const frame = { samples: new Float32Array(160), sampleRateHz: 16_000, startMs: 0, gap: false };

/** One of every fact. A new kind does not compile until it is here. */
const FACTS: { readonly [T in Fact["type"]]: Extract<Fact, { type: T }> } = {
  "turn.start": { type: "turn.start", source: "voice" },
  "turn.end": { type: "turn.end", reason: "completed" },
  "turn.progress": { type: "turn.progress", completion: 0.9 },
  "stt.start": { type: "stt.start", mode: "continuous", source: "voice" },
  "stt.progress": { type: "stt.progress", text: "what", stableChars: 0, audioMs: 160.123 },
  "stt.result": {
    type: "stt.result",
    text: "what time",
    audioMs: 900,
    language: "en",
    confidence: 0.9,
    words: [{ word: "what", startMs: 10.04, endMs: 200 }],
  },
  "llm.start": { type: "llm.start", model: "m" },
  "llm.progress": { type: "llm.progress", delta: "It" },
  "llm.thought": { type: "llm.thought", text: "hm" },
  "llm.result": {
    type: "llm.result",
    text: "It is.",
    finishReason: "stop",
    usage: { inputTokens: 3, outputTokens: 2 },
  },
  "tool.call": { type: "tool.call", callId: "1", name: "get_time", args: {} },
  "tool.progress": { type: "tool.progress", callId: "1", name: "get_time", output: "…" },
  "tool.result": {
    type: "tool.result",
    callId: "1",
    name: "get_time",
    result: { time: "now" },
    durationMs: 1,
  },
  "tool.error": { type: "tool.error", callId: "1", name: "get_time", code: "NOT_FOUND", message: "No." },
  "memory.store": { type: "memory.store", memoryId: "1", text: "keys" },
  "memory.recall": {
    type: "memory.recall",
    query: "keys",
    items: [{ memoryId: "1", text: "keys", score: 1 }],
  },
  "tts.start": { type: "tts.start", voice: "slt", sampleRateHz: 16_000 },
  "tts.progress": { type: "tts.progress", text: "It is ", chunk: 0, offsetMs: 0, frame },
  "playback.end": { type: "playback.end", text: "It is.", spokenText: "It", heardMs: 100, interrupted: true },
  message: { type: "message", role: "user", text: "what time" },
  "stage.error": {
    type: "stage.error",
    stage: "llm",
    code: "MODEL_ERROR",
    message: "No.",
    recoverable: true,
  },
  "trace.mark": { type: "trace.mark", name: "endpoint" },
  "attempt.discarded": { type: "attempt.discarded", startedAtMs: 1 },
  "latency.trace": {
    type: "latency.trace",
    trace: { voiceToVoiceMs: 400, spans: [{ stage: "llm", startMs: 1, endMs: 2 }], marks: { endpoint: 3 } },
  },
  ready: { type: "ready", models: { vad: "silero" }, loadMs: 600 },
  status: { type: "status", state: "listening", muted: false, detail: "back" },
  "voice.level": { type: "voice.level", levels: [0, 0.5, 1] },
  "voice.activity": { type: "voice.activity", source: "user", speaking: true, atMs: 5 },
  error: { type: "error", code: "DEVICE_ERROR", message: "Gone.", details: { device: "x" } },
};

function newSession(maxEvents = 1000, strict = true): Session {
  return new Session({ id: "test", models: () => ({ vad: "silero" }), maxEvents, maxBytes: 1e6, strict });
}

Deno.test("session: every fact becomes an event as the contract has it, or none", () => {
  const session = newSession();
  for (const fact of Object.values(FACTS)) session.record(fact, { atMs: 1e12, turnId: "t1" });
  const { events } = session.since(0);
  assert.equal(
    events.length,
    Object.keys(FACTS).length - 3,
    "marks and discarded attempts are not sent, levels not kept",
  );
  for (const [index, { json, seq }] of events.entries()) {
    anyEvent.parse(JSON.parse(json));
    const event = envelope.parse(JSON.parse(json));
    assert.equal(seq, index + 1);
    assert.deepEqual(
      [event.seq, event.session_id, event.turn_id, event.timestamp],
      [seq, "test", "t1", "2001-09-09T01:46:40.000Z"],
    );
  }
});

Deno.test("session: sound reaches followers and is not kept", () => {
  const session = newSession();
  const live: boolean[] = [];
  using _following = session.follow((event) => live.push(event.sound !== undefined));
  session.record(FACTS["tts.progress"], { atMs: 1 });
  assert.deepEqual(live, [true]);
  assert.equal(session.since(0).events[0]!.sound, undefined);
});

Deno.test("session: an event against the contract throws in development; otherwise an error takes its place", () => {
  const wrong = { ...FACTS["stt.progress"], stableChars: -1 };
  assert.throws(() => newSession().record(wrong, { atMs: 1 }), { name: "ZodError" });
  const session = newSession(1000, false);
  session.record(wrong, { atMs: 1 });
  session.record(FACTS.status, { atMs: 2 });
  assert.deepEqual(session.since(0).events.map(({ seq, type }) => [seq, type]), [[1, "error"], [
    2,
    "status",
  ]]);
});

Deno.test("event log: whatever was missed is given again, in order, once", () => {
  const log = new EventLog<{ seq: number }>({ maxEvents: 100 });
  for (let i = 0; i < 60; i++) log.append((seq) => ({ seq }));
  for (let last = 0; last <= 60; last++) {
    const { events, complete } = log.since(last);
    assert.deepEqual(
      events.map((event) => event.seq),
      Array.from({ length: 60 - last }, (_, i) => last + i + 1),
    );
    assert.equal(complete, true);
  }
  assert.equal(log.recent(7).events[0]!.seq, 54);
});

Deno.test("event log: it is bounded, and says when something older was asked for", () => {
  const log = new EventLog<{ seq: number }>({ maxEvents: 50 });
  for (let i = 0; i < 1000; i++) log.append((seq) => ({ seq }));
  const { events, complete } = log.since(0);
  assert.equal(complete, false);
  assert.ok(events.length >= 50 && events.length < 90, `${events.length}`);
  assert.equal(events.at(-1)!.seq, 1000);
  assert.equal(log.since(events[0]!.seq - 1).complete, true);
});

Deno.test("event log: a number from another life brings everything, as incomplete", () => {
  const log = new EventLog<{ seq: number }>({ maxEvents: 50 });
  assert.deepEqual(log.since(9), { events: [], complete: false });
  log.append((seq) => ({ seq }));
  assert.deepEqual(log.since(9), { events: [{ seq: 1 }], complete: false });
  assert.deepEqual(log.since(1), { events: [], complete: true });
});

Deno.test("event log: an event that cannot be made takes no number", () => {
  const log = new EventLog<{ seq: number }>({ maxEvents: 50 });
  assert.throws(() =>
    log.append(() => {
      throw new RangeError("no");
    })
  );
  assert.equal(log.append((seq) => ({ seq })).seq, 1);
});

Deno.test("encode: an event that breaks the contract cannot be written", () => {
  const around = { timestamp: "2026-01-01T00:00:00.000Z", session_id: "local" };
  const wrong = { type: "turn_end", data: { reason: "bored" } };
  const unchecked: (event: unknown, around: unknown) => string = encodeEvent as never;
  assert.throws(() => unchecked(wrong, around), { name: "ZodError" });
});

Deno.test("metrics: percentiles are of the turns that have a value", () => {
  assert.deepEqual(percentilesOf([]), { p50: 0, p95: 0, p99: 0, n: 0 });
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(percentilesOf([...values, undefined]), { p50: 50, p95: 95, p99: 99, n: 100 });
  const metrics = new LatencyMetrics();
  metrics.add({
    voiceToVoiceMs: 450,
    spans: [
      { stage: "llm", startMs: 100, endMs: 150 },
      { stage: "llm", startMs: 200, endMs: 240 },
      { stage: "tts", startMs: 230, endMs: 300 },
    ],
    marks: { speech_end: 0, endpoint: 384, stt_final: 390, llm_first_token: 210, tts_first_audio: 290 },
  });
  const { voice_to_voice_ms, endpoint_ms, stt_ms, llm_ttft_ms, tts_ttfa_ms } = metrics.percentiles();
  assert.deepEqual(
    [voice_to_voice_ms, endpoint_ms, stt_ms, llm_ttft_ms, tts_ttfa_ms].map((p) => p.p50),
    [450, 384, 6, 10, 60],
  );
});
