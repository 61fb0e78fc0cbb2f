import assert from "node:assert/strict";
import { SessionRegistry } from "../../../src/sessions/registry.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { type FakeSession, fakeSession } from "../../support/fake_session.ts";

function registry(capacity: number, clock = new FakeClock()) {
  const made: FakeSession[] = [];
  const create = (id: string) => {
    const session = fakeSession(id);
    made.push(session);
    return session;
  };
  return { made, sessions: new SessionRegistry({ capacity, create, clock, resumeMs: 1000 }) };
}

Deno.test("registry: a session is made by its first visit and joined by the next", async () => {
  const { sessions, made } = registry(2);
  using first = sessions.visit("a");
  const second = sessions.visit("a");
  assert.deepEqual([first.isNew, second.isNew, made.length, sessions.clientsOf("a")], [true, false, 1, 2]);
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  assert.equal(sessions.clientsOf("a"), 1, "leaving twice is leaving once");
  assert.deepEqual(sessions.counts, { sessions: 1, active: 1 });
  await sessions[Symbol.asyncDispose]();
});

Deno.test("registry: ids that could not stand in a URL are refused", () => {
  const { sessions, made } = registry(2);
  for (const id of ["", "a b", "../etc", "a/b", "ä", "x".repeat(65), "a%00", "a.b"]) {
    assert.throws(() => sessions.visit(id), { code: "VALIDATION_ERROR" }, id);
  }
  assert.equal(made.length, 0);
});

Deno.test("registry: the session left longest ago gives way; one in use never, nor one added", async () => {
  const { sessions, made } = registry(3);
  const local = fakeSession("local");
  sessions.add(local);
  const early = sessions.visit("came_first");
  sessions.visit("left_first")[Symbol.dispose]();
  early[Symbol.dispose]();
  const third = sessions.visit("third");
  assert.deepEqual(["local", "came_first", "left_first", "third"].map((id) => sessions.clientsOf(id)), [
    0,
    0,
    undefined,
    1,
  ]);
  const back = sessions.visit("came_first");
  assert.throws(() => sessions.visit("fourth"), { code: "UNAVAILABLE", message: /All 3 sessions/ });
  for (const visit of [third, back]) visit[Symbol.dispose]();
  await sessions[Symbol.asyncDispose]();
  assert.ok([local, ...made].every((session) => session.disposed()));
});

Deno.test("registry: a session waits for its clients to come back, and no longer than it should", async () => {
  const clock = new FakeClock();
  const { sessions, made } = registry(3, clock);
  sessions.add(fakeSession("local"));
  sessions.visit("local")[Symbol.dispose]();
  const first = sessions.visit("a");
  await clock.advance(5000);
  first[Symbol.dispose]();
  await clock.advance(900);
  const back = sessions.visit("a");
  assert.equal(back.isNew, false);
  await clock.advance(5000);
  assert.equal(made[0]!.disposed(), false, "somebody is here");
  back[Symbol.dispose]();
  await clock.advance(1100);
  assert.deepEqual([made[0]!.disposed(), sessions.get("a")], [true, undefined]);
  assert.ok(sessions.get("local"), "the session of the devices stays");
  using again = sessions.visit("a");
  assert.equal(again.isNew, true);
  await sessions[Symbol.asyncDispose]();
});

Deno.test("registry: its end waits for sessions that gave way", async () => {
  const ending = Promise.withResolvers<void>();
  const create = (id: string) => ({ ...fakeSession(id), [Symbol.asyncDispose]: () => ending.promise });
  const sessions = new SessionRegistry({ capacity: 1, create, clock: new FakeClock(), resumeMs: 1000 });
  sessions.visit("a")[Symbol.dispose]();
  sessions.visit("b")[Symbol.dispose]();
  assert.equal(sessions.get("a"), undefined);
  let ended = false;
  const end = sessions[Symbol.asyncDispose]().then(() => ended = true);
  await settle();
  assert.equal(ended, false);
  ending.resolve();
  await end;
});
