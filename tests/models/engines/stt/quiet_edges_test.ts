import assert from "node:assert/strict";
import { concatSamples } from "../../../../pipeline/audio.ts";
import {
  firstPause,
  longestQuiet,
  quietestPlace,
  withoutLongQuiet,
  withQuietEdges,
} from "../../../../models/engines/stt/quiet_edges.ts";

/** Steady noise of a level. The same always: a generator with a fixed seed (Numerical Recipes, section 7.1). */
function noise(ms: number, amplitude = 1e-3): Float32Array {
  let state = 1;
  return new Float32Array(ms * 16).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}

/** Noise with a louder stretch in it. */
function sound(beforeMs: number, ms: number, afterMs: number): Float32Array {
  const samples = noise(beforeMs + ms + afterMs);
  samples.set(noise(ms, 0.3), beforeMs * 16);
  return samples;
}

Deno.test("quiet edges: the same sound is read the same however much quiet was heard around it", () => {
  for (const [beforeMs, afterMs] of [[0, 60], [20, 200], [300, 500], [2000, 3000]] as const) {
    const framed = withQuietEdges(sound(beforeMs, 400, afterMs), { beforeMs: 160 });
    assert.ok(framed);
    assert.equal(framed.samples.length / 16, 160 + 400 + 500, `${beforeMs} before, ${afterMs} after`);
    assert.equal(framed.startMs, beforeMs - 160);
    assert.deepEqual(
      framed.samples.subarray(160 * 16, 560 * 16),
      noise(400, 0.3),
      "the sound itself is kept",
    );
  }
});

Deno.test("quiet edges: what is filled up is as loud as the noise that was there", () => {
  const { samples } = withQuietEdges(sound(100, 400, 60))!;
  const filled = samples.subarray(-400 * 16);
  const loudest = filled.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  assert.ok(loudest <= 1e-3 && loudest > 0.9e-3, `${loudest}`);
});

Deno.test("quiet edges: there is nothing to read in silence, noise, hum or a click", () => {
  const hum = new Float32Array(16_000).map((_, i) => 0.1 * Math.sin(2 * Math.PI * 100 * i / 16_000));
  const click = noise(1000);
  click[5000] = 0.9;
  for (const samples of [new Float32Array(0), noise(5), new Float32Array(16_000), noise(1000), hum, click]) {
    assert.equal(withQuietEdges(samples), undefined);
  }
});

Deno.test("quiet edges: a low voice is heard in noise that hisses louder than it, and that noise alone is nothing", () => {
  const room = noise(1500, 0.3);
  assert.equal(withQuietEdges(room), undefined);
  for (let i = 0; i < 400 * 16; i++) room[500 * 16 + i]! += 0.3 * Math.sin(2 * Math.PI * 400 * i / 16_000);
  assert.deepEqual(withQuietEdges(room)!.soundMs, [500, 900]);
});

Deno.test("quiet edges: the first long enough pause between sounds is found, in its middle", () => {
  const samples = concatSamples([sound(500, 400, 200), sound(0, 400, 300), sound(100, 400, 300)]);
  assert.equal(firstPause(samples, 300)! / 16, 1500 + 200);
  assert.equal(firstPause(samples, 200)! / 16, 900 + 100);
  assert.equal(firstPause(samples, 420), undefined);
  assert.equal(firstPause(sound(900, 400, 900), 300), undefined, "quiet at the ends is no pause");
});

Deno.test("quiet edges: the quietest place is found in the second half, so that cutting there makes headway", () => {
  const samples = concatSamples([noise(400, 1e-4), noise(500, 0.3), noise(60, 0.01), noise(240, 0.3)]);
  assert.equal(quietestPlace(samples) / 16, 930);
});

Deno.test("quiet edges: long quiet is cut and short quiet left as it is, where it is not to be filled up", () => {
  const short = sound(20, 400, 200);
  const { samples, startMs, soundMs } = withoutLongQuiet(short)!;
  assert.deepEqual([samples, startMs, soundMs], [short, 0, [20, 420]]);
  const cut = withoutLongQuiet(sound(1000, 400, 2000))!;
  assert.deepEqual([cut.samples.length / 16, cut.startMs, cut.soundMs], [80 + 400 + 500, 920, [1000, 1400]]);
  assert.deepEqual(withQuietEdges(sound(20, 400, 60))!.soundMs, [20, 420]);
  assert.equal(withoutLongQuiet(noise(1000)), undefined);
});

Deno.test("quiet edges: the longest quiet of the second half is found, at its end, too, and none in mere sound", () => {
  const inside = concatSamples([sound(100, 900, 0), sound(300, 200, 100)]);
  assert.deepEqual(longestQuiet(inside), { lengthMs: 300, middle: 1150 * 16 });
  assert.deepEqual(longestQuiet(sound(1000, 300, 500)), { lengthMs: 500, middle: 1550 * 16 });
  assert.deepEqual(longestQuiet(sound(1000, 1000, 0)).lengthMs, 0);
  assert.deepEqual(longestQuiet(new Float32Array(16_000)), { lengthMs: 500, middle: 750 * 16 });
  assert.equal(longestQuiet(new Float32Array(0)).lengthMs, 0);
});
