import assert from "node:assert/strict";
import { Tensor } from "onnxruntime-node";
import {
  assertCovers,
  assertFails,
  assertSounds,
  copyOf,
  loadVoice,
  runOnnx,
  speak,
  tinyModel,
} from "./voice_models.ts";

const MODEL = tinyModel("vits");
const RATE_HZ = 16_000;

const vocabulary = JSON.parse(await Deno.readTextFile(new URL("vocab.json", MODEL)));

/** What the model makes of letters: a blank, which is number 0, before, between and after them. */
function direct(letters: string): Promise<Float32Array> {
  const ids: number[] = [0, ...[...letters].flatMap((letter) => [vocabulary[letter], 0])];
  const tensor = (numbers: number[]) =>
    new Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, ids.length]);
  return runOnnx(MODEL, "onnx/model.onnx", {
    input_ids: tensor(ids),
    attention_mask: tensor(ids.map(() => 1)),
  });
}

Deno.test("vits: says what the model makes of the letters that it knows", async () => {
  await using tts = await loadVoice("vits", { model: MODEL });
  assert.deepEqual([tts.voices, tts.sampleRateHz], [["vits"], RATE_HZ]);
  const text = "What time is it?";
  const chunks = await speak(tts, text);
  assertSounds(chunks, await direct("what time is it"));
  assertCovers(chunks, text, RATE_HZ);
});

Deno.test("vits: has nothing to say where there is nothing", async () => {
  await using tts = await loadVoice("vits", { model: MODEL });
  for (const text of ["", " \n", "...", "😀", "你好", "--"]) {
    assert.deepEqual(await speak(tts, text), [], text);
  }
});

Deno.test("vits: an unknown voice is NOT_FOUND", async () => {
  await using tts = await loadVoice("vits", { model: MODEL });
  await assert.rejects(speak(tts, "hello", "anna"), { code: "NOT_FOUND" });
});

Deno.test("vits: files that are missing or wrong are told of without their place", async () => {
  await assertFails(
    loadVoice("vits", { model: new URL("../nowhere/", MODEL).href }),
    "NOT_FOUND",
    /"nowhere"/,
  );
  await using copy = await copyOf(MODEL);
  const load = () => loadVoice("vits", { model: copy.folder });
  const change = async (file: string, change: object) => {
    const path = `${copy.folder}/${file}`;
    await Deno.writeTextFile(
      path,
      JSON.stringify({ ...JSON.parse(await Deno.readTextFile(path)), ...change }),
    );
  };
  await change("config.json", { sampling_rate: undefined });
  await assertFails(load(), "MODEL_ERROR", /rate/);
  await change("tokenizer_config.json", { is_uroman: true });
  await assertFails(load(), "MODEL_ERROR", /Latin/);
  await Deno.remove(`${copy.folder}/tokenizer.json`);
  await assertFails(load(), "MODEL_ERROR", /missing/);
});
