import assert from "node:assert/strict";
import { Tensor } from "onnxruntime-node";
import { piper } from "../../../../models/engines/tts/piper.ts";
import {
  parsePiperVoice,
  phonemeIds,
  piperPhonemes,
  speakersOf,
} from "../../../../models/engines/tts/piper_voice.ts";
import type { TextToSpeech } from "../../../../pipeline/engines.ts";
import {
  assertCovers,
  assertFails,
  assertSounds,
  call,
  copyOf,
  loadVoice,
  runOnnx,
  soundOf,
  speak,
  tinyModel,
} from "./voice_models.ts";

const MODEL = tinyModel("piper");
const NAME = "en_XX-tiny-low";
const FILE = `${NAME}.onnx`;
const RATE_HZ = 16_000;

const json = await Deno.readTextFile(new URL(`${FILE}.json`, MODEL));

/** The voice without its noise, which would be different each time. */
const settingsOf = (options: Record<string, unknown>) => ({
  model: MODEL,
  file: FILE,
  noise_scale: 0,
  noise_w: 0,
  ...options,
});
const load = (options: Record<string, unknown> = {}): Promise<TextToSpeech> =>
  piper.load(piper.options.parse(settingsOf(options)), call);

const voiceOf = (differing: object = {}) =>
  parsePiperVoice(new TextEncoder().encode(JSON.stringify({ ...JSON.parse(json), ...differing })), NAME);

/** What the model makes of phonemes, as Piper asks it. */
function direct(phonemes: string, lengthScale = 1): Promise<Float32Array> {
  const { phoneme_id_map: numbers } = JSON.parse(json);
  const ids: number[] = [1, 0, ...[...phonemes].flatMap((phoneme) => [numbers[phoneme][0], 0]), 2];
  return runOnnx(MODEL, FILE, {
    input: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
    input_lengths: new Tensor("int64", BigInt64Array.of(BigInt(ids.length)), [1]),
    scales: new Tensor("float32", [0, lengthScale, 0], [3]),
  });
}

Deno.test("piper: says what the model makes of the phonemes, at the voice's rate", async () => {
  await using tts = await load();
  assert.deepEqual([tts.voices, tts.sampleRateHz], [[NAME], RATE_HZ]);
  const text = "Hello, what time is it?";
  const chunks = await speak(tts, text);
  assertSounds(chunks, await direct("həlˈoʊ, wˌʌt tˈaɪm ɪz ɪt?"));
  assertCovers(chunks, text, RATE_HZ);
});

Deno.test("piper: a text without a mark at its end ends all the same", async () => {
  await using tts = await load();
  assertSounds(await speak(tts, "hello"), await direct("həlˈoʊ."));
});

Deno.test("piper: speaks as slowly as it is told", async () => {
  await using slow = await load({ length_scale: 1.5 });
  assertSounds(await speak(slow, "hello."), await direct("həlˈoʊ.", 1.5));
});

Deno.test("piper: runs in WebAssembly as well", async () => {
  await using tts = await loadVoice("piper", settingsOf({ device: "wasm" }));
  assertSounds(await speak(tts, "hello."), await direct("həlˈoʊ."));
});

Deno.test("piper: has nothing to say where there is nothing", async () => {
  await using tts = await load();
  for (const text of ["", " \n", "...", "😀", "你好"]) assert.deepEqual(await speak(tts, text), [], text);
});

Deno.test("piper: what every model is told besides is no mistake", async () => {
  await using tts = await load({ dtype: "fp32", threads: 2 });
  assert.ok(soundOf(await speak(tts, "hello")).length > 0);
});

