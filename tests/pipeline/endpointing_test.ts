import assert from "node:assert/strict";
import { Endpointing, type EndpointingEvent } from "../../pipeline/endpointing.ts";
import { sound } from "../support/fake_engines.ts";
import { ENDPOINTING } from "../support/talk.ts";

/** Feeds one probability a frame of 32 ms; returns what was decided and at which frame. */
function decide(probabilities: readonly number[], settings = ENDPOINTING) {
  const endpointing = new Endpointing(settings);
  const frames = sound(false, probabilities.length * 32, 0);
  const decided: (EndpointingEvent & { frame: number })[] = [];
  for (const [frame, probability] of probabilities.entries()) {
    const event = endpointing.push(probability, frames[frame]!);
    if (event) decided.push({ ...event, frame });
  }
  return decided;
}

const times = (count: number, probability: number) => Array<number>(count).fill(probability);

Deno.test("endpointing: three voiced frames are speech, dated back to the first", () => {
  assert.deepEqual(decide([...times(10, 0), ...times(5, 0.9)]), [
    { type: "start", speechStartMs: 320, frame: 12 },
  ]);
});

Deno.test("endpointing: clicks of two frames are not speech, however often they come", () => {
  assert.deepEqual(decide(times(20, 0).flatMap(() => [0.9, 0.9, 0, 0])), []);
});

Deno.test("endpointing: a plosive's closure does not restart the count", () => {
  assert.equal(decide([0.9, 0.9, 0, 0.9, 0.9])[0]!.type, "start");
});

Deno.test("endpointing: silence is first a pause, then the end, both dated to the last voice", () => {
  assert.deepEqual(decide([...times(10, 0.9), ...times(14, 0.1)]).slice(1), [
    { type: "pause", speechEndMs: 320, frame: 14 },
    { type: "end", speechEndMs: 320, frame: 22 },
  ]);
});

Deno.test("endpointing: voice in the pause resumes", () => {
  const types = decide([...times(10, 0.9), ...times(8, 0), ...times(5, 0.9), ...times(20, 0)]).map((e) =>
    e.type
  );
  assert.deepEqual(types, ["start", "pause", "resume", "pause", "end"]);
});

Deno.test("endpointing: within speech the lower threshold holds", () => {
  assert.deepEqual(decide([...times(10, 0.9), ...times(30, 0.4)]).map((e) => e.type), ["start"]);
  assert.deepEqual(decide(times(40, 0.4)), []);
});

Deno.test("endpointing: an utterance that never ends is ended, and the next one begins", () => {
  const decided = decide(times(100, 0.9), { ...ENDPOINTING, maxUtteranceMs: 1600 });
  assert.deepEqual(decided.map((e) => e.type), ["start", "end", "start", "end"]);
});
