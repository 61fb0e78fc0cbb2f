import assert from "node:assert/strict";
import { guardDecoding, loopAtEnd, withoutLoop } from "../../../../models/engines/stt/guarded_decoding.ts";
import { importTransformers } from "../../../../models/engines/transformers_source.ts";

const library = await importTransformers();
const END = 3;

const repeated = (ids: readonly number[], times: number) => Array.from({ length: times }, () => ids).flat();

Deno.test("guarded decoding: of tokens that come four times and more in a row one round is kept", () => {
  for (const round of [[1, 2], [1, 2, 3], [1, 1, 2, 5, 3, 4], Array.from({ length: 32 }, (_, i) => i)]) {
    assert.deepEqual(withoutLoop([9, 8, ...repeated(round, 4)]), [9, 8, ...round]);
    assert.deepEqual(withoutLoop([9, 8, ...repeated(round, 7)]), [9, 8, ...round]);
    assert.equal(loopAtEnd([9, 8, ...repeated(round, 3)]), undefined);
    assert.equal(loopAtEnd([...repeated(round, 4), 7]), undefined, "only the end is looked at");
  }
});

Deno.test("guarded decoding: four times the same token may have been said", () => {
  assert.equal(loopAtEnd([5, ...repeated([1], 7)]), undefined);
  assert.deepEqual(withoutLoop([5, ...repeated([1], 8)]), [5, 1]);
  assert.equal(loopAtEnd([]), undefined);
});

/** The scores that remain of `scores` after the tokens `ids`, of which the first is the prompt. */
function guarding(signal: AbortSignal = new AbortController().signal) {
  const guard = guardDecoding(library, { signal, promptLength: 1, endId: END });
  return {
    confidence: guard.confidence,
    scoresAfter(ids: readonly number[], scores: readonly number[]): number[] {
      const logits = new library.Tensor("float32", Float32Array.from(scores), [1, scores.length]);
      guard.parameters.logits_processor([ids.map(BigInt)], logits);
      return [...logits.data];
    },
  };
}

Deno.test("guarded decoding: the text is ended where it goes in circles, and where the call is over", () => {
  const scores = [0, 1, 2, -5];
  const ended = [-Infinity, -Infinity, -Infinity, 0];
  const { scoresAfter } = guarding();
  assert.deepEqual(scoresAfter([9, ...repeated([1, 2, 0], 3)], scores), scores);
  assert.deepEqual(scoresAfter([9, ...repeated([1, 2, 0], 4)], scores), ended);
  const controller = new AbortController();
  const aborted = guarding(controller.signal);
  assert.deepEqual(aborted.scoresAfter([9, 1], scores), scores);
  controller.abort();
  assert.deepEqual(aborted.scoresAfter([9, 1, 2], scores), ended);
});

Deno.test("guarded decoding: confidence is the mean of the likeliest tokens' probabilities, the prompt's left out", () => {
  const { confidence, scoresAfter } = guarding();
  assert.equal(confidence(), 0);
  scoresAfter([], [0, 0, 0, 0]);
  scoresAfter([9], [Math.log(8), 0, 0, -Infinity]);
  scoresAfter([9, 0], [Math.log(2), Math.log(2), Math.log(1), -Infinity]);
  assert.ok(Math.abs(confidence() - Math.sqrt(0.8 * 0.4)) < 1e-6, `${confidence()}`);
});
