import assert from "node:assert/strict";
import { GrowingWindow, type Reading } from "../../../../models/engines/stt/growing_window.ts";
import { concatSamples } from "../../../../pipeline/audio.ts";
import type { Transcript } from "../../../../pipeline/engines.ts";

const WORD_MS = 200;
const LOUDEST = 0.9;
const LEAST = 0.2;
const STEP = 1 / 2048;

const silence = (ms: number) => new Float32Array(ms * 16);
/** The sound of word number `n`: how loud it is says which it is. */
const word = (n: number, pauseMs = 200) =>
  concatSamples([
    silence(WORD_MS).map((_, i) => (i % 2 ? 1 : -1) * (LEAST + n * STEP)),
    silence(pauseMs),
  ]);
const words = (count: number, pauseMs: (n: number) => number) =>
  concatSamples(Array.from({ length: count }, (_, n) => word(n, pauseMs(n))));
const named = (count: number) => Array.from({ length: count }, (_, n) => `w${n}`).join(" ");

/**
 * A model that tells these words apart. It takes a word that it has not heard to the end for another; what it hears
 * only in its second half it does not understand at all.
 */
function fakeModel({ confidence = 0.9, quietEdges = true, timed = true } = {}) {
  const readMs: number[] = [];
  const read = (samples: Float32Array): Promise<Reading> => {
    readMs.push(samples.length / 16);
    const heard: { n: number; from: number; to: number }[] = [];
    for (const [at, sample] of samples.entries()) {
      const n = Math.round((Math.abs(sample) - LEAST) / STEP);
      if (n < 0 || Math.abs(sample) > LOUDEST) continue;
      if (heard.at(-1)?.n === n && at - heard.at(-1)!.to < 16) heard.at(-1)!.to = at;
      else heard.push({ n, from: at, to: at });
    }
    return Promise.resolve({
      confidence,
      language: "xx",
      words: heard.filter(({ from, to }) => (to - from) / 16 > WORD_MS / 2).map(({ n, from, to }) => ({
        text: (to - from) / 16 > WORD_MS - 2 ? ` w${n}` : " what",
        ...(timed && { startMs: from / 16, endMs: to / 16 }),
      })),
    });
  };
  return { read, readMs, window: new GrowingWindow({ read, minConfidence: 0.5, quietEdges }) };
}

type Model = Pick<ReturnType<typeof fakeModel>, "window">;

async function readAll({ window }: Model, samples: Float32Array, stepMs = 500): Promise<Transcript[]> {
  const transcripts: Transcript[] = [];
  let at = 0;
  for (; at + stepMs * 16 < samples.length; at += stepMs * 16) {
    transcripts.push(await window.read(samples.subarray(at, at + stepMs * 16)));
  }
  return [...transcripts, await window.finish(samples.subarray(at))];
}

function assertStable(transcripts: readonly Transcript[]): void {
  const final = transcripts.at(-1)!;
  assert.equal(final.stableChars, final.text.length);
  transcripts.reduce((before, now) => {
    const stable = before.text.slice(0, before.stableChars);
    assert.ok(now.text.startsWith(stable), `"${now.text}" takes back "${stable}"`);
    assert.ok(now.stableChars >= before.stableChars);
    return now;
  });
}

Deno.test("growing window: three minutes are read to the end, nothing lost or doubled, at a bounded cost", async () => {
  for (const [quietEdges, count] of [[true, 430], [false, 60]] as const) {
    const model = fakeModel({ quietEdges });
    const samples = concatSamples([silence(300), words(count, (n) => n % 12 === 11 ? 450 : 200)]);
    assert.ok(count < 430 || samples.length / 16 > 180_000);
    const transcripts = await readAll(model, samples);
    assert.equal(transcripts.at(-1)!.text, named(count));
    assertStable(transcripts);
    assert.ok(Math.max(...model.readMs) <= 21_000, `read ${Math.max(...model.readMs)} ms at once`);
    const steps = samples.length / 16 / 500;
    assert.ok(model.readMs.length < 1.3 * steps, `${model.readMs.length} readings in ${steps} steps`);
    const unstable = Math.max(...transcripts.map(({ text, stableChars }) => text.length - stableChars));
    assert.ok(unstable < 20, `${unstable} characters were open at once`);
  }
});

Deno.test("growing window: without a pause it is cut between words all the same, within what models take", async () => {
  for (const stepMs of [500, 4000]) {
    const model = fakeModel();
    const transcripts = await readAll(model, concatSamples([silence(300), words(220, () => 100)]), stepMs);
    assert.equal(transcripts.at(-1)!.text, named(220));
    assertStable(transcripts);
    assert.ok(Math.max(...model.readMs) <= 26_000, `read ${Math.max(...model.readMs)} ms at once`);
  }
});

