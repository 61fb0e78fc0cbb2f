import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type Clock, systemClock } from "../../../pipeline/clock.ts";
import { Hooks, type Triggered } from "../../../src/hooks/hooks.ts";
import { hookSettings } from "../../../src/hooks/settings.ts";
import { until } from "../../support/server_stage.ts";

const SECRET = "a secret that nobody knows";
/** Does not wait between tries. */
const IMPATIENT: Clock = { now: () => systemClock.now(), sleep: () => Promise.resolve() };

interface Call {
  readonly headers: Headers;
  readonly body: string;
}

/** A server that answers as the test says. */
function receiver(answer: (call: Call, count: number) => Response | Promise<Response>) {
  const calls: Call[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const call = { headers: request.headers, body: await request.text() };
    calls.push(call);
    return answer(call, calls.length);
  });
  return {
    calls,
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Hooks, and what they told. */
function hooked(settings: Record<string, unknown>, environment: Record<string, string> = { SECRET }) {
  const told: Triggered[] = [];
  const hooks = new Hooks({
    hooks: [hookSettings.parse({ name: "test", events: ["*"], ...settings })],
    clock: IMPATIENT,
    environment: { PATH: Deno.env.get("PATH") ?? "", ...environment },
    onTriggered: (triggered) => told.push(triggered),
  });
  return {
    told,
    hooks,
    notify: (type: string, data: unknown = {}) =>
      hooks.notify("local", { type, json: JSON.stringify({ type, data }) }),
    /** What became of `count` events. */
    async outcomes(count: number) {
      await until(() => told.length >= count);
      return told.map(({ event, ok }) => `${event} ${ok}`);
    },
    [Symbol.asyncDispose]: () => hooks[Symbol.asyncDispose](),
  };
}

Deno.test("hooks: the events that match are sent in order, signed, each once", async () => {
  await using server = receiver(() => new Response());
  await using on = hooked({ url: server.url, secret_env: "SECRET", events: ["turn_*", "*_error"] });
  for (const type of ["turn_start", "stt_start", "stt_error", "turn_end", "hook_triggered"]) on.notify(type);
  assert.deepEqual(await on.outcomes(3), ["turn_start true", "stt_error true", "turn_end true"]);
  assert.deepEqual(server.calls.map(({ headers }) => headers.get("x-parley-event")), [
    "turn_start",
    "stt_error",
    "turn_end",
  ]);
  for (const { headers, body } of server.calls) {
    const signed = `${headers.get("x-parley-timestamp")}.${body}`;
    const expected = createHmac("sha256", SECRET).update(signed).digest("hex");
    assert.equal(headers.get("x-parley-signature"), `sha256=${expected}`);
    assert.equal(JSON.parse(body).type, headers.get("x-parley-event"));
  }
});

Deno.test("hooks: what fails for now is tried again as the same delivery; what is refused is not", async () => {
  await using server = receiver(({ body }, count) => {
    if (body.includes("refused")) return new Response(null, { status: 404 });
    return new Response(null, { status: count < 3 ? 503 : 204 });
  });
  await using on = hooked({ url: server.url, retries: 5 });
  on.notify("turn_end");
  on.notify("refused");
  assert.deepEqual(await on.outcomes(2), ["turn_end true", "refused false"]);
  const ids = server.calls.map(({ headers }) => headers.get("x-parley-delivery"));
  assert.equal(ids.length, 4);
  assert.deepEqual([new Set(ids.slice(0, 3)).size, new Set(ids).size], [1, 2]);
});

Deno.test("hooks: a redirect is not followed", async () => {
  await using elsewhere = receiver(() => new Response());
  await using server = receiver(() => Response.redirect(elsewhere.url, 307));
  await using on = hooked({ url: server.url });
  on.notify("turn_end");
  assert.deepEqual(await on.outcomes(1), ["turn_end false"]);
  assert.equal(elsewhere.calls.length, 0);
});

Deno.test("hooks: one that never answers, or is not there, has failed in time, and the next event is delivered", async () => {
  const answered = Promise.withResolvers<void>();
  await using server = receiver(async (_call, count) => {
    if (count <= 2) await answered.promise;
    return new Response();
  });
  await using on = hooked({ url: server.url, timeout_ms: 100, retries: 1 });
  on.notify("one");
  on.notify("two");
  assert.deepEqual(await on.outcomes(2), ["one false", "two true"]);
  answered.resolve();
  await using nowhere = hooked({ url: "http://127.0.0.1:1/", retries: 1 });
  nowhere.notify("one");
  assert.deepEqual(await nowhere.outcomes(1), ["one false"]);
});

Deno.test("hooks: whoever notifies never waits; of what waits too long the oldest is given up", async () => {
  const answered = Promise.withResolvers<void>();
  await using server = receiver(async () => {
    await answered.promise;
    return new Response();
  });
  await using on = hooked({ url: server.url, timeout_ms: 60_000 });
  for (let i = 0; i < 300; i++) on.notify(`event_${i}`);
  assert.deepEqual(on.told.map(({ event, ok }) => [event, ok]).at(-1), ["event_43", false]);
  answered.resolve();
  const outcomes = await on.outcomes(300);
  assert.equal(outcomes.filter((outcome) => outcome.endsWith("true")).length, 257);
});

Deno.test("hooks: their end ends what is under way and leaves nothing", async () => {
  const answered = Promise.withResolvers<void>();
  await using server = receiver(async () => {
    await answered.promise;
    return new Response();
  });
  await using on = hooked({ url: server.url, timeout_ms: 60_000 });
  await using sleeping = hooked({ command: ["sleep", "60"], timeout_ms: 60_000 });
  on.notify("one");
  sleeping.notify("one");
  await until(() => server.calls.length === 1);
  await on.hooks[Symbol.asyncDispose]();
  await sleeping.hooks[Symbol.asyncDispose]();
  on.notify("two");
  answered.resolve();
  assert.deepEqual([on.told, sleeping.told], [[], []]);
});

Deno.test("hooks: a command gets the event, and nothing secret", async () => {
  const file = await Deno.makeTempFile();
  const script = `{ cat; echo; env; } > ${file}`;
  await using on = hooked({ command: ["sh", "-c", script] });
  on.notify("turn_end", { reason: "completed" });
  assert.deepEqual(await on.outcomes(1), ["turn_end true"]);
  const [event, ...environment] = (await Deno.readTextFile(file)).trim().split("\n");
  assert.deepEqual(JSON.parse(event!), { type: "turn_end", data: { reason: "completed" } });
  assert.ok(environment.includes("PARLEY_EVENT=turn_end") && environment.includes("PARLEY_SESSION_ID=local"));
  assert.ok(!environment.join().includes(SECRET));
  await Deno.remove(file);
});

Deno.test("hooks: a command that fails, hangs, does not read or is not there has failed", async () => {
  for (const command of [["false"], ["sleep", "60"], ["no-such-program-anywhere"]]) {
    await using on = hooked({ command, timeout_ms: 100, retries: 0 });
    on.notify("turn_end", "x".repeat(1_000_000));
    assert.deepEqual(await on.outcomes(1), ["turn_end false"], `${command}`);
  }
});

Deno.test("hooks: their end between two tries of a command starts no other", async () => {
  const file = await Deno.makeTempFile();
  const waiting = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => 0,
    sleep: (_ms, signal) => {
      waiting.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  };
  const hooks = new Hooks({
    hooks: [hookSettings.parse({
      name: "test",
      events: ["*"],
      command: ["sh", "-c", `echo tried >> ${file}; sleep 5`],
      timeout_ms: 500,
    })],
    clock,
    environment: { PATH: Deno.env.get("PATH") ?? "" },
    onTriggered: () => {},
  });
  hooks.notify("local", { type: "turn_end", json: "{}" });
  await waiting.promise;
  await hooks[Symbol.asyncDispose]();
  assert.equal(await Deno.readTextFile(file), "tried\n");
  await Deno.remove(file);
});

Deno.test({
  name: "hooks: a command is ended with all it started, also where it ignores being told",
  ignore: Deno.build.os !== "linux", // It looks into /proc.
  fn: endsAll,
});

async function endsAll(): Promise<void> {
  for (const script of ["trap '' TERM; sleep 60; sleep 60", "sleep 60; true"]) {
    const file = await Deno.makeTempFile();
    await using on = hooked({
      command: ["sh", "-c", `echo $$ > ${file}; ${script}`],
      timeout_ms: 500,
      retries: 0,
    });
    on.notify("turn_end", "x".repeat(1_000_000));
    assert.deepEqual(await on.outcomes(1), ["turn_end false"]);
    const group = Number(await Deno.readTextFile(file));
    assert.ok(group > 1);
    await until(() => isGone(group));
    await Deno.remove(file);
  }
}

Deno.test("hooks: whoever listens to results and fails ends neither the hook nor the session", async () => {
  await using server = receiver(() => new Response());
  let told = 0;
  await using hooks = new Hooks({
    hooks: [hookSettings.parse({ name: "test", events: ["*"], url: server.url })],
    clock: IMPATIENT,
    environment: {},
    onTriggered: () => {
      told++;
      throw new Error("nobody home");
    },
  });
  for (let i = 0; i < 300; i++) hooks.notify("local", { type: "turn_end", json: "{}" });
  await until(() => told === 300);
  assert.equal(server.calls.length, 257);
});

Deno.test("hooks: settings that make no sense are refused by name", () => {
  assert.throws(() => hooked({ url: "http://127.0.0.1/", secret_env: "NOT_SET" }), {
    code: "VALIDATION_ERROR",
    message: /"test".*NOT_SET/,
  });
  for (
    const wrong of [
      {},
      { url: "http://a.example", command: ["true"] },
      { url: "file:///etc/passwd" },
      { command: ["true"], secret_env: "SECRET" },
      { url: "http://a.example", events: [] },
    ]
  ) {
    assert.equal(hookSettings.safeParse({ name: "test", events: ["*"], ...wrong }).success, false);
  }
});

/** Whether no process of the group is left; what is dead and only waits to be collected does not count. */
function isGone(group: number): boolean {
  return ![...Deno.readDirSync("/proc")].some(({ name }) => {
    if (!/^[0-9]+$/.test(name)) return false;
    try {
      const [state, , itsGroup] = Deno.readTextFileSync(`/proc/${name}/stat`).split(") ")[1]!.split(" ");
      return Number(itsGroup) === group && state !== "Z";
    } catch {
      return false;
    }
  });
}
