import assert from "node:assert/strict";
import { channel, runAhead } from "../../pipeline/channel.ts";
import { settle } from "../support/fake_clock.ts";

const never = () => new AbortController().signal;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

Deno.test("channel: hands items over in order and ends when closed", async () => {
  const c = channel<number>({ capacity: 2, signal: never() });
  const reading = collect(c);
  for (const n of [1, 2, 3, 4, 5]) await c.send(n);
  c.close();
  assert.deepEqual(await reading, [1, 2, 3, 4, 5]);
});

Deno.test("channel: send() waits while full", async () => {
  const c = channel<number>({ capacity: 2, signal: never() });
  await c.send(1);
  await c.send(2);
  let sent = false;
  const sending = c.send(3).then(() => sent = true);
  await settle();
  assert.equal(sent, false);
  assert.equal(c.trySend(4), false);
  const reader = c[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value, 1);
  await sending;
  c.close();
});

Deno.test("channel: bounds by cost, and lets one large item into an empty channel", async () => {
  const c = channel<number>({ capacity: 600, cost: (ms) => ms, signal: never() });
  assert.equal(c.trySend(5000), true);
  assert.equal(c.trySend(1), false);
  const reader = c[Symbol.asyncIterator]();
  await reader.next();
  assert.equal(c.trySend(300), true);
  assert.equal(c.trySend(300), true);
  assert.equal(c.trySend(1), false);
});

Deno.test("channel: abort rejects waiting readers and senders with the reason", async () => {
  const controller = new AbortController();
  const empty = channel<number>({ capacity: 1, signal: controller.signal });
  const full = channel<number>({ capacity: 1, signal: controller.signal });
  full.trySend(1);
  const waiting = [collect(empty), full.send(2)];
  await settle();
  controller.abort("barge_in");
  for (const result of await Promise.allSettled(waiting)) {
    assert.deepEqual(result, { status: "rejected", reason: "barge_in" });
  }
  await assert.rejects(full.send(3), (reason) => reason === "barge_in");
  assert.equal(full.trySend(3), false);
});

Deno.test("channel: an error given to close() reaches the reader after what came before it", async () => {
  const c = channel<number>({ capacity: 4, signal: never() });
  c.trySend(1);
  c.close(new RangeError("lost"));
  const reader = c[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value, 1);
  await assert.rejects(reader.next(), RangeError);
});

Deno.test("channel: a reader that leaves early releases whoever sends", async () => {
  const c = channel<number>({ capacity: 1, signal: never() });
  c.trySend(1);
  const sending = [c.send(2), c.send(3)];
  for await (const _ of c) break;
  const [second, third] = await Promise.allSettled(sending);
  assert.equal(second!.status, "fulfilled", "one was taken, so there was room for one");
  assert.equal(third!.status, "rejected");
});

Deno.test("runAhead: works ahead by the capacity and no further", async () => {
  let made = 0;
  async function* source() {
    for (let i = 0; i < 10; i++) yield ++made;
  }
  const reader = runAhead(source(), { capacity: 3, signal: never() })[Symbol.asyncIterator]();
  await reader.next();
  await settle();
  assert.equal(made, 5, "one taken, three waiting, one at the door");
  await reader.return?.();
});

Deno.test("runAhead: passes the source's error on in its place", async () => {
  async function* source() {
    yield 1;
    throw new RangeError("broken");
  }
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const item of runAhead(source(), { capacity: 3, signal: never() })) seen.push(item);
  }, RangeError);
  assert.deepEqual(seen, [1]);
});

Deno.test("runAhead: abort releases four stages that all wait, each running its finally", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const released: number[] = [];
  const source = channel<number>({ capacity: 1, signal });
  const stage = async function* (input: AsyncIterable<number>, index: number) {
    try {
      yield* input;
    } finally {
      released.push(index);
    }
  };
  let chain: AsyncIterable<number> = source;
  for (const index of [1, 2, 3, 4]) chain = stage(runAhead(chain, { capacity: 1, signal }), index);
  const reading = collect(chain);
  await settle();
  controller.abort("command");
  await assert.rejects(reading, (reason) => reason === "command");
  assert.deepEqual(released, [1, 2, 3, 4]);
});