Deno.test("growing window: minutes that come at once are read in parts", async () => {
  const model = fakeModel();
  const samples = concatSamples([silence(300), words(400, (n) => n % 10 === 9 ? 600 : 150)]);
  const final = await model.window.finish(samples);
  assert.equal(final.text, named(400));
  assert.ok(Math.max(...model.readMs) <= 26_000, `read ${Math.max(...model.readMs)} ms at once`);
});

Deno.test("growing window: words keep their times across cuts", async () => {
  const samples = concatSamples([silence(400), words(100, () => 300)]);
  const { words: timed, audioMs } = (await readAll(fakeModel(), samples)).at(-1)!;
  assert.equal(timed!.length, 100);
  assert.equal(audioMs, samples.length / 16);
  for (const [n, { word, startMs, endMs }] of timed!.entries()) {
    assert.equal(word, `w${n}`);
    assert.ok(Math.abs(startMs - (400 + n * 500)) < 2, `${word} at ${startMs}`);
    assert.ok(Math.abs(endMs - startMs - WORD_MS) < 2, `${word} until ${endMs}`);
  }
  const untimed = await fakeModel({ timed: false }).window.finish(samples);
  assert.ok(!("words" in untimed), "a model that tells no times gives none");
});

Deno.test("growing window: a word half heard is told, but not as stable", async () => {
  const model = fakeModel();
  const samples = concatSamples([silence(300), words(3, () => 200)]);
  const half = (300 + 2 * 400 + 150) * 16;
  const first = await model.window.read(samples.subarray(0, half));
  assert.deepEqual([first.text, first.stableChars], ["w0 w1 what", 0]);
  const second = await model.window.read(samples.subarray(half));
  assert.deepEqual([second.text, second.stableChars], ["w0 w1 w2", "w0 w1".length]);
});

Deno.test("growing window: quiet after speech is not read again, and confirms nothing", async () => {
  const model = fakeModel();
  const samples = concatSamples([silence(300), word(1), word(2, 100)]);
  const spoken = await model.window.read(samples);
  const stable = spoken.stableChars;
  for (let step = 0; step < 4; step++) {
    assert.equal((await model.window.read(silence(500))).stableChars, stable);
  }
  const final = await model.window.finish(silence(500));
  assert.equal(model.readMs.length, 1);
  assert.deepEqual([final.text, final.language, final.confidence], ["w1 w2", "xx", 0.9]);
  assert.equal(final.audioMs, samples.length / 16 + 2500);
});

Deno.test("growing window: nothing is read of silence, and nothing told of what the model is not sure of", async () => {
  const silent = fakeModel();
  const transcripts = await readAll(silent, silence(40_000));
  assert.deepEqual(silent.readMs, []);
  assert.deepEqual(transcripts.at(-1), {
    text: "",
    stableChars: 0,
    final: true,
    audioMs: 40_000,
    confidence: 0,
    words: [],
  });
  const unsure = await fakeModel({ confidence: 0.4 }).window.finish(concatSamples([silence(300), word(1)]));
  assert.equal(unsure.text, "");
});

Deno.test("growing window: a model that changes its mind all the time takes nothing back", async () => {
  // Every reading mishears other words, now and then leaves one out, or says nothing.
  let readings = 0;
  const { read: readWell } = fakeModel();
  const read = async (samples: Float32Array): Promise<Reading> => {
    const reading = await readWell(samples);
    readings++;
    const words = reading.words.flatMap((word, index) => {
      if (readings % 12 === 0 || (index + readings) % 17 === 0) return [];
      return [(index + readings) % 5 === 0 ? { ...word, text: `${word.text}x` } : word];
    });
    return { ...reading, words };
  };
  const window = new GrowingWindow({ read, minConfidence: 0.5, quietEdges: true });
  const samples = concatSamples([silence(300), words(150, (n) => n % 12 === 11 ? 450 : 200)]);
  const transcripts = await readAll({ window }, samples);
  assertStable(transcripts);
  const { text, words: timed, audioMs } = transcripts.at(-1)!;
  const numbers = text.split(" ").filter((word) => word !== "what").map((word) => parseInt(word.slice(1)));
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), "in order");
  assert.ok(numbers.length > 120 && numbers.length < 155, `${numbers.length} of 150 words`);
  timed!.reduce((fromMs, { startMs, endMs }) => {
    assert.ok(fromMs <= startMs && startMs <= endMs && endMs <= audioMs);
    return endMs;
  }, 0);
});
