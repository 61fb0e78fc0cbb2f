import assert from "node:assert/strict";
import { createTimers } from "../../../src/tools/timers.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function setUp() {
  const clock = new FakeClock();
  const session = new AbortController();
  const said: string[] = [];
  const timers = createTimers({ clock, signal: session.signal, onDone: (_, text) => said.push(text) });
  return { clock, session, said, timers };
}

Deno.test("timers: each ends at its time and says which it was", async () => {
  const { clock, said, timers } = setUp();
  timers.start(600_000);
  timers.start(90_000);
  assert.deepEqual(timers.list().map(({ name, leftMs }) => [name, leftMs]), [
    ["ninety second timer", 90_000],
    ["ten minute timer", 600_000],
  ]);
  await clock.advance(89_999);
  assert.deepEqual(said, []);
  await clock.advance(1);
  assert.deepEqual(said, ["Your ninety second timer is done."]);
  assert.equal(timers.list()[0]?.leftMs, 510_000);
  await clock.advance(510_000);
  assert.deepEqual(said, ["Your ninety second timer is done.", "Your ten minute timer is done."]);
  assert.deepEqual(timers.list(), []);
});

Deno.test("timers: a cancelled one says nothing, the others go on", async () => {
  const { clock, said, timers } = setUp();
  const { timerId } = timers.start(60_000);
  timers.start(120_000);
  assert.equal(timers.cancel(timerId).name, "one minute timer");
  assert.throws(() => timers.cancel(timerId), { code: "NOT_FOUND" });
  await clock.advance(120_000);
  assert.deepEqual(said, ["Your two minute timer is done."]);
});

Deno.test("timers: the end of the session cancels all of them", async () => {
  const { clock, session, said, timers } = setUp();
  timers.start(60_000);
  session.abort("session_closed");
  await clock.advance(60_000);
  assert.deepEqual(said, []);
  assert.deepEqual(timers.list(), []);
  assert.throws(() => timers.start(60_000), (reason) => reason === "session_closed");
});

Deno.test("timers: length and number are bounded", async () => {
  const { clock, timers } = setUp();
  for (const ms of [0, 999, 24 * 3_600_000 + 1, NaN, Infinity, -5]) {
    assert.throws(() => timers.start(ms), { code: "VALIDATION_ERROR" }, String(ms));
  }
  for (let i = 0; i < 20; i++) timers.start(24 * 3_600_000);
  assert.throws(() => timers.start(1000), { code: "CONFLICT" });
  await clock.advance(24 * 3_600_000);
  assert.equal(timers.start(1000).name, "one second timer");
});
