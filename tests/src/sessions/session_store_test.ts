import assert from "node:assert/strict";
import { Session } from "../../../src/sessions/session.ts";
import { SessionStore } from "../../../src/sessions/session_store.ts";

const DAY_MS = 86_400_000;

async function inFolder(test: (path: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/sessions.sqlite`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function open(path: string, now = Date.now()): SessionStore {
  return new SessionStore({ path, nowMs: () => now, keepMs: 30 * DAY_MS });
}

function sessionOf(store: SessionStore, id: string, maxEvents = 1000): Session {
  return new Session({
    id,
    models: () => ({}),
    maxEvents,
    maxBytes: 1e6,
    strict: true,
    record: store.open(id),
  });
}

const say = (session: Session, text: string) =>
  session.record({ type: "message", role: "user", text }, { atMs: 0 });

Deno.test("session store: a session goes on where it was, in the same epoch, and another one is not touched", () =>
  inFolder((path) => {
    let epoch: string;
    {
      using store = open(path);
      const session = sessionOf(store, "a");
      epoch = session.epoch;
      for (let i = 1; i <= 5; i++) say(session, `message ${i}`);
      say(sessionOf(store, "b"), "elsewhere");
      store.open("a").save({ some: "state" });
    }
    using store = open(path);
    assert.deepEqual([store.has("a"), store.has("c")], [true, false]);
    const session = sessionOf(store, "a");
    say(session, "message 6");
    assert.equal(session.epoch, epoch);
    const { events, complete } = session.since(0);
    assert.deepEqual([events.map(({ seq }) => seq), complete], [[1, 2, 3, 4, 5, 6], true]);
    assert.deepEqual(store.open("a").saved.state, { some: "state" });
    assert.equal(sessionOf(store, "b").lastSeq, 1);
    assert.notEqual(store.open("c").saved.epoch, epoch);
  }));

Deno.test("session store: a server that dies has lost nothing that was told, and repeats no number", () =>
  inFolder(async (path) => {
    const module = (name: string) =>
      JSON.stringify(new URL(`../../../src/sessions/${name}.ts`, import.meta.url));
    const code = `
      const { SessionStore } = await import(${module("session_store")});
      const { Session } = await import(${module("session")});
      const store = new SessionStore({ path: Deno.args[0], nowMs: Date.now, keepMs: 1e9 });
      const session = new Session({ id: "a", models: () => ({}), maxEvents: 1e4, maxBytes: 1e7, strict: true, record: store.open("a") });
      session.follow(({ seq }) => console.log(seq));
      for (let i = 0; i < 300; i++) session.record({ type: "message", role: "user", text: "hi" }, { atMs: 0 });
      Deno.kill(Deno.pid, "SIGKILL");`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", code, path],
      stderr: "null",
    }).output();
    const told = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
    using store = open(path);
    const session = sessionOf(store, "a");
    assert.ok(
      told.length > 0 && session.lastSeq >= told.at(-1)!,
      `${told.length} told, ${session.lastSeq} kept`,
    );
  }));

Deno.test("session store: what the log forgets, the file forgets", () =>
  inFolder((path) => {
    {
      using store = open(path);
      const session = sessionOf(store, "a", 100);
      for (let i = 0; i < 1000; i++) say(session, "hi");
    }
    using store = open(path);
    const { events } = store.open("a").saved;
    assert.equal(events.at(-1)!.seq, 1000);
    assert.ok(events.length >= 100 && events.length <= 141, `${events.length}`);
  }));

Deno.test("session store: sessions that nobody uses are forgotten, with their events", () =>
  inFolder((path) => {
    const now = Date.now();
    {
      using store = open(path, now);
      say(sessionOf(store, "old"), "hi");
    }
    {
      using store = open(path, now + 29 * DAY_MS);
      assert.ok(store.has("old"));
      say(sessionOf(store, "new"), "hi");
    }
    using store = open(path, now + 31 * DAY_MS);
    assert.deepEqual([store.has("old"), store.has("new")], [false, true]);
    assert.equal(store.open("old").saved.events.length, 0);
  }));

Deno.test("session store: a file that is something else is refused and left alone", () =>
  inFolder(async (path) => {
    await Deno.writeTextFile(path, "not a database, but somebody's letter".repeat(100));
    assert.throws(() => open(path), { code: "CONFLICT", message: /sessions file/ });
    assert.match(await Deno.readTextFile(path), /^not a database/);
  }));

Deno.test("session store: when it can no longer be written the session goes on, and that is told once", () =>
  inFolder(async (path) => {
    const store = open(path);
    const failures: string[] = [];
    const record = store.open("a", (error) => failures.push(error.code));
    const session = new Session({
      id: "a",
      models: () => ({}),
      maxEvents: 100,
      maxBytes: 1e6,
      strict: true,
      record,
    });
    say(session, "written");
    store[Symbol.dispose]();
    for (let i = 0; i < 200; i++) say(session, "not written");
    record.save({});
    await Promise.resolve();
    assert.deepEqual([session.lastSeq, failures], [201, ["UNAVAILABLE"]]);
  }));
