import assert from "node:assert/strict";
import { durationMs } from "../../pipeline/audio.ts";
import type { SpeechChunk } from "../../pipeline/engines.ts";
import { flite } from "../../models/engines/tts/flite.ts";
import { breaths, speakableWords } from "../../models/engines/tts/speakable.ts";
import { parsePhones, wordEndsMs } from "../../models/engines/tts/word_times.ts";

const call = { signal: new AbortController().signal };
const SENTENCE = "I set the timer, and I will tell you when it is done.";

async function speak(text: string, voice = "slt"): Promise<SpeechChunk[]> {
  await using tts = await flite.load({ voice: "slt" }, call);
  return await Array.fromAsync(tts.synthesize(text, { ...call, voice }));
}

const totalMs = (chunks: SpeechChunk[]): number =>
  chunks.reduce((sum, { frame }) => sum + durationMs(frame), 0);

/** How long the words of the text up to `textEnd` take. */
const saidByMs = (chunks: SpeechChunk[], textEnd: number): number =>
  totalMs(chunks.slice(0, chunks.findIndex((chunk) => chunk.textEnd >= textEnd) + 1));

Deno.test("flite: speaks a sentence in short chunks that cover its text", async () => {
  const chunks = await speak(SENTENCE);
  const ends = chunks.map(({ textEnd }) => textEnd);
  assert.deepEqual(ends, ends.toSorted((a, b) => a - b));
  assert.equal(ends.at(-1), SENTENCE.length);
  assert.ok(chunks.every(({ frame }) => durationMs(frame) <= 200));
  assert.ok(totalMs(chunks) > 2000 && totalMs(chunks) < 5000, `${totalMs(chunks)} ms`);
});

Deno.test("flite: every voice says it in its own way, all of them aloud", async () => {
  await using tts = await flite.load({ voice: "rms" }, call);
  assert.deepEqual(tts.voices, ["rms", "slt", "awb", "kal"]);
  const lengths = new Set<number>();
  for (const voice of tts.voices) {
    const chunks = await Array.fromAsync(tts.synthesize(SENTENCE, { ...call, voice }));
    assert.ok(chunks.some(({ frame }) => frame.samples.some((sample) => Math.abs(sample) > 0.1)), voice);
    lengths.add(totalMs(chunks));
  }
  assert.equal(lengths.size, 4);
});

Deno.test("flite: an unknown voice is NOT_FOUND and names those there are", async () => {
  await assert.rejects(speak(SENTENCE, "constructor"), { code: "NOT_FOUND", message: /slt, awb, rms, kal/ });
});

Deno.test("flite: the voice begins within 40 ms", async () => {
  const [first] = await speak("Now.");
  const onset = first!.frame.samples.findIndex((sample) => Math.abs(sample) > 0.02);
  assert.ok(onset >= 0 && onset * 1000 / first!.frame.sampleRateHz < 40, `${onset} samples`);
});

Deno.test("flite: says when a word is over to the length of a chunk", async () => {
  const chunks = await speak("Seventeen hundred and seventy-six, no.");
  const wholeMs = totalMs(chunks);
  const numberMs = saidByMs(chunks, "Seventeen hundred and seventy-six, ".length);
  // A short word, the pauses around it, and up to a chunk come after the number.
  assert.ok(numberMs > wholeMs / 2 && numberMs < wholeMs - 300, `${numberMs} of ${wholeMs} ms`);
});

for (const text of ["", "  \n", "...", "?!", "😀", "你好", "—"]) {
  Deno.test(`flite: has nothing to say to ${JSON.stringify(text)}`, async () => {
    assert.deepEqual(await speak(text), []);
  });
}

Deno.test("flite: a text of any length begins at once and can be left", async () => {
  await using tts = await flite.load({ voice: "slt" }, call);
  const controller = new AbortController();
  let chunks = 0;
  await assert.rejects(async () => {
    const text = `${"x".repeat(20_000)} ${"and so on ".repeat(5000)}`;
    for await (const _ of tts.synthesize(text, { signal: controller.signal })) {
      if (++chunks === 3) controller.abort("enough");
    }
  }, (reason) => reason === "enough");
  assert.equal(chunks, 3);
});

Deno.test("flite: typography, accents and symbols are read, not dropped", () => {
  const spoken = speakableWords("“Café” — it’s 3 °C, *really*… 😀 ½").map(({ spoken }) => spoken);
  assert.deepEqual(spoken, ["Cafe,", "it's", "3", "degrees C,", "really ...", "1/2"]);
});

Deno.test("flite: words know where the next one begins in the text", () => {
  const text = "One… two 😀 three";
  assert.deepEqual(speakableWords(text).map(({ end }) => text.slice(0, end)), [
    "One… ",
    "One… two 😀 ",
    text,
  ]);
});

Deno.test("flite: long sentences are cut at clauses where they have any", () => {
  const cut = (text: string, maxChars: number) =>
    breaths(speakableWords(text), maxChars).map((words) => words.map(({ spoken }) => spoken).join(" "));
  assert.deepEqual(cut("A short one.", 40), ["A short one."]);
  assert.deepEqual(cut("First this happened, then that did not.", 30), [
    "First this happened,",
    "then that did not.",
  ]);
  assert.deepEqual(cut("no marks at all in here", 10), ["no marks", "at all in", "here"]);
});

Deno.test("word times: a word ends where its last phone does", () => {
  const phones = parsePhones(
    "pau:0.200 hh:0.300 ax:0.350 l:0.400 ow:0.600 pau:0.800 b:0.900 ay:1.100 pau:1.300 ",
  );
  assert.deepEqual(wordEndsMs(phones, [4, 2]), [600, 1100]);
});

Deno.test("word times: phones that do not add up are spread over the words", () => {
  const phones = parsePhones("pau:0.1 d:0.2 aa:0.3 k:0.4 t:0.5 er:0.6 y:0.7 eh:0.8 s:0.9 pau:1.0");
  assert.deepEqual(wordEndsMs(phones, [4, 3]), [600, 900]);
});
