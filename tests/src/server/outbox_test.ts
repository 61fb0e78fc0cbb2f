import assert from "node:assert/strict";
import { BatchTimer } from "../../../src/server/batch_timer.ts";
import { Outbox } from "../../../src/server/outbox.ts";
import { Subscription } from "../../../src/server/subscription.ts";

class FakeSocket {
  readyState: number = WebSocket.OPEN;
  bufferedAmount = 0;
  readonly sent: unknown[] = [];
  closedWith: number | undefined;

  send(data: string | Uint8Array): void {
    this.sent.push(data);
    this.bufferedAmount += data.length;
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = WebSocket.CLOSING;
  }
}

Deno.test("outbox: a client that reads too slowly loses progress first, and is counted", () => {
  const socket = new FakeSocket();
  const outbox = new Outbox(socket, 1000, new BatchTimer());
  outbox.send("x".repeat(600));
  outbox.send("progress", true);
  outbox.send("result");
  assert.deepEqual(socket.sent.slice(1), ["result"]);
  assert.equal(outbox.dropped, 1);
  assert.equal(socket.closedWith, undefined);
});

Deno.test("outbox: a client that never reads is closed with 1013 before a result is lost silently", () => {
  const socket = new FakeSocket();
  const outbox = new Outbox(socket, 1000, new BatchTimer());
  for (let i = 0; i < 20; i++) outbox.send("x".repeat(100));
  assert.equal(socket.closedWith, 1013);
  const { length } = socket.sent;
  assert.equal(outbox.send("late"), false);
  assert.equal(socket.sent.length, length);
});

Deno.test("outbox: in batches, what comes in a burst is one message in order, and sound overtakes nothing", () => {
  const socket = new FakeSocket();
  const batches = new BatchTimer();
  const outbox = new Outbox(socket, 1000, batches);
  outbox.isBatching = true;
  for (const event of ["1", "2", "3", "4"]) outbox.send(event);
  assert.deepEqual(socket.sent, ["1"], "the first after a quiet moment goes at once");
  const sound = new Uint8Array(2);
  outbox.send(sound);
  assert.deepEqual(socket.sent, ["1", "[2,3,4]", sound]);
  outbox.send("5");
  batches[Symbol.dispose]();
  assert.deepEqual(socket.sent.slice(3), ["5"], "the end of the server leaves nothing behind");
  outbox.send("6");
  assert.deepEqual(socket.sent.slice(4), ["6"]);
});

Deno.test("outbox: what waits for a batch counts as waiting", () => {
  const socket = new FakeSocket();
  using batches = new BatchTimer();
  const outbox = new Outbox(socket, 1000, batches);
  outbox.isBatching = true;
  for (let i = 0; i < 7; i++) outbox.send("x".repeat(100));
  outbox.send("progress", true);
  assert.equal(outbox.dropped, 1);
});

Deno.test("subscription: patterns match with stars anywhere, and the first narrows from everything", () => {
  const wanted = new Subscription();
  assert.ok(wanted.wants("stt_result"));
  wanted.add(["stt_*", "*_error", "t*_r*t"]);
  const types = ["stt_result", "llm_error", "tts_result", "tool_result", "turn_start", "llm_result"];
  assert.deepEqual(types.filter((type) => wanted.wants(type)), [
    "stt_result",
    "llm_error",
    "tts_result",
    "tool_result",
  ]);
  wanted.remove(["stt_*"]);
  assert.equal(wanted.wants("stt_start"), false);
  assert.deepEqual(wanted.events, ["*_error", "t*_r*t"]);
});

Deno.test("subscription: what was said last decides", () => {
  const wanted = new Subscription();
  wanted.remove(["stt_*"]);
  assert.deepEqual(["stt_start", "llm_start"].map((type) => wanted.wants(type)), [false, true]);
  wanted.add(["stt_result"]);
  assert.deepEqual(["stt_start", "stt_result"].map((type) => wanted.wants(type)), [false, true]);
  wanted.remove(["*_result"]);
  assert.deepEqual([wanted.events, wanted.wants("stt_result")], [["*"], false]);
  wanted.remove(["*"]);
  assert.deepEqual([wanted.events, wanted.wants("llm_start")], [[], false]);
  wanted.add(["status"]);
  wanted.add(["status"]);
  assert.deepEqual(wanted.events, ["status"]);
});

Deno.test("subscription: it is bounded, and a refusal changes nothing", () => {
  const wanted = new Subscription();
  wanted.add(["status"]);
  assert.throws(
    () => wanted.add(Array.from({ length: 64 }, (_, i) => `x${i}`)),
    { code: "VALIDATION_ERROR", message: /at most 64/ },
  );
  assert.deepEqual(wanted.events, ["status"]);
});
