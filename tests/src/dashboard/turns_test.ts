import assert from "node:assert/strict";
import { traceFile } from "../../../src/dashboard/perfetto.ts";
import { applyToTurns, heardSoFar, splitHeard, type TurnView } from "../../../src/dashboard/turns.ts";
import type { EventMap, EventType, ParleyEvent } from "../../../src/protocol/generated/client.ts";

const RECORDING = new URL("../../fixtures/protocol/events.jsonl", import.meta.url);

/** An event of the turn "one". */
function event<T extends EventType>(
  type: T,
  data: EventMap[T],
  turn_id: string | undefined = "one",
): ParleyEvent {
  const around = { timestamp: "2026-05-01T12:00:00.000Z", session_id: "local", seq: 1 };
  return { type, data, ...around, ...(turn_id && { turn_id }) } as ParleyEvent;
}

function turnsOf(...events: readonly ParleyEvent[]): readonly TurnView[] {
  return events.reduce<readonly TurnView[]>(
    (turns, next, index) => applyToTurns(turns, next, index * 100),
    [],
  );
}

Deno.test("turns: a recorded conversation becomes what a person saw of it", async () => {
  const lines = (await Deno.readTextFile(RECORDING)).trim().split("\n");
  const turns = turnsOf(
    ...lines.map((line): ParleyEvent => JSON.parse(line)).filter(({ seq }) => seq !== undefined),
  );
  const told = turns.map((
    { source, user, tools, heard, end },
  ) => [source, user?.text, tools.map(({ name }) => name).join(), heard, end]);
  assert.deepEqual(told[0], ["voice", "set a timer for ten minutes", "set_timer", told[0]![3], "completed"]);
  assert.deepEqual(told[1], ["text", "what is six times seven", "calculate", "That is 42.", "completed"]);
  assert.equal(told[2]![4], "interrupted");
  assert.deepEqual(told[4]!.slice(3), ["Good morning.", "completed"]);
  assert.equal(turns.length, 5);
  const { traceEvents } = JSON.parse(traceFile(turns));
  const first = traceEvents.filter(({ pid, ph }: { pid: number; ph: string }) => pid === 1 && ph === "X");
  assert.ok(first.length >= 4 && first.every(({ dur }: { dur: number }) => dur >= 0));
});

Deno.test("turns: a transcript settles, thoughts and failures are kept, an unknown turn begins by itself", () => {
  const [turn] = turnsOf(
    event("stt_progress", { text: "what ti", stable_chars: 4, audio_ms: 500 }),
    event("thought", { text: "Hm. " }),
    event("thought", { text: "A clock." }),
    event("tool_call", { call_id: "1", name: "get_time", args: {} }),
    event("tool_error", { call_id: "1", name: "get_time", code: "TIMEOUT", message: "Too late." }),
    event("llm_error", { code: "MODEL_ERROR", message: "It broke.", recoverable: true }),
    event("turn_end", { reason: "error" }),
  );
  assert.deepEqual(turn!.user, { text: "what ti", stableChars: 4, isFinal: false });
  assert.equal(turn!.thoughts, "Hm. A clock.");
  assert.deepEqual(turn!.tools[0]!.outcome, { ok: false, value: "Too late." });
  assert.deepEqual([turn!.errors, turn!.end], [["It broke."], "error"]);
});

Deno.test("turns: words count as heard once their sound is over, and then as playback says", () => {
  const before = turnsOf(
    event("llm_progress", { delta: "One two three." }),
    event("tts_progress", { text: "One", chunk: 0, audio_ms: 300, offset_ms: 0 }),
    event("tts_progress", { text: "two three.", chunk: 1, audio_ms: 500, offset_ms: 300 }),
    event("voice_speaking", { source: "assistant", speaking: true, at_ms: 0 }),
  );
  const [turn] = before;
  assert.deepEqual([0, 299, 301, 801].map((ms) => heardSoFar(turn!, turn!.soundingSinceMs! + ms)), [
    "",
    "",
    "One",
    "One two three.",
  ]);
  const result = { text: "One two three.", spoken_text: "One two", audio_ms: 500, interrupted: true };
  const [after] = applyToTurns(before, event("tts_result", result), 0);
  assert.equal(heardSoFar(after!, Infinity), "One two");
});

Deno.test("turns: what was heard is found in the answer whatever its spacing", () => {
  assert.deepEqual(splitHeard("Hello,\n  you there.", "Hello, you"), {
    heard: "Hello,\n  you",
    rest: " there.",
  });
  assert.deepEqual(splitHeard("Hello", ""), { heard: "", rest: "Hello" });
  assert.deepEqual(splitHeard("Hi", "Hi there"), { heard: "Hi", rest: "" });
});

Deno.test("turns: an event that changes nothing makes nothing new, and old turns give way", () => {
  const turns = turnsOf(event("turn_start", { source: "text" }));
  assert.equal(applyToTurns(turns, event("llm_start", { model: "x" }), 0), turns);
  assert.equal(applyToTurns(turns, event("pong", { received_at: "" }, ""), 0), turns);
  const many = Array.from({ length: 250 }, (_, i) => event("turn_start", { source: "text" }, `turn ${i}`));
  assert.deepEqual([turnsOf(...many).length, turnsOf(...many)[0]!.id], [200, "turn 50"]);
});
