import assert from "node:assert/strict";
import { type CtcLogits, decodeCtc } from "../../../../models/engines/stt/ctc_decode.ts";
import { GrowingUtterance } from "../../../../models/engines/stt/growing_utterance.ts";
import { concatSamples } from "../../../../pipeline/audio.ts";

const vocabulary = { tokens: ["<pad>", "|", "a", "b"], blankId: 0, wordDelimiter: "|" };
const decode = (logits: CtcLogits) => decodeCtc(logits, vocabulary);
const FRAME_SAMPLES = 640;

/** A model that hears an "a" in every loud frame of 40 ms and takes a note of how much it was given. */
function fakeModel(score = 10) {
  const readMs: number[] = [];
  const read = (samples: Float32Array) => {
    readMs.push(samples.length / 16);
    const frames = Math.floor(samples.length / FRAME_SAMPLES);
    const data = new Float32Array(frames * 4);
    for (let frame = 0; frame < frames; frame++) {
      const loud = samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES).some((s) => s > 0.1);
      data[frame * 4 + (loud ? 2 : 1)] = score;
    }
    return Promise.resolve({ data, frames });
  };
  return { readMs, utterance: new GrowingUtterance({ read, decode, minConfidence: 0.5 }) };
}

const silence = (ms: number) => new Float32Array(ms * 16);
const tone = (ms: number) => silence(ms).map((_, i) => Math.sin(i));
/** A word of 200 ms and the pause after it. */
const word = (pauseMs: number) => concatSamples([tone(200), silence(pauseMs)]);

async function readAll({ utterance }: ReturnType<typeof fakeModel>, samples: Float32Array, stepMs = 160) {
  const transcripts = [];
  for (let at = 0; at < samples.length; at += stepMs * 16) {
    transcripts.push(await utterance.read(samples.subarray(at, at + stepMs * 16)));
  }
  return [...transcripts, await utterance.finish(new Float32Array(0))];
}

Deno.test("growing utterance: however long it gets, a reading costs no more than a phrase", async () => {
  const model = fakeModel();
  const samples = concatSamples([silence(300), ...Array.from({ length: 120 }, () => word(800))]);
  const final = (await readAll(model, samples)).at(-1)!;
  assert.equal(final.text, Array(120).fill("a").join(" "));
  assert.ok(Math.max(...model.readMs) < 9000, `read ${Math.max(...model.readMs)} ms at once`);
});

Deno.test("growing utterance: without a pause it is cut all the same, and nothing is lost", async () => {
  const model = fakeModel();
  const samples = concatSamples([silence(300), ...Array.from({ length: 200 }, () => word(200))]);
  const final = (await readAll(model, samples)).at(-1)!;
  assert.equal(final.words?.length, 200);
  assert.ok(Math.max(...model.readMs) < 13_000, `read ${Math.max(...model.readMs)} ms at once`);
});

Deno.test("growing utterance: a sentence is read whole over its short pauses, and what follows a long one alone", async () => {
  const short = fakeModel(), long = fakeModel();
  await readAll(short, concatSamples([word(400), word(400), word(400)]));
  await readAll(long, concatSamples([word(400), word(1200), word(400)]));
  assert.ok(short.readMs.at(-1)! > 1400, `${short.readMs.at(-1)} ms`);
  assert.ok(long.readMs.at(-1)! < 900, `${long.readMs.at(-1)} ms`);
});

Deno.test("growing utterance: words keep their times and settled text its place", async () => {
  const samples = concatSamples([silence(400), word(600), word(600), word(600)]);
  const transcripts = await readAll(fakeModel(), samples);
  for (const [index, { startMs, endMs }] of transcripts.at(-1)!.words!.entries()) {
    assert.ok(Math.abs(startMs - (400 + index * 800)) <= 60, `word ${index} at ${startMs}`);
    assert.ok(Math.abs(endMs - startMs - 200) <= 80, `word ${index} until ${endMs}`);
  }
  transcripts.reduce((before, now) => {
    assert.ok(now.stableChars >= before.stableChars && now.text.startsWith(before.text));
    return now;
  });
});

Deno.test("growing utterance: words of which the model is not sure are noise", async () => {
  const [sure, unsure] = [fakeModel(10), fakeModel(0.5)];
  const samples = concatSamples([silence(300), word(500)]);
  assert.equal((await readAll(sure, samples)).at(-1)!.text, "a");
  assert.equal((await readAll(unsure, samples)).at(-1)!.text, "");
});

Deno.test("growing utterance: the model is not asked about silence", async () => {
  const model = fakeModel();
  assert.equal((await readAll(model, silence(40_000))).at(-1)!.audioMs, 40_000);
  assert.deepEqual(model.readMs, []);
});
