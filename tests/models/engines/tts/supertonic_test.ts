import assert from "node:assert/strict";
import { supertonic } from "../../../../models/engines/tts/supertonic.ts";
import { durationMs } from "../../../../pipeline/audio.ts";
import { assertCovers, assertFails, loadVoice, soundOf, speak, tinyModel } from "./voice_models.ts";

const MODEL = tinyModel("supertonic");

const CONFIG = { model_type: "supertonic", sampling_rate: 44_100, style_dim: 4 };

async function modelFolder(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/voices`);
  for (const [path, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
  return {
    fails: (...expected: [code: string, message: RegExp, voice?: string]) => {
      const [code, message, voice] = expected;
      return assertFails(loadVoice("supertonic", { model: folder, ...(voice && { voice }) }), code, message);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const config = JSON.stringify(CONFIG);
const voice = new Uint8Array(new Float32Array(8).buffer);

Deno.test("supertonic: has usual settings, and refuses what makes no sense", () => {
  const { steps, speed, dtype } = supertonic.options.parse({ model: "/models/supertonic" });
  assert.deepEqual([steps, speed, dtype], [5, 1.05, "fp32"]);
  for (const wrong of [{ steps: 0 }, { steps: 1.5 }, { speed: 0 }, { voice: "" }, { model: "" }]) {
    assert.ok(!supertonic.options.safeParse({ model: "/models/supertonic", ...wrong }).success);
  }
});

Deno.test("supertonic: speaks as long as its model says, in the style of the voice", async () => {
  await using tts = await loadVoice("supertonic", { model: MODEL, speed: 1 });
  assert.deepEqual([tts.voices, tts.sampleRateHz], [["F1", "M1"], 44_100]);
  const text = "What time is it?";
  for (const [voice, level] of [["F1", 0.3], ["M1", 0.2]] as const) {
    const chunks = await speak(tts, text, voice);
    assertCovers(chunks, text, 44_100);
    const sound = soundOf(chunks);
    // 60 ms a character; what fills the last block is cut off.
    assert.equal(sound.length, Math.ceil(text.length * 0.06 * 44_100));
    assert.ok(Math.abs(Math.max(...sound) - level) < 0.01, voice);
  }
  await assert.rejects(speak(tts, text, "F2"), { code: "NOT_FOUND", message: /F1, M1/ });
});

Deno.test("supertonic: speaks as fast as it is told, in the voice that was chosen", async () => {
  await using tts = await loadVoice("supertonic", { model: MODEL, speed: 2, voice: "M1", steps: 1 });
  assert.deepEqual(tts.voices, ["M1", "F1"]);
  const ms = (await speak(tts, "What time is it?")).reduce((sum, { frame }) => sum + durationMs(frame), 0);
  assert.ok(Math.abs(ms - "What time is it?".length * 30) < 1, `${ms} ms`);
});

Deno.test("supertonic: has nothing to say where there is nothing", async () => {
  await using tts = await loadVoice("supertonic", { model: MODEL });
  for (const text of ["", " \n", "...", "😀", "你好"]) assert.deepEqual(await speak(tts, text), [], text);
});

Deno.test("supertonic: a model that is not there, or another one, is told of without its place", async () => {
  await assertFails(loadVoice("supertonic", { model: "/nowhere/at/all" }), "NOT_FOUND", /"all"/);
  await using empty = await modelFolder({});
  await empty.fails("NOT_FOUND", /"config.json"/);
  await using other = await modelFolder({ "config.json": JSON.stringify({ ...CONFIG, model_type: "vits" }) });
  await other.fails("MODEL_ERROR", /no Supertonic/);
});

Deno.test("supertonic: voices that are missing or damaged are told of by name", async () => {
  await using none = await modelFolder({ "config.json": config });
  await none.fails("NOT_FOUND", /no voices/);
  await using damaged = await modelFolder({ "config.json": config, "voices/M1.bin": voice.subarray(1) });
  await damaged.fails("MODEL_ERROR", /"M1"/);
  await using one = await modelFolder({ "config.json": config, "voices/M1.bin": voice });
  await one.fails("NOT_FOUND", /choose one of: M1/, "F1");
});

Deno.test("supertonic: weights that are missing are MODEL_ERROR", async () => {
  await using bare = await modelFolder({ "config.json": config, "voices/M1.bin": voice });
  await bare.fails("MODEL_ERROR", /missing/);
});
