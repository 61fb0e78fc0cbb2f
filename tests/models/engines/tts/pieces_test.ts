import assert from "node:assert/strict";
import { inPieces, type PieceSpeaker } from "../../../../models/engines/tts/pieces.ts";
import { asWritten, speakableWords } from "../../../../models/engines/tts/speakable.ts";
import { assertCovers, call, soundOf, speak } from "./voice_models.ts";

const RATE_HZ = 8000;
/** Of each letter. */
const LETTER_MS = 50;

interface Asked {
  readonly pieces: string[];
  readonly voices: string[];
}

/** A voice that hums for every letter, after `silenceMs`, and has nothing to say to pieces without a vowel. */
function hummer({ pieces, voices }: Asked, { silenceMs = 0, ...differing }: Partial<PieceSpeaker> & {
  readonly silenceMs?: number;
} = {}) {
  return inPieces({
    voices: ["anna", "bert"],
    sampleRateHz: RATE_HZ,
    speak(piece, { voice }) {
      pieces.push(piece);
      voices.push(voice);
      if (!/[aeiou]/i.test(piece)) return Promise.resolve(undefined);
      const silent = silenceMs * RATE_HZ / 1000;
      const sound = new Float32Array(silent + piece.length * LETTER_MS * RATE_HZ / 1000);
      return Promise.resolve(sound.fill(0.5, silent));
    },
    dispose: () => Promise.resolve(),
    ...differing,
  });
}

const nothingAsked = (): Asked => ({ pieces: [], voices: [] });

Deno.test("pieces: a text is said in chunks that cover it, in the voice asked for", async () => {
  const asked = nothingAsked();
  await using tts = hummer(asked);
  const text = "A sentence, and another one. ";
  assertCovers(await speak(tts, text, "bert"), text, RATE_HZ);
  await speak(tts, text);
  assert.deepEqual(asked, {
    pieces: [text.trim(), text.trim()],
    voices: ["bert", "anna"],
  });
});

Deno.test("pieces: a word is over when its share of the letters has sounded", async () => {
  await using tts = hummer(nothingAsked());
  const text = "incomprehensibilities are";
  const chunks = await speak(tts, text);
  const said = chunks.findIndex(({ textEnd }) => textEnd > 0);
  assert.equal(chunks[said]!.textEnd, "incomprehensibilities ".length);
  // 21 of 24 letters, of 25 × 50 ms: 1094 ms, in chunks of 120 ms.
  assert.equal(said, 9);
});

Deno.test("pieces: long texts are cut at clauses, and the second piece goes on where the first ended", async () => {
  const asked = nothingAsked();
  await using tts = hummer(asked);
  const clause = "this is a clause of a rather long sentence that goes on and on and on";
  const text = `${clause}, ${clause}; ${clause}.`;
  assertCovers(await speak(tts, text), text, RATE_HZ);
  assert.deepEqual(asked.pieces, [`${clause},`, `${clause};`, `${clause}.`]);
});

Deno.test("pieces: of the silence before the voice 20 ms stay", async () => {
  await using tts = hummer(nothingAsked(), { silenceMs: 300 });
  const sound = soundOf(await speak(tts, "one"));
  assert.equal(sound.findIndex((sample) => sample > 0), 0.02 * RATE_HZ);
  assert.equal(sound.length, (20 + "one".length * LETTER_MS) * RATE_HZ / 1000);
});

Deno.test("pieces: an unknown voice is NOT_FOUND and names those there are", async () => {
  await using tts = hummer(nothingAsked());
  await assert.rejects(speak(tts, "one", "carla"), { code: "NOT_FOUND", message: /anna, bert/ });
});

for (const text of ["", " \n", "...", "😀", "— ?!", "hmpf"]) {
  Deno.test(`pieces: there is nothing to say to ${JSON.stringify(text)}`, async () => {
    await using tts = hummer(nothingAsked());
    assert.deepEqual(await speak(tts, text), []);
  });
}

Deno.test("pieces: a text that ends with what cannot be said is over all the same", async () => {
  await using tts = hummer(nothingAsked());
  const text = `${"so and so ".repeat(11)}is it. ${"hmpf ".repeat(20)}`;
  assertCovers(await speak(tts, text), text, RATE_HZ);
});

Deno.test("pieces: an abort between pieces asks for no more of them", async () => {
  const asked = nothingAsked();
  await using tts = hummer(asked);
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const _ of tts.synthesize("and so on. ".repeat(100), { signal: controller.signal })) {
      controller.abort("enough");
    }
  }, (reason) => reason === "enough");
  assert.equal(asked.pieces.length, 1);
});

Deno.test("pieces: an abort while a piece is synthesised rejects before any of it is given", async () => {
  const controller = new AbortController();
  await using tts = hummer(nothingAsked(), {
    speak() {
      controller.abort("enough");
      return Promise.resolve(new Float32Array(RATE_HZ).fill(0.5));
    },
  });
  const speech = tts.synthesize("one", { signal: controller.signal })[Symbol.asyncIterator]();
  await assert.rejects(async () => await speech.next(), (reason) => reason === "enough");
});

Deno.test("pieces: numbers that make no sense are given on, for the worker to refuse", async () => {
  await using tts = hummer(nothingAsked(), {
    speak: () => Promise.resolve(new Float32Array(RATE_HZ).fill(NaN)),
  });
  const sound = soundOf(await speak(tts, "one"));
  assert.equal(sound.length, RATE_HZ);
  assert.ok(sound.every(Number.isNaN));
});

Deno.test("pieces: a model that gives no sample is MODEL_ERROR", async () => {
  await using tts = hummer(nothingAsked(), { speak: () => Promise.resolve(new Float32Array(0)) });
  await assert.rejects(Array.fromAsync(tts.synthesize("one", call)), { code: "MODEL_ERROR" });
});

Deno.test("speakable: voices that read any script are given it, without pictures and markup", () => {
  const spoken = (text: string) => speakableWords(text, asWritten).map(({ spoken }) => spoken);
  assert.deepEqual(spoken("“Café” — it’s 3 °C, *really*… 😀 ½"), [
    "Café,",
    "it's",
    "3",
    "°C,",
    "really ...",
    "1/2",
  ]);
  assert.deepEqual(spoken("¿Qué? Grüße, 你好 привет"), ["¿Qué?", "Grüße,", "你好", "привет"]);
  assert.deepEqual(spoken("❤️ 1️⃣ €5"), ["1", "€5"]);
});
