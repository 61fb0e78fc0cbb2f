import assert from "node:assert/strict";
import { searchBeam } from "../../../../models/engines/stt/beam_search.ts";
import { type CtcLogits, type CtcWord, decodeCtc } from "../../../../models/engines/stt/ctc_decode.ts";
import type { WordModel } from "../../../../models/engines/stt/word_model.ts";

const vocabulary = { tokens: ["<pad>", "|", "a", "b", "c"], blankId: 0, wordDelimiter: "|" };
const LETTERS = "_|abc";

/** Every word alike, but for those that are given. */
function model(known: Readonly<Record<string, number>> = {}): WordModel {
  const likeliest = (words: readonly string[]) => Math.max(-5, ...words.map((word) => known[word]!));
  return {
    logProbability: (word) => known[word] ?? -5,
    outlook: (beginning) => likeliest(Object.keys(known).filter((word) => word.startsWith(beginning))),
  };
}

/** A frame for each letter, which it is by `sure`; a pair "ab" is a frame that may be either, "a" a little more so. */
function frames(letters: readonly string[], sure = 0.97): CtcLogits {
  const data = letters.flatMap((letter) => {
    const [first, second] = letter;
    const rest = (1 - sure) / (LETTERS.length - letter.length);
    return [...LETTERS].map((each) =>
      Math.log(each === first ? sure * (second ? 0.55 : 1) : each === second ? sure * 0.45 : rest)
    );
  });
  return { data: Float32Array.from(data), frames: letters.length };
}

const read = (letters: readonly string[], words = model(), minEvidence = 0) =>
  searchBeam(frames(letters), { vocabulary, words, minEvidence });
const text = (found: readonly { readonly text: string }[]) => found.map((word) => word.text).join(" ");

Deno.test("beam search: what is clear is read as it sounds, whatever words there are", () => {
  for (const letters of ["__aa_b|c__", "aa_ab", "a_a", "|a||b|", "____", ""]) {
    const logits = frames([...letters], 0.999);
    const found = searchBeam(logits, { vocabulary, words: model(), minEvidence: 0 });
    const withoutConfidence = ({ confidence: _, ...word }: CtcWord) => word;
    assert.deepEqual(
      found.map(withoutConfidence),
      decodeCtc(logits, vocabulary).map(withoutConfidence),
      letters,
    );
    assert.ok(found.every(({ confidence }) => confidence > 0.9), letters);
  }
});

Deno.test("beam search: of two that sound alike the word that makes sense is taken", () => {
  assert.equal(text(read(["_", "bc", "a", "_"])), "ba");
  assert.equal(text(read(["_", "bc", "a", "_"], model({ ca: -0.5 }))), "ca");
});

Deno.test("beam search: what was said before decides too", () => {
  const words: WordModel = {
    logProbability: (word, history) =>
      word === "c" && history.at(-1) === "a" ? -0.1 : word === "</s>" ? 0 : -5,
    outlook: () => -0.1,
  };
  assert.equal(text(read(["a", "|", "bc", "|"], words)), "a c");
  assert.equal(text(read(["b", "|", "bc", "|"], words)), "b b");
});

Deno.test("beam search: what may become a word is not crowded out by much that sounds better and cannot", () => {
  const unclear = [..."1234567"].flatMap(() => ["bc", "a"]);
  assert.equal(text(read(unclear)), "bababababababa");
  assert.equal(text(read(unclear, model({ cacacacacacaca: 5 }))), "cacacacacacaca");
});

Deno.test("beam search: of what sounds alike sure, the odd is less sure", () => {
  const sure = (likely: number) => {
    const options = { vocabulary, words: model({ ca: likely }), minEvidence: 0 };
    return searchBeam(frames([..."__ca__"], 0.99999), options)[0]!;
  };
  const [usual, odd] = [sure(-1), sure(-10)];
  assert.deepEqual([usual.text, odd.text], ["ca", "ca"]);
  assert.ok(usual.confidence > odd.confidence + 0.01, `${usual.confidence} ${odd.confidence}`);
});

Deno.test("beam search: words have their frames, and are the less sure the less they sounded so", () => {
  const sure = (letters: readonly string[]) => read(letters, model({ ca: -0.1 }))[0]!;
  const [as, like, unlike] = [
    sure(["_", "_", "c", "a", "_"]),
    sure(["_", "_", "bc", "a", "_"]),
    sure([..."__ba_"]),
  ];
  assert.deepEqual([as.text, like.text, as.startFrame, as.endFrame], ["ca", "ca", 2, 4]);
  assert.ok(as.confidence > like.confidence && like.confidence > 0.3, `${as.confidence} ${like.confidence}`);
  assert.ok(unlike.text !== "ca" || unlike.confidence < 0.1, `${unlike.text} ${unlike.confidence}`);
});

Deno.test("beam search: what silence explains nearly as well is nothing", () => {
  const faint = ["_", "_a", "_", "_"];
  assert.equal(text(read(faint, model({ a: -0.1 }), 9)), "");
  assert.equal(text(read([..."_abc_abc_"], model(), 9)), "abcabc");
});

/** The best text by adding up every one of the possible alignments. */
function bruteForce(logits: CtcLogits, words: WordModel): string {
  const count = vocabulary.tokens.length;
  const totals = new Map<string, number>();
  for (let path = 0; path < count ** logits.frames; path++) {
    let [rest, probability, letters, previous] = [path, 1, "", 0];
    for (let frame = 0; frame < logits.frames; frame++) {
      const id = rest % count;
      rest = Math.floor(rest / count);
      probability *= Math.exp(logits.data[frame * count + id]!);
      if (id !== 0 && id !== previous) letters += LETTERS[id];
      previous = id;
    }
    totals.set(letters, (totals.get(letters) ?? 0) + probability);
  }
  const scoreOf = (letters: string, probability: number) => {
    const said = letters.split("|").filter(Boolean);
    const opinions = said.reduce((sum, word) => sum + 0.7 * words.logProbability(word, []) + 2.5, 0);
    return Math.log(probability) + opinions + 0.7 * words.logProbability("</s>", []);
  };
  const [best] = [...totals].toSorted(([a, p], [b, q]) => scoreOf(b, q) - scoreOf(a, p));
  return best![0].split("|").filter(Boolean).join(" ");
}

Deno.test("beam search: finds what trying everything finds", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const words = model({ ab: -0.5, ca: -1, b: -2, "</s>": -1 });
  for (let round = 0; round < 40; round++) {
    const data = Float32Array.from({ length: 4 * LETTERS.length }, () => 4 * random());
    for (let frame = 0; frame < 4; frame++) {
      const row = data.subarray(frame * LETTERS.length, (frame + 1) * LETTERS.length);
      const sum = Math.log(row.reduce((all, score) => all + Math.exp(score), 0));
      for (const [i, score] of row.entries()) row[i] = score - sum;
    }
    const logits = { data, frames: 4 };
    const found = searchBeam(logits, { vocabulary, words, minEvidence: -Infinity });
    assert.equal(text(found), bruteForce(logits, words), `round ${round}`);
  }
});
