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
  for (const message of Array.from({ length: 60 }, () => turn).flat()) {
    history.add(message);
    beginnings.add(history.messages[0]!.role);
  }
  assert.deepEqual([...beginnings].sort(), ["assistant", "user"]);
  assert.ok(history.messages.length > 190);
});
