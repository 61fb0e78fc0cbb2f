import assert from "node:assert/strict";
import { watchedSignal } from "../../models/watched_signal.ts";
import { AbortWords } from "../../models/worker_protocol.ts";

Deno.test("watched signal: looking at it is enough to see the abort, and tells listeners once", () => {
  let raised = false;
  const { signal, abort } = watchedSignal(() => raised);
  let told = 0;
  signal.addEventListener("abort", () => told++);
  assert.equal(signal.aborted, false);
  signal.throwIfAborted();
  raised = true;
  assert.throws(() => signal.throwIfAborted(), { name: "AbortError" });
  assert.equal(signal.aborted, true);
  abort();
  assert.equal(told, 1);
});

Deno.test("watched signal: a message aborts it as well", () => {
  const { signal, abort } = watchedSignal(() => false);
  abort();
  assert.equal(signal.aborted, true);
  assert.equal(AbortSignal.any([signal]).aborted, true);
});

Deno.test("abort words: another thread's view sees the calls raised, and only those", () => {
  const here = new AbortWords();
  const there = new AbortWords(here.buffer);
  here.raise(5);
  assert.equal(there.isRaised(5), true);
  assert.equal(there.isRaised(6), false);
  assert.equal(there.isRaised(5 + 1024), false);
});
