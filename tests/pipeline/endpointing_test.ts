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

Deno.test("endpointing: a pause that is known to be the end ends at once, one that is not lasts longer", () => {
  const frames = sound(false, 200 * 32, 0);
  const run = (act: (endpointing: Endpointing) => EndpointingEvent | undefined | void) => {
    const endpointing = new Endpointing(ENDPOINTING);
    const decided: string[] = [];
    for (const [index, probability] of [...times(10, 0.9), ...times(60, 0)].entries()) {
      const event = endpointing.push(probability, frames[index]!);
      if (event) decided.push(`${event.type} ${index}`);
      const acted = index === 16 ? act(endpointing) : undefined;
      if (acted) decided.push(`${acted.type} at once`);
    }
    return decided;
  };
  assert.deepEqual(run(() => {}), ["start 2", "pause 14", "end 22"]);
  assert.deepEqual(run((endpointing) => endpointing.finish()), ["start 2", "pause 14", "end at once"]);
  assert.deepEqual(run((endpointing) => endpointing.wait()), ["start 2", "pause 14", "end 47"]);
});

Deno.test("endpointing: nothing ends and nothing waits where nobody has paused; patience is for one pause", () => {
  const endpointing = new Endpointing(ENDPOINTING);
  assert.equal(endpointing.finish(), undefined);
  endpointing.wait();
  const frames = sound(false, 200 * 32, 0);
  const decided: string[] = [];
  const probabilities = [...times(10, 0.9), ...times(8, 0), ...times(5, 0.9), ...times(20, 0)];
  for (const [index, probability] of probabilities.entries()) {
    const event = endpointing.push(probability, frames[index]!);
    if (event) decided.push(`${event.type} ${index}`);
    if (index === 16) endpointing.wait();
  }
  assert.deepEqual(decided, ["start 2", "pause 14", "resume 18", "pause 27", "end 35"]);
});
