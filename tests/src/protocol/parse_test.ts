import assert from "node:assert/strict";
import { ERROR_CODES } from "../../../pipeline/errors.ts";
import { COMMANDS } from "../../../src/protocol/commands.ts";
import { errorCode } from "../../../src/protocol/errors.ts";
import { type CommandError, parseCommand } from "../../../src/protocol/parse.ts";
import { fullest, seeded, valueOf } from "../../support/generated.ts";

function errorOf(text: string): CommandError {
  const parsed = parseCommand(text);
  assert.ok(!parsed.ok, `was taken: ${text.slice(0, 80)}`);
  return parsed.error;
}

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

Deno.test("parse: unknown commands are NOT_FOUND with what exists", () => {
  const unknown = errorOf('{"type":"fly","id":"1"}');
  assert.equal(unknown.code, "NOT_FOUND");
  for (const name of Object.keys(COMMANDS)) assert.ok(unknown.message.includes(name));
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(errorOf(JSON.stringify({ type: name })).code, "NOT_FOUND");
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
  const deep = (key: string) => `{"type":"ping","${key}":${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}}`;
  assert.ok(parseCommand(deep("data")).ok, "unknown fields are ignored however deep they are");
  assert.equal(errorOf(deep("sent_at")).details!.path, "data.sent_at");
  assert.equal(errorOf("[".repeat(900_000)).code, "VALIDATION_ERROR");
  const magic = parseCommand('{"type":"message","data":{"text":"hi","__proto__":{"polluted":true}}}');
  assert.ok(magic.ok);
  assert.equal(Object.hasOwn(magic.command.data, "polluted"), false);
  const flat = '{"type":"message","__proto__":{"text":"from afar"}}';
  assert.equal(errorOf(flat).details!.path, "data.text", "what is inherited is not said");
});

Deno.test("parse: random mutations of commands never throw", () => {
  const random = seeded(42);
  const messages = Object.entries(COMMANDS).map(([type, schema]) =>
    JSON.stringify({ type, data: valueOf(schema, fullest), id: "1" })
  );
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
