import assert from "node:assert/strict";
import { type CtcLogits, decodeCtc } from "../../../../models/engines/stt/ctc_decode.ts";

const vocabulary = { tokens: ["<pad>", "|", "a", "b", "ab|"], blankId: 0, wordDelimiter: "|" };

/** Scores that make one token of each frame the likeliest: `_` for blank, `w` for the piece that ends a word. */
function frames(ids: string, score = 10): CtcLogits {
  const data = [...ids].flatMap((id) =>
    vocabulary.tokens.map((_, i) => i === "_|abw".indexOf(id) ? score : 0)
  );
  return { data: Float32Array.from(data), frames: ids.length };
}
const words = (ids: string) => decodeCtc(frames(ids), vocabulary).map(({ text }) => text).join(" ");

Deno.test("ctc decoding: repeats are one token, a blank between them makes two", () => {
  assert.equal(words("__aa_ab__"), "aab");
  assert.equal(words("aaaa"), "a");
  assert.equal(words("a_a"), "aa");
});

Deno.test("ctc decoding: a delimiter ends a word, alone or inside a piece", () => {
  assert.equal(words("a||b"), "a b");
  assert.equal(words("aw_b|_|_|"), "aab b");
  assert.equal(words("|__|"), "");
  assert.equal(words(""), "");
});

Deno.test("ctc decoding: a word knows its frames and how sure its least sure token is", () => {
  const unsure = frames("__a_bb|_a");
  unsure.data[4 * 5 + 3] = 1; // The first frame of "b" is doubtful, the second is not.
  unsure.data[8 * 5 + 2] = 0; // The last "a" is no likelier than anything else.
  unsure.data[8 * 5] = -1;
  const [first, second] = decodeCtc(unsure, vocabulary);
  assert.deepEqual([first?.text, first?.startFrame, first?.endFrame], ["ab", 2, 6]);
  assert.ok(first!.confidence > 0.99);
  assert.equal(second?.startFrame ?? 8, 8);
});

Deno.test("ctc decoding: confidence is a probability", () => {
  const [word] = decodeCtc(frames("a", 0.001), vocabulary);
  assert.ok(Math.abs(word!.confidence - 1 / 5) < 0.01, `${word!.confidence}`);
});

Deno.test("ctc decoding: a mark at the beginning of a piece begins a word, and an unnamed last token is the blank", () => {
  const pieces = { tokens: ["", "\u2581a", "b", "\u2581"], blankId: 4, wordDelimiter: "\u2581" };
  const read = (ids: readonly number[]) => {
    const data = Float32Array.from(
      ids.flatMap((id) => [0, 1, 2, 3, 4].map((other) => other === id ? 10 : 0)),
    );
    return decodeCtc({ data, frames: ids.length }, pieces).map(({ text }) => text);
  };
  assert.deepEqual(read([4, 1, 1, 2, 4, 2, 1, 4, 4]), ["abb", "a"]);
  assert.deepEqual(read([2, 3, 2, 1]), ["b", "b", "a"]);
  assert.deepEqual(read([0, 4, 0]), [], "marks are nothing that was said");
});
