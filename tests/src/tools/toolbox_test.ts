import assert from "node:assert/strict";
import { ParleyError } from "../../../pipeline/errors.ts";
import type { TurnFact } from "../../../pipeline/events.ts";
import { openMemory } from "../../../src/memory/memory.ts";
import { createTimers } from "../../../src/tools/timers.ts";
import { createToolbox } from "../../../src/tools/toolbox.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** Friday, 1 May 2026, 15:42 in Berlin. */
const NOW_MS = Date.UTC(2026, 4, 1, 13, 42);

function setUp() {
  const clock = new FakeClock(NOW_MS);
  const session = new AbortController();
  const facts: TurnFact[] = [];
  const memory = openMemory({ clock });
  const timers = createTimers({ clock, signal: session.signal, onDone: () => {} });
  const systemInfo = () => ({ version: "0.1.0", uptimeMs: 12 * 60_000, memoryBytes: 310.4e6 });
  const toolbox = createToolbox({ clock, memory, timers, systemInfo, timeZone: "Europe/Berlin" });
  return {
    clock,
    facts,
    timers,
    toolbox,
    run: async (name: string, args?: unknown, signal: AbortSignal = session.signal) =>
      await toolbox.get(name)!.run(args, { signal, progress: () => {}, emit: (fact) => facts.push(fact) }),
    [Symbol.dispose]() {
      session.abort("session_closed");
      memory[Symbol.dispose]();
    },
  };
}

Deno.test("tools: every one answers in the shape the starter model is trained on", async () => {
  using tools = setUp();
  assert.deepEqual(await tools.run("get_time", {}), { time: "3:42 PM" });
  assert.deepEqual(await tools.run("get_date", {}), { date: "Friday, May 1, 2026" });
  assert.deepEqual(await tools.run("set_timer", { duration: "ten minutes" }), { ok: true });
  assert.deepEqual(await tools.run("calculate", { expression: "twelve times four" }), { result: "48" });
  assert.deepEqual(await tools.run("memory_store", { text: "my name is anna" }), { ok: true });
  assert.deepEqual(await tools.run("memory_recall", { query: "name" }), { memories: ["my name is anna"] });
  assert.deepEqual(await tools.run("memory_recall", { query: "birthday" }), { memories: [] });
  assert.deepEqual(await tools.run("get_system_info", {}), {
    version: "0.1.0",
    uptime: "12 minutes",
    memory: "310 MB",
  });
});

Deno.test("tools: the time is the one of now, and needs no arguments object", async () => {
  using tools = setUp();
  await tools.clock.advance(9 * 3_600_000);
  assert.deepEqual(await tools.run("get_time"), { time: "12:42 AM" });
  assert.deepEqual(await tools.run("get_date", null), { date: "Saturday, May 2, 2026" });
});

Deno.test("tools: timers are set, listed and cancelled", async () => {
  using tools = setUp();
  await assert.rejects(tools.run("cancel_timer", {}), { code: "NOT_FOUND" });
  await tools.run("set_timer", { duration: "two minutes" });
  await tools.run("set_timer", { duration: "an hour" });
  await tools.clock.advance(30_000);
  assert.deepEqual(await tools.run("list_timers", {}), {
    timers: [
      { timer_id: "timer-1", name: "two minute timer", seconds_left: 90 },
      { timer_id: "timer-2", name: "one hour timer", seconds_left: 3570 },
    ],
  });
  await assert.rejects(tools.run("cancel_timer", {}), {
    code: "CONFLICT",
    message: /timer-2 \(one hour timer\)/,
  });
  assert.deepEqual(await tools.run("cancel_timer", { timer_id: "timer-1" }), {
    ok: true,
    name: "two minute timer",
  });
  assert.deepEqual(await tools.run("cancel_timer", {}), { ok: true, name: "one hour timer" });
  assert.deepEqual(tools.timers.list(), []);
});

Deno.test("tools: what happens to the memory is told", async () => {
  using tools = setUp();
  await tools.run("memory_store", { text: "my keys are in the blue bag" });
  await tools.run("memory_recall", { query: "keys" });
  const [stored, recalled] = tools.facts;
  assert.ok(stored?.type === "memory.store" && recalled?.type === "memory.recall");
  assert.equal(stored.text, "my keys are in the blue bag");
  assert.equal(recalled.query, "keys");
  assert.deepEqual(recalled.items.map(({ memoryId }) => memoryId), [stored.memoryId]);
});

Deno.test("tools: wrong arguments are refused with the name of the field", async () => {
  using tools = setUp();
  const wrong: [string, unknown, string][] = [
    ["set_timer", {}, "duration"],
    ["set_timer", { duration: 10 }, "duration"],
    ["set_timer", { duration: "x".repeat(101) }, "duration"],
    ["calculate", { expression: "" }, "expression"],
    ["calculate", { expression: "(".repeat(100_000) }, "expression"],
    ["memory_store", { text: ["a"] }, "text"],
    ["memory_recall", { query: null }, "query"],
    ["cancel_timer", { timer_id: 1 }, "timer_id"],
    ["get_time", "now", "arguments"],
    ["get_time", [], "arguments"],
  ];
  for (const [name, args, field] of wrong) {
    await assert.rejects(
      tools.run(name, args),
      (error) =>
        error instanceof ParleyError && error.code === "VALIDATION_ERROR" &&
        error.message.startsWith(`Wrong arguments for ${name}: ${field}: `),
      `${name} ${field}`,
    );
  }
  assert.deepEqual(tools.facts, []);
  assert.deepEqual(tools.timers.list(), []);
});

Deno.test("tools: a timer must last, and not for days", async () => {
  using tools = setUp();
  for (const duration of ["zero minutes", "two days", "ten minuets"]) {
    await assert.rejects(tools.run("set_timer", { duration }), { code: "VALIDATION_ERROR" }, duration);
  }
});

Deno.test("tools: nothing is done for an aborted turn", async () => {
  using tools = setUp();
  const signal = AbortSignal.abort("barge_in");
  for (
    const [name, args] of [["set_timer", { duration: "one hour" }], ["memory_store", {
      text: "a b",
    }]] as const
  ) {
    await assert.rejects(tools.run(name, args, signal), (reason) => reason === "barge_in");
  }
  assert.deepEqual(tools.facts, []);
  assert.deepEqual(tools.timers.list(), []);
});

Deno.test("tools: only those that change nothing may run ahead", () => {
  using tools = setUp();
  const changing = [...tools.toolbox.values()].filter(({ pure }) => !pure).map(({ spec }) => spec.name);
  assert.deepEqual(changing, ["set_timer", "cancel_timer", "memory_store"]);
});

Deno.test("tools: each is described by the JSON Schema of an object", () => {
  using tools = setUp();
  for (const [name, { spec }] of tools.toolbox) {
    assert.equal(spec.name, name);
    assert.equal(spec.parameters.type, "object");
    assert.match(spec.description, /^[A-Z].*\.$/);
  }
  assert.deepEqual(tools.toolbox.get("set_timer")!.spec.parameters.required, ["duration"]);
});
