import assert from "node:assert/strict";
import {
  type ChatMessage,
  fitToContext,
  inTurns,
  newestTurns,
  spacedJson,
  toChat,
  toolErrorOf,
} from "../../../../models/engines/llm/chat.ts";
import type { Message } from "../../../../pipeline/engines.ts";

const HISTORY: Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "first" },
  { role: "assistant", content: "", toolCalls: [{ callId: "1", name: "f", args: { a: [1, "x"] } }] },
  { role: "tool", callId: "1", name: "f", content: '{"ok":true}' },
  { role: "assistant", content: "Done." },
  { role: "user", content: "second" },
  { role: "assistant", content: "Well." },
  { role: "user", content: "third" },
];
const contents = (messages: readonly ChatMessage[]) => messages.map(({ role, content }) => content || role);

Deno.test("chat: JSON is spaced as in training", () => {
  assert.equal(
    spacedJson({ a: [1, "x,y"], b: { c: null }, d: undefined }),
    '{"a": [1, "x,y"], "b": {"c": null}}',
  );
  const [, , call, result] = toChat(HISTORY);
  assert.deepEqual(call?.tool_calls?.[0]?.function, { name: "f", arguments: '{"a": [1, "x"]}' });
  assert.equal(result?.content, '{"ok": true}');
});

Deno.test("chat: a tool's result that is no JSON stays as it is", () => {
  const [result] = toChat([{ role: "tool", callId: "1", name: "f", content: "not, json" }]);
  assert.equal(result?.content, "not, json");
});

Deno.test("chat: for templates that refuse all else, users and assistants take turns and nothing is lost", () => {
  const plain = inTurns(toChat([
    { role: "system", content: "Be brief." },
    { role: "assistant", content: "Hello!" },
    { role: "user", content: "what time" },
    { role: "user", content: "what time is it" },
    { role: "assistant", content: "", toolCalls: [{ callId: "1", name: "get_time", args: {} }] },
    { role: "tool", callId: "1", name: "get_time", content: '{"time":"noon"}' },
    { role: "assistant", content: "Noon." },
    { role: "assistant", content: "Your timer is done." },
    { role: "system", content: "Be briefer." },
    { role: "user", content: "thanks" },
  ]));
  assert.deepEqual(plain.map(({ role, content }) => [role, content]), [
    ["system", "Be brief."],
    ["user", ""],
    ["assistant", "Hello!"],
    ["user", 'what time\nwhat time is it\n{"time": "noon"}'],
    ["assistant", "Noon.\nYour timer is done."],
    ["user", "Be briefer.\nthanks"],
  ]);
  assert.ok(plain.every((message) => message.tool_calls === undefined));
});

Deno.test("chat: the oldest whole turns give way, the system message and the newest turn never", () => {
  const chat = toChat(HISTORY);
  const fitting = (count: number) => contents(fitToContext(chat, count, (some) => some.length));
  assert.deepEqual(fitting(8), contents(chat));
  for (const count of [7, 6, 5, 4]) {
    assert.deepEqual(fitting(count), ["Be brief.", "second", "Well.", "third"]);
  }
  for (const count of [3, 2, 1]) assert.deepEqual(fitting(count), ["Be brief.", "third"]);
});

Deno.test("chat: of a conversation of hundreds of turns the longest part that fits is found in few counts", () => {
  for (const turns of [2, 3, 5, 99, 400]) {
    const chat = Array.from({ length: turns }, () => toChat(HISTORY.slice(5, 7))).flat();
    for (const most of [1, 2, 7, 50, 401, 2 * turns - 1, 2 * turns]) {
      let counts = 0;
      const kept = fitToContext(chat, most, (some) => (counts++, some.length));
      assert.ok(counts < 10, `${counts} counts`);
      const left = kept.length / 2;
      assert.ok(kept.length <= most || left === 1);
      assert.ok(left === turns || 2 * (left + 4) > most, `${left} of ${turns} turns, ${most} fit`);
    }
  }
});

Deno.test("chat: the newest turns come with all that follows from them", () => {
  const chat = toChat(HISTORY);
  assert.deepEqual(contents(newestTurns(chat, 1)), ["Be brief.", "third"]);
  assert.deepEqual(newestTurns(chat, 3), chat);
  assert.deepEqual(newestTurns(chat, Infinity), chat);
  assert.deepEqual(contents(newestTurns(chat.slice(0, 5), 1)), [
    "Be brief.",
    "first",
    "assistant",
    '{"ok": true}',
    "Done.",
  ]);
});

Deno.test("chat: the sentence of a tool's failure is found, and nothing else taken for one", () => {
  const result = (content: string) =>
    toolErrorOf([{ role: "tool", callId: "1", name: "set_timer", content }]);
  assert.equal(
    result('{"error":"A timer runs for one second to 24 hours."}'),
    "A timer runs for one second to 24 hours.",
  );
  for (const content of ['{"ok":true}', '{"error":7}', "error", "null", '"error"']) {
    assert.equal(result(content), undefined);
  }
  assert.equal(toolErrorOf([{ role: "user", content: '{"error":"no"}' }]), undefined);
  assert.equal(toolErrorOf([]), undefined);
});
