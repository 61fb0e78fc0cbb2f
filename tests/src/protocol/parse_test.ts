import assert from "node:assert/strict";
import { ERROR_CODES } from "../../../pipeline/errors.ts";
import { type CommandName, COMMANDS, UNAVAILABLE_COMMANDS } from "../../../src/protocol/commands.ts";
import { errorCode } from "../../../src/protocol/errors.ts";
import { type CommandError, parseCommand } from "../../../src/protocol/parse.ts";

/** A valid example of every command's data. */
const EXAMPLES: { readonly [N in CommandName]: Record<string, unknown> } = {
  connect: { session_id: "a", personality: "p", history: [{ role: "user", content: "hi" }], last_seq: 3 },
  ping: { sent_at: "now" },
  subscribe: { events: ["stt_*"], audio: true },
  unsubscribe: { events: ["stt_*"], audio: true },
  stt_start: { mode: "continuous", device: "d", language: "en" },
  stt_stop: {},
  message: { text: "hello" },
  say: { text: "hello", voice: "slt" },
  interrupt: {},
  voice_mute: {},
  voice_unmute: {},
  demo_flow: { script: "default", speed: 2 },
  audio_start: { sample_rate: 16000, format: "pcm16" },
  audio_stop: {},
  get_system_info: {},
  get_performance_metrics: { turns: 5 },
  get_history: {},
  clear_history: {},
  list_devices: {},
};

function errorOf(text: string): CommandError {
  const parsed = parseCommand(text);
  assert.ok(!parsed.ok, `was taken: ${text.slice(0, 80)}`);
  return parsed.error;
}

Deno.test("parse: every command is taken, in the envelope and flat", () => {
  for (const [type, data] of Object.entries(EXAMPLES)) {
    for (const message of [{ type, data, id: "7" }, { type, ...data, id: "7" }]) {
      const parsed = parseCommand(JSON.stringify(message));
      assert.ok(parsed.ok, JSON.stringify(parsed));
      assert.deepEqual(parsed.command, { type, data, id: "7" });
    }
  }
});

Deno.test("parse: a wrong type at any path of any command is a VALIDATION_ERROR that names the path", () => {
  for (const [type, example] of Object.entries(EXAMPLES)) {
    for (const [key, value] of Object.entries(example)) {
      const wrongs = [
        { nested: true },
        [[]],
        ...(key === "sent_at" ? [] : [typeof value === "string" ? 42 : "wrong"]),
      ];
      for (const wrong of wrongs) {
        const error = errorOf(JSON.stringify({ type, data: { ...example, [key]: wrong }, id: "x" }));
        assert.equal(error.code, "VALIDATION_ERROR", `${type}.${key}`);
        assert.ok(error.details!.path.startsWith(`data.${key}`), error.details!.path);
        assert.ok(error.message.includes(error.details!.path), error.message);
        assert.equal(error.id, "x");
      }
    }
  }
});

Deno.test("parse: what is no command is told so", () => {
  for (
    const text of [
      "",
      "{",
      "null",
      "[]",
      "3",
      '"stt_start"',
      "\u0000\uFFFD",
      "{}",
      '{"type":7}',
      '{"type":null}',
    ]
  ) {
    assert.equal(errorOf(text).code, "VALIDATION_ERROR", text);
  }
  assert.equal(errorOf('{"type":"message","data":[]}').details!.path, "data");
  assert.equal(errorOf('{"type":"ping","id":5}').details!.path, "id");
  assert.equal(errorOf(JSON.stringify({ type: "ping", id: "x".repeat(1000) })).details!.path, "id");
});

Deno.test("parse: unknown commands are NOT_FOUND with what exists; those to come are UNAVAILABLE", () => {
  const unknown = errorOf('{"type":"fly","id":"1"}');
  assert.equal(unknown.code, "NOT_FOUND");
  for (const name of Object.keys(COMMANDS)) assert.ok(unknown.message.includes(name));
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(errorOf(JSON.stringify({ type: name })).code, "NOT_FOUND");
  }
  for (const type of UNAVAILABLE_COMMANDS) {
    assert.equal(errorOf(JSON.stringify({ type })).code, "UNAVAILABLE");
  }
});

Deno.test("parse: texts must hold something, and not too much", () => {
  for (const text of ["", "   ", "\n\t", "x".repeat(8001)]) {
    for (const type of ["message", "say"]) {
      assert.equal(errorOf(JSON.stringify({ type, data: { text } })).details!.path, "data.text");
    }
  }
});

Deno.test("parse: neither depth nor magic names do harm", () => {
  const deep = '{"type":"ping","data":' + '{"a":'.repeat(5000) + "1" + "}".repeat(5000) + "}";
  assert.ok(parseCommand(deep).ok, "unknown fields are ignored however deep they are");
  const magic = parseCommand('{"type":"message","data":{"text":"hi","__proto__":{"polluted":true}}}');
  assert.ok(magic.ok);
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("parse: random mutations of commands never throw", () => {
  let seed = 42;
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  const messages = Object.entries(EXAMPLES).map(([type, data]) => JSON.stringify({ type, data, id: "1" }));
  for (let round = 0; round < 20_000; round++) {
    const characters = [...messages[random(messages.length)]!];
    for (let change = 0; change <= random(4); change++) {
      characters.splice(random(characters.length), random(3), String.fromCharCode(random(256)));
    }
    parseCommand(characters.join(""));
  }
});

Deno.test("errors: the contract's codes are the project's", () => {
  assert.deepEqual([...errorCode.options], [...ERROR_CODES]);
});
