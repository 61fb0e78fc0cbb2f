/** How evaluation counts, by hand-made cases. */
import assert from "node:assert/strict";
import { sameCall } from "../../../models/eval/calls.ts";
import { reportOf } from "../../../models/eval/report.ts";
import { SetTally, steadinessOf } from "../../../models/eval/tally.ts";
import { wordErrors, wordsOf } from "../../../models/eval/word_errors.ts";
import type { Transcript } from "../../../pipeline/engines.ts";
import { assistantParts } from "../../../src/cli/eval_assistant.ts";

Deno.test("eval: words wrong, missing and too many are counted, each once", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["what time is it", "what time is it", 0],
    ["what time is it", "", 4],
    ["", "the the", 2],
    ["what time is it", "what time was it", 1],
    ["what time is it", "time is it", 1],
    ["what time is it", "what what time is it", 1],
    ["set a timer for ten minutes", "set timer for two ten minute", 3],
    ["a b c d", "d a b c", 2],
    ["a b", "b a", 2],
  ];
  for (const [truth, heard, wrong] of cases) {
    assert.equal(wordErrors(wordsOf(truth), wordsOf(heard)), wrong, `${truth} → ${heard}`);
    assert.equal(wordErrors(wordsOf(heard), wordsOf(truth)), wrong, "the same the other way round");
  }
});

Deno.test("eval: case and punctuation are not words, apostrophes are part of them", () => {
  assert.deepEqual(wordsOf("What’s the well-known “weather” like? "), [
    "what's",
    "the",
    "well",
    "known",
    "weather",
    "like",
  ]);
  assert.deepEqual(wordsOf("  ?! "), []);
});

Deno.test("eval: a set's figures, and what the recogniser's doubts are worth", () => {
  const tally = new SetTally("some");
  const heard = (text: string, doubtful = false) => final(text, { doubtful });
  tally.add("one two three", heard("one two three"));
  tally.add("one two three", heard("one two three", true));
  tally.add("four five", heard("four nine", true));
  tally.add("four five", heard("four nine"));
  tally.add("six", heard(""));
  const counts = {
    utterances: 5,
    exactlyRight: 2,
    rejected: 3,
    rejectedAndWrong: 2,
    words: 11,
    wordsWrong: 3,
  };
  assert.deepEqual(tally.figures, { name: "some", ...counts });
  assert.deepEqual(tally.doubts, { utterances: 5, rejected: 3, wrong: 3, rejectedAndWrong: 2 });
});

Deno.test("eval: a word is steady if it stands in its place from 300 ms after its end on", () => {
  const words = [
    { word: "set", startMs: 0, endMs: 200 },
    { word: "a", startMs: 200, endMs: 300 },
    { word: "timer", startMs: 300, endMs: 700 },
    { word: "please", startMs: 700, endMs: 1100 },
  ];
  const transcripts = [
    partial("sat", 320), // too early to count
    partial("set the", 640), // "a" is wrong 340 ms after its end
    partial("set a time", 960), // "timer" may still change
    partial("set a timer", 1120),
    final("set a timer please", { words }),
  ];
  assert.deepEqual(steadinessOf(transcripts), { words: 3, steady: 2 });
  assert.deepEqual(steadinessOf([final("set", {})]), { words: 0, steady: 0 }, "an engine without times");
});

Deno.test("eval: calls are the same when they would do the same", () => {
  const { meanings, tools } = assistantParts(AbortSignal.abort());
  assert.ok(tools.some(({ name }) => name === "calculate"));
  const call = (tool: string, args: unknown) => ({ tool, args });
  const isSame = (a: unknown, b: unknown, tool: string) => sameCall(call(tool, a), call(tool, b), meanings);
  assert.ok(isSame({ expression: "two plus two" }, { expression: "2 + 2" }, "calculate"));
  assert.ok(!isSame({ expression: "two plus two" }, { expression: "two plus ten" }, "calculate"));
  assert.ok(isSame({ expression: "Nonsense " }, { expression: "nonsense" }, "calculate"));
  assert.ok(isSame({ duration: "ninety seconds" }, { duration: "a minute and a half" }, "set_timer"));
  assert.ok(!isSame({ duration: "ten minutes" }, { duration: "ten seconds" }, "set_timer"));
  assert.ok(!isSame({ duration: "ten minutes" }, {}, "set_timer"));
  assert.ok(!isSame({ duration: "ten minutes" }, null, "set_timer"));
  assert.ok(isSame({ text: "my name is Ann" }, { text: " my name is ann" }, "memory_store"));
  assert.ok(!isSame({ text: "my name is ann" }, { text: "my name is dan" }, "memory_store"));
  assert.ok(isSame({}, undefined, "get_time"));
  assert.ok(!sameCall(call("get_time", {}), call("get_date", {}), meanings));
  assert.ok(!sameCall(undefined, call("get_time", {}), meanings));
  assert.ok(sameCall(undefined, undefined, meanings));
});

Deno.test("eval: the report has a row for each figure, and none is NaN", () => {
  const hearing = {
    sets: [{
      name: "some",
      utterances: 4,
      exactlyRight: 3,
      rejected: 0,
      rejectedAndWrong: 0,
      words: 40,
      wordsWrong: 1,
      steadiness: { words: 30, steady: 27 },
    }],
    doubts: { utterances: 4, rejected: 0, wrong: 1, rejectedAndWrong: 0 },
    realTimeFactor: 0.0123,
  };
  const report = reportOf({
    hearing,
    answering: { requests: 500, typedRight: 480, spoken: { right: 400, rejected: 50 } },
  });
  assert.match(report, /^\| some \| 2\.5 % of 40 \| 75\.0 % \(3 of 4\) \| 90\.0 % of 30 \|$/m);
  assert.match(report, /^\| of what it rejects, is wrong \| – \|$/m);
  assert.match(report, /^\| requests as text \| 96\.0 % \(480 of 500\) \|$/m);
  assert.match(report, /88\.9 % \(400 of 450\)/);
  assert.doesNotMatch(report, /NaN|undefined/);
});

function partial(text: string, audioMs: number): Transcript {
  return { text, stableChars: 0, final: false, audioMs };
}

function final(text: string, more: Partial<Transcript>): Transcript {
  return { text, stableChars: text.length, final: true, audioMs: 2000, ...more };
}
