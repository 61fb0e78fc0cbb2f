/** The starter's turn detector: what it makes of words, and of files that are none of its. */
import assert from "node:assert/strict";
import { loadEngine } from "../../../../models/host.ts";
import { starterChoice } from "../../../../models/selection.ts";
import type { TurnDetector } from "../../../../pipeline/engines.ts";

const { signal } = new AbortController();
const audio = new Float32Array(0);
const starter = starterChoice("turn");
const load = (shortens = true) =>
  loadEngine("turn", { ...starter, options: { ...starter.options, shortens } }, { signal });
const judge = (turn: TurnDetector, text: string) => turn.completion({ audio, text }, { signal });

const COMPLETE = [
  "what time is it",
  "set a timer for ten minutes",
  "what is the capital of france",
  "remember that my name is anna",
  "tell me a joke please",
  "um what time is it",
  "thank you",
];
const INCOMPLETE = [
  "set a timer for",
  "set a timer for five",
  "what is the capital of",
  "remember that my",
  "what time is it in",
  "tell me a",
  "set a timer for ten minutes and",
  "um",
];

Deno.test("word turn: whole requests are complete, and those that lack a word are not", async () => {
  await using turn = await load();
  assert.equal(turn.readsWords, true);
  for (const text of COMPLETE) assert.ok((await judge(turn, text) ?? 0) >= 0.7, text);
  for (const text of INCOMPLETE) assert.ok((await judge(turn, text) ?? 1) <= 0.2, text);
});

Deno.test("word turn: as it comes, it never ends a turn before the silence does", async () => {
  await using turn = await loadEngine("turn", starter, { signal });
  for (const text of COMPLETE) assert.equal(await judge(turn, text), undefined, text);
  for (const text of INCOMPLETE) assert.ok((await judge(turn, text) ?? 1) <= 0.2, text);
});

Deno.test("word turn: capitals, marks and digits of other recognisers mean the same", async () => {
  await using turn = await load();
  for (
    const [plain, written] of [
      ["set a timer for ten minutes", "Set a timer for 10 minutes."],
      ["what's the weather in", "What’s the weather in…"],
      ["set a timer for twenty five minutes", "set a timer for ten minutes"],
    ] as const
  ) {
    assert.equal(await judge(turn, written), await judge(turn, plain), written);
  }
});

Deno.test("word turn: of nothing, and of another language, it has no opinion", async () => {
  await using turn = await load();
  for (const text of ["", "  ", "wie spät ist es gerade in", "東京は今何時ですか"]) {
    assert.equal(await judge(turn, text), undefined, text);
  }
  assert.equal(await turn.completion({ audio }, { signal }), undefined);
});

Deno.test("word turn: a file that is missing or another is told without its path", async () => {
  const folder = await Deno.makeTempDir();
  const wrong: Readonly<Record<string, string>> = {
    "text.json": "no model",
    "other.json": '{"vocabulary":"a"}',
    "lame.json": JSON.stringify({ vocabulary: "a", numbers: "", bias: 0, weights: { a: "much" } }),
  };
  const loadFile = (name: string) =>
    loadEngine("turn", { engine: "word_turn", options: { model: `file://${folder}/${name}` } }, { signal });
  for (const [name, text] of Object.entries(wrong)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    await assert.rejects(loadFile(name), (error: Error & { code: string }) => {
      assert.equal(error.code, "MODEL_ERROR");
      assert.match(error.message, /turn detector/);
      assert.ok(!error.message.includes(folder));
      return true;
    });
  }
  await assert.rejects(loadFile("none.json"), { code: "NOT_FOUND", message: /turn detector/ });
  await Deno.remove(folder, { recursive: true });
});
