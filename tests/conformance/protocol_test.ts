/** Every event and every command, by values generated from its schema: a new one is tested by being there. */
import assert from "node:assert/strict";
import { type CommandName, COMMANDS } from "../../src/protocol/commands.ts";
import { anyEvent, encodeEvent } from "../../src/protocol/envelope.ts";
import { type EventBody, type EventName, EVENTS } from "../../src/protocol/events.ts";
import { parseCommand } from "../../src/protocol/parse.ts";
import { fullest, placesOf, seeded, valueOf, withAt } from "../support/generated.ts";

const AROUND = {
  timestamp: "2026-05-01T12:34:56.789Z",
  seq: 17,
  session_id: "local",
  turn_id: "turn",
  id: "req-123",
};
const events = Object.keys(EVENTS) as EventName[];
const commands = Object.keys(COMMANDS) as CommandName[];
/** What a schema made, as the compiler would know it had it been written by hand. */
const eventOf = (type: EventName, data: unknown) => ({ type, data }) as EventBody;

for (const type of events) {
  Deno.test(`protocol: ${type} arrives as it was sent`, () => {
    const random = seeded(type.length);
    for (let round = 0; round < 50; round++) {
      const data = valueOf(EVENTS[type], random);
      const arrived: unknown = JSON.parse(encodeEvent(eventOf(type, data), AROUND));
      assert.deepEqual(arrived, { type, data, ...AROUND });
      assert.deepEqual(anyEvent.parse(arrived), arrived, "a client that checks takes it too");
    }
  });

  Deno.test(`protocol: ${type} is not sent with a wrong type anywhere`, () => {
    for (const { path, wrong } of placesOf(EVENTS[type])) {
      for (const value of wrong) {
        const data = withAt(valueOf(EVENTS[type], fullest), path, value);
        assert.throws(
          () => encodeEvent(eventOf(type, data), AROUND),
          { name: "ZodError" },
          `${path}: ${JSON.stringify(value)}`,
        );
      }
    }
  });
}

for (const type of commands) {
  Deno.test(`protocol: ${type} is taken however the contract lets it be written`, () => {
    const random = seeded(type.length + 1);
    for (let round = 0; round < 50; round++) {
      const data = validData(type, random);
      for (const message of [{ type, data, id: "1" }, { type, ...data, id: "1" }]) {
        assert.deepEqual(parseCommand(JSON.stringify(message)), {
          ok: true,
          command: { type, data, id: "1" },
        });
      }
      const extra = JSON.stringify({ type, data: { ...data, from_the_future: [1] }, timestamp: "now" });
      assert.deepEqual(
        parseCommand(extra),
        { ok: true, command: { type, data } },
        "unknown fields do no harm",
      );
    }
  });

  Deno.test(`protocol: ${type} with a wrong type anywhere is a VALIDATION_ERROR that names the place`, () => {
    for (const { path, wrong } of placesOf(COMMANDS[type])) {
      for (const value of wrong) {
        const data = withAt(validData(type, fullest), path, value);
        const parsed = parseCommand(JSON.stringify({ type, data, id: "1" }));
        const place = ["data", ...path].join(".");
        assert.ok(!parsed.ok, `${place} was taken: ${JSON.stringify(value)}`);
        const { code, details, id, message } = parsed.error;
        assert.deepEqual([code, details, id], ["VALIDATION_ERROR", { path: place }, "1"]);
        assert.ok(message.startsWith(place), message);
      }
    }
  });
}

/** Texts of commands must say something, which JSON Schema does not know. */
function validData(type: CommandName, random: (below: number) => number): Record<string, unknown> {
  for (let tries = 0; tries < 1000; tries++) {
    const parsed = COMMANDS[type].safeParse(valueOf(COMMANDS[type], random));
    if (parsed.success) return parsed.data;
  }
  throw new Error(`The generator finds no ${type} that its schema allows`);
}