Deno.test("piper: the chosen speaker is the first voice", async () => {
  await using copy = await copyOf(MODEL);
  const several = { ...JSON.parse(json), num_speakers: 3, speaker_id_map: { carla: 2, anna: 0, bert: 1 } };
  await Deno.writeTextFile(`${copy.folder}/${FILE}.json`, JSON.stringify(several));
  const voices = async (speaker?: string | number) => {
    await using tts = await load({ model: copy.folder, ...(speaker !== undefined && { speaker }) });
    return tts.voices;
  };
  assert.deepEqual(await voices(), ["anna", "bert", "carla"]);
  assert.deepEqual(await voices("bert"), ["bert", "anna", "carla"]);
  assert.deepEqual(await voices(2), ["carla", "anna", "bert"]);
  await assertFails(voices("dora"), "NOT_FOUND", /anna, bert, carla/);
  await assertFails(voices(3), "NOT_FOUND", /anna, bert, carla/);
});

Deno.test("piper: speakers without names go by their numbers", () => {
  const speakers = speakersOf(voiceOf({ num_speakers: 3 }), NAME);
  assert.deepEqual([...speakers], [["0", 0], ["1", 1], ["2", 2]]);
});

Deno.test("piper: marks that it was not taught become those it was", () => {
  const clauses = [{ phonemes: "a", mark: "…" }, { phonemes: "b", mark: "" }, { phonemes: "c", mark: "!" }];
  assert.equal(piperPhonemes(clauses as Parameters<typeof piperPhonemes>[0]), "a. b c!");
  assert.equal(piperPhonemes([]), "");
});

Deno.test("piper: phonemes become numbers with pads between, unknown ones left out", () => {
  const numbers = { _: [0], "^": [1], $: [2], a: [3], "\u0303": [4], ".": [5], b: [6, 7] };
  const voice = voiceOf({ phoneme_id_map: numbers, phoneme_map: { c: ["b", "a"] } });
  assert.deepEqual(phonemeIds("ãxc.", voice), [1, 0, 3, 0, 4, 0, 6, 7, 0, 3, 0, 5, 0, 2]);
  assert.equal(phonemeIds(".", voice), undefined);
});

Deno.test("piper: a voice of another language speaks that", async () => {
  await using copy = await copyOf(MODEL);
  const german = { ...JSON.parse(json), espeak: { voice: "de" } };
  await Deno.writeTextFile(`${copy.folder}/${FILE}.json`, JSON.stringify(german));
  await using tts = await load({ model: copy.folder });
  assertSounds(await speak(tts, "Guten Morgen!"), await direct("ɡˈuːtən mˈɔɾɡən!"));
});

Deno.test("piper: a voice that was taught letters reads them", async () => {
  await using copy = await copyOf(MODEL);
  const letters = { ...JSON.parse(json), phoneme_type: "text", espeak: undefined };
  await Deno.writeTextFile(`${copy.folder}/${FILE}.json`, JSON.stringify(letters));
  await using tts = await load({ model: copy.folder });
  assertSounds(await speak(tts, "Hello!"), await direct("hello!."));
});

Deno.test("piper: files that are missing or wrong are told of without their place", async () => {
  await assertFails(load({ file: "gone.onnx" }), "NOT_FOUND", /"gone.onnx"/);
  await assertFails(load({ model: new URL("../nowhere/", MODEL).href }), "NOT_FOUND", /"nowhere"/);
  await using copy = await copyOf(MODEL);
  const description = `${copy.folder}/${FILE}.json`;
  for (const wrong of ["{", "{}", JSON.stringify({ ...JSON.parse(json), phoneme_id_map: { a: [3] } })]) {
    await Deno.writeTextFile(description, wrong);
    await assertFails(load({ model: copy.folder }), "MODEL_ERROR", /description/);
  }
  await Deno.writeTextFile(description, JSON.stringify({ ...JSON.parse(json), espeak: { voice: "xx" } }));
  await assertFails(load({ model: copy.folder }), "MODEL_ERROR", /"xx"/);
  await Deno.writeTextFile(description, json);
  await Deno.writeFile(`${copy.folder}/${FILE}`, new Uint8Array(100));
  await assertFails(load({ model: copy.folder }), "MODEL_ERROR", /damaged/);
});
