import assert from "node:assert/strict";
import { loopAtEnd, withoutLoop } from "../../../../models/engines/stt/guarded_decoding.ts";

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
