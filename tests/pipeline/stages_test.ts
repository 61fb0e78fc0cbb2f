import assert from "node:assert/strict";
import { durationMs, pcm16ToSamples, reframe, samplesToPcm16 } from "../../pipeline/audio.ts";
import { heardText } from "../../pipeline/stages/playback.ts";
import { sentences } from "../../pipeline/stages/sentences.ts";
import { sound } from "../support/fake_engines.ts";

async function split(text: string, deltas: (text: string) => Iterable<string>): Promise<string[]> {
  async function* stream() {
    yield* deltas(text);
  }
  const out: string[] = [];
  for await (const sentence of sentences(stream())) out.push(sentence);
  return out;
}

Deno.test("sentences: come out the same however the text is cut into tokens", async () => {
  const cases: [string, string[]][] = [
    ["It is 3:42 PM. Anything else?", ["It is 3:42 PM.", "Anything else?"]],
    ["Pi is 3.14159, roughly.", ["Pi is 3.14159, roughly."]],
    ["Dr. Smith called. He was worried!", ["Dr. Smith called.", "He was worried!"]],
    ["  ", []],
    ["no full stop", ["no full stop"]],
    ["Why did the bicycle fall over? It was two tired.", [
      "Why did the bicycle fall over?",
      "It was two tired.",
    ]],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(await split(text, (t) => t), expected, "character by character");
    assert.deepEqual(await split(text, (t) => t.match(/\S+\s*/g) ?? []), expected, "word by word");
    assert.deepEqual(await split(text, (t) => [t]), expected, "at once");
  }
});

Deno.test("sentences: the first is out before the second is complete", async () => {
  const out: string[] = [];
  async function* stream() {
    yield "First one. ";
    yield "Sec";
    assert.deepEqual(out, ["First one."]);
    yield "ond one.";
  }
  for await (const sentence of sentences(stream())) out.push(sentence);
  assert.equal(out.length, 2);
});

Deno.test("sentences: text without an end is cut at a space and nothing is lost", async () => {
  const text = Array.from({ length: 300 }, (_, i) => `word${i}`).join(" ");
  const out = await split(text, (t) => t.match(/\S+\s*/g) ?? []);
  assert.ok(out.length > 5 && out.every((sentence) => sentence.length <= 240));
  assert.equal(out.join(" "), text);
});

Deno.test("heardText: only whole words whose sound had ended count", () => {
  const piece = (text: string, ms: number) => ({
    text,
    frame: { samples: new Float32Array(ms * 8), sampleRateHz: 8000, startMs: 0, gap: false },
  });
  const pieces = [piece("It is ", 300), piece("three forty two. ", 1600), piece("Bye. ", 400)];
  assert.equal(heardText(pieces, 0), "");
  assert.equal(heardText(pieces, 200), "It");
  assert.equal(heardText(pieces, 300), "It is");
  assert.equal(heardText(pieces, 300 + 900), "It is three");
  assert.equal(heardText(pieces, 1900), "It is three forty two.");
  assert.equal(heardText(pieces, 9999), "It is three forty two. Bye.");
});

Deno.test("pcm16: survives the way there and back; louder than full scale is clipped", () => {
  const samples = Float32Array.from([0, 0.5, -0.5, 1, -1, 3, -3]);
  const back = pcm16ToSamples(samplesToPcm16(samples));
  for (const [index, expected] of [0, 0.5, -0.5, 1, -1, 1, -1].entries()) {
    assert.ok(Math.abs(back[index]! - expected) < 1e-4);
  }
});

Deno.test("reframe: cuts any frames to one size, keeps their times and pads the end", async () => {
  async function* odd() {
    let startMs = 5000;
    for (const length of [100, 700, 3, 512, 1000]) {
      yield { samples: new Float32Array(length).fill(1), sampleRateHz: 16000, startMs, gap: false };
      startMs += length / 16;
    }
  }
  const frames = [];
  for await (const frame of reframe(odd(), 512)) frames.push(frame);
  assert.equal(frames.length, Math.ceil(2315 / 512));
  for (const [index, frame] of frames.entries()) {
    assert.equal(durationMs(frame), 32);
    assert.ok(Math.abs(frame.startMs - (5000 + index * 32)) < 0.1);
  }
  assert.equal(frames.at(-1)!.samples.filter((sample) => sample === 0).length, 512 * 5 - 2315);
});

Deno.test("reframe: after a gap a frame begins afresh", async () => {
  async function* gapped() {
    const [a, b] = [sound(true, 32, 0)[0]!, sound(true, 32, 500)[0]!];
    yield { ...a, samples: a.samples.subarray(0, 300) };
    yield { ...b, gap: true };
  }
  const frames = [];
  for await (const frame of reframe(gapped(), 512)) frames.push(frame);
  assert.deepEqual(frames.map(({ startMs, gap }) => [startMs, gap]), [[500, true]]);
});
