import assert from "node:assert/strict";
import { Tensor } from "onnxruntime-node";
import {
  assertCovers,
  assertFails,
  assertSounds,
  copyOf,
  loadVoice,
  runOnnx,
  soundOf,
  speak,
  tinyModel,
} from "./voice_models.ts";

const MODEL = tinyModel("kokoro");
const RATE_HZ = 24_000;
const STYLE_SIZE = 256;

const { model: { vocab } } = JSON.parse(await Deno.readTextFile(new URL("tokenizer.json", MODEL)));

/** What the model makes of phonemes in a voice, as its makers say that it is to be asked. */
async function direct(phonemes: string, voice: string): Promise<Float32Array> {
  const ids = [0, ...[...phonemes].map((phoneme) => vocab[phoneme]).filter((id) => id !== undefined), 0];
  const styles = new Float32Array((await Deno.readFile(new URL(`voices/${voice}.bin`, MODEL))).buffer);
  const row = Math.min(ids.length - 2, 509);
  return await runOnnx(MODEL, "onnx/model.onnx", {
    input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
    style: new Tensor("float32", styles.slice(row * STYLE_SIZE, (row + 1) * STYLE_SIZE), [1, STYLE_SIZE]),
    speed: new Tensor("float32", [1], [1]),
  });
}

Deno.test("kokoro: says what the model makes of the phonemes, in each voice's own language and style", async () => {
  await using tts = await loadVoice("kokoro", { model: MODEL });
  const text = "Hello, what a hot bath!";
  const american = await speak(tts, text);
  assertSounds(american, await direct("həlˈoʊ, wˌʌt ɐ hˈɑːt bˈæθ!", "af_heart"));
  assertCovers(american, text, RATE_HZ);
  const british = await speak(tts, text, "bm_george");
  assertSounds(british, await direct("həlˈəʊ, wˌɒt ɐ hˈɒt bˈaθ!", "bm_george"));
});

Deno.test("kokoro: the first voice is the one chosen, or the best that is there", async () => {
  await using usual = await loadVoice("kokoro", { model: MODEL });
  assert.deepEqual([usual.voices, usual.sampleRateHz], [["af_heart", "bm_george"], RATE_HZ]);
  await using chosen = await loadVoice("kokoro", { model: MODEL, voice: "bm_george" });
  assert.deepEqual(chosen.voices, ["bm_george", "af_heart"]);
  await assert.rejects(speak(chosen, "Hello.", "af_nobody"), {
    code: "NOT_FOUND",
    message: /bm_george, af_heart/,
  });
});

Deno.test("kokoro: voices whose language cannot be spelt in sounds are not offered", async () => {
  await using copy = await copyOf(MODEL);
  await Deno.copyFile(`${copy.folder}/voices/af_heart.bin`, `${copy.folder}/voices/zf_xiaobei.bin`);
  await using tts = await loadVoice("kokoro", { model: copy.folder });
  assert.deepEqual(tts.voices, ["af_heart", "bm_george"]);
  await assertFails(
    loadVoice("kokoro", { model: copy.folder, voice: "zf_xiaobei" }),
    "NOT_FOUND",
    /af_heart/,
  );
});

Deno.test("kokoro: a voice of another language speaks that", async () => {
  await using copy = await copyOf(MODEL);
  await Deno.copyFile(`${copy.folder}/voices/af_heart.bin`, `${copy.folder}/voices/if_sara.bin`);
  await using tts = await loadVoice("kokoro", { model: copy.folder });
  assert.deepEqual(tts.voices, ["af_heart", "bm_george", "if_sara"]);
  assertSounds(await speak(tts, "Buongiorno!", "if_sara"), await direct("bʊonʤˈɔrno!", "af_heart"));
});

Deno.test("kokoro: a piece of more phonemes than the model takes is said in parts", async () => {
  await using tts = await loadVoice("kokoro", { model: MODEL });
  const text = "777777 ".repeat(16).trim();
  const chunks = await speak(tts, text);
  assertCovers(chunks, text, RATE_HZ);
  // 70 phonemes a number and the space after it; the model speaks for 62.5 ms each.
  const phonemes = soundOf(chunks).length / RATE_HZ * 1000 / 62.5;
  assert.ok(phonemes > 1100 && phonemes < 1300, `${phonemes} phonemes`);
});

Deno.test("kokoro: has nothing to say where there is nothing", async () => {
  await using tts = await loadVoice("kokoro", { model: MODEL });
  for (const text of ["", " \n", "...", "😀", "你好"]) assert.deepEqual(await speak(tts, text), [], text);
});

Deno.test("kokoro: files that are missing or wrong are told of without their place", async () => {
  const nowhere = new URL("../nowhere/", MODEL).href;
  await assertFails(loadVoice("kokoro", { model: nowhere }), "NOT_FOUND", /"nowhere"/);
  await using copy = await copyOf(MODEL);
  const load = () => loadVoice("kokoro", { model: copy.folder });
  await Deno.writeFile(`${copy.folder}/voices/bm_george.bin`, new Uint8Array(100));
  await assertFails(
    loadVoice("kokoro", { model: copy.folder, voice: "bm_george" }),
    "MODEL_ERROR",
    /bm_george/,
  );
  await Deno.writeFile(`${copy.folder}/onnx/model.onnx`, new Uint8Array(100));
  await assertFails(load(), "MODEL_ERROR", /damaged/);
  await Deno.remove(`${copy.folder}/onnx/model.onnx`);
  await assertFails(load(), "MODEL_ERROR", /missing/);
  await Deno.remove(`${copy.folder}/voices`, { recursive: true });
  await assertFails(load(), "NOT_FOUND", /no voices/);
});
