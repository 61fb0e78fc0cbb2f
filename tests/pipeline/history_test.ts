import assert from "node:assert/strict";
import type { Message } from "../../pipeline/engines.ts";
import { History } from "../../pipeline/history.ts";

Deno.test("history: what is kept of a long one never begins with the result of a call that is not", () => {
  const history = new History();
  const turn: Message[] = [
    { role: "user", content: "what time is it" },
    { role: "assistant", content: "", toolCalls: [{ callId: "1", name: "get_time", args: {} }] },
    { role: "tool", callId: "1", name: "get_time", content: '{"time":"noon"}' },
    { role: "assistant", content: "Noon." },
  ];
  const beginnings = new Set<string>();
  for (const message of Array.from({ length: 260 }, () => turn).flat().slice(1)) {
    history.add(message);
    beginnings.add(history.messages[0]!.role);
  }
  assert.ok(!beginnings.has("tool"), [...beginnings].join());
  assert.ok(history.messages.length > 190);
});

Deno.test("history: a long one begins as it did for many turns, so that a model need not read it anew in each", () => {
  const history = new History();
  const beginnings: string[] = [];
  for (let turn = 0; turn < 1000; turn++) {
    history.add({ role: "user", content: `question ${turn}` });
    history.add({ role: "assistant", content: `answer ${turn}` });
    beginnings.push(history.messages[0]!.content);
    assert.ok(history.messages.length <= 300);
  }
  assert.ok(new Set(beginnings).size <= 20, `${new Set(beginnings).size} beginnings`);
});
