import assert from "node:assert/strict";
import { whisper } from "../../../../models/engines/stt/whisper.ts";
import { whisperFeatures } from "../../../../models/engines/stt/whisper_features.ts";
import { importTransformers, locateModel } from "../../../../models/engines/transformers_source.ts";
import { loadEngine } from "../../../../models/host.ts";
import { concatSamples } from "../../../../pipeline/audio.ts";
import { recording } from "../../../support/recordings.ts";
import {
  finalOf,
  forever,
  framesOf,
  heardByPipeline,
  KNOWN,
  live,
  loadSmall,
  smallModel,
} from "./heard_speech.ts";

const silence = (ms: number) => new Float32Array(ms * 16);
const load = (options?: Readonly<Record<string, unknown>>) => loadSmall("whisper", "whisper", options);
const texts = Object.values(KNOWN);
const sounds = await Promise.all(Object.keys(KNOWN).map(recording));

// Whatever this thread loads it loads before the first test: the library closes files when it likes.
const library = await importTransformers();
const id = await locateModel(smallModel("whisper"), library.env);
const processor = await library.AutoProcessor.from_pretrained(id);
const inThisThread = await whisper.load(whisper.options.parse({ model: smallModel("whisper") }), {
  signal: forever,
});
const config = JSON.parse(await Deno.readTextFile(new URL("generation_config.json", smallModel("whisper"))));
const likeliest = await likeliestLanguages();
const wanted = new Map<string, string[]>();
for (const language of ["en", "de", "fr"]) {
  wanted.set(language, await heardByPipeline("whisper", sounds, { language }));
}

/** Of each sound the likeliest language after the start, worked out by hand. */
async function likeliestLanguages(): Promise<string[]> {
  const model = await library.WhisperForConditionalGeneration.from_pretrained(id, { dtype: "fp32" });
  const languages: [string, number][] = Object.entries(config.lang_to_id);
  const found: string[] = [];
  for (const samples of sounds) {
    const decoder_input_ids = new library.Tensor("int64", [BigInt(config.decoder_start_token_id)], [1, 1]);
    const { logits } = await model({ ...await processor(samples), decoder_input_ids });
    const [best] = languages.toSorted((a, b) => logits.data[b[1]] - logits.data[a[1]]);
    found.push(best![0].slice(2, -2));
  }
  await model.dispose();
  return found;
}

Deno.test("whisper: the final transcript is what transformers.js makes of all the sound, in every language", async () => {
  await using stt = await load();
  for (const [index, samples] of sounds.entries()) {
    for (const [language, texts] of wanted) {
      const heard = await finalOf(stt, samples, { language });
      assert.equal(heard.text, texts[index]);
      assert.equal(heard.language, language);
      assert.equal(heard.stableChars, heard.text.length);
      assert.ok(heard.confidence! > 0.5 && heard.confidence! <= 1, `${heard.confidence}`);
    }
  }
  assert.deepEqual(wanted.get("en"), texts);
});

Deno.test("whisper: the language is the likeliest after the start, and what is said is written in it", async () => {
  assert.ok(new Set(likeliest).size > 1, "the test tells languages apart");
  await using stt = await load();
  for (const [index, samples] of sounds.entries()) {
    const { text, language } = await finalOf(stt, samples);
    assert.equal(language, likeliest[index]);
    assert.equal(text, wanted.get(language!)![index]);
  }
});

Deno.test("whisper: the call's language comes before the engine's, by its first part; an unknown one is refused", async () => {
  await using stt = await load({ language: "de" });
  const [samples] = sounds as [Float32Array];
  assert.equal((await finalOf(stt, samples)).text, "Wie spät ist es?");
  assert.equal((await finalOf(stt, samples, { language: "fr-CA" })).text, "Quelle heure est-il ?");
  await assert.rejects(finalOf(stt, samples, { language: "tlh" }), {
    code: "VALIDATION_ERROR",
    message: 'The model does not know the language "tlh", but: en, de, fr',
  });
  await assert.rejects(load({ language: "tlh" }), { message: /does not know the language "tlh"/ });
});

Deno.test("whisper: words have times in order, within the speech", async () => {
  await using stt = await load({ language: "en" });
  for (const samples of sounds) {
    const { words, text, audioMs } = await finalOf(stt, concatSamples([silence(400), samples]));
    assert.equal(words!.map(({ word }) => word).join(" "), text);
    let beforeMs = 400 - 20;
    for (const { startMs, endMs } of words!) {
      assert.ok(startMs >= beforeMs && endMs >= startMs && endMs <= audioMs, `${startMs} → ${endMs}`);
      beforeMs = startMs;
    }
    assert.ok(words!.at(-1)!.endMs > 400 + samples.length / 16 / 2, "and all over it");
  }
});

Deno.test("whisper: what is called stable stays while the user speaks, and the last transcript is the final one", async () => {
  await using stt = await load({ language: "en" });
  for (const samples of sounds) {
    const all = await Array.fromAsync(live(stt, concatSamples([samples, silence(1500)]), 500));
    const final = all.at(-1)!;
    assert.ok(all.length > 3);
    for (const { text, stableChars } of all) assert.ok(final.text.startsWith(text.slice(0, stableChars)));
    assert.deepEqual(all.filter((transcript) => transcript.final), [final]);
    assert.equal(final.audioMs, samples.length / 16 + 1500);
  }
});

Deno.test("whisper: nothing is understood in silence and noise, however long", async () => {
  await using stt = await load();
  for (const samples of [silence(0), silence(3), silence(40_000), await recording("speech/pink_noise.wav")]) {
    const { text, audioMs, language } = await finalOf(stt, samples);
    assert.deepEqual([text, audioMs, language], ["", samples.length / 16, undefined]);
  }
});

Deno.test("whisper: one utterance knows nothing of the one before", async () => {
  await using stt = await load();
  const [first, second] = sounds as [Float32Array, Float32Array];
  const alone = [await finalOf(stt, first), await finalOf(stt, second)];
  assert.notEqual(alone[0]!.text, alone[1]!.text);
  assert.deepEqual([await finalOf(stt, first), await finalOf(stt, second)], alone);
});

Deno.test("whisper: an abort ends the decoding before its next token", async () => {
  const [samples, text] = [sounds[1]!, texts[1]!];
  const call = (signal: AbortSignal) =>
    Array.fromAsync(inThisThread.transcribe(framesOf(samples), { signal, language: "en" }));
  const never = watched(Infinity);
  assert.equal((await call(never.signal)).at(-1)!.text, text);
  // Each frame is looked before, and then each token; those of the final reading come last.
  const tokens = never.looks() - Math.ceil(samples.length / 512);
  assert.ok(tokens > 2 * text.split(" ").length, `${tokens} looks while decoding`);
  const abortAt = never.looks() - 5;
  const aborted = watched(abortAt);
  await assert.rejects(call(aborted.signal), (reason) => reason === "enough");
  assert.ok(aborted.looks() <= abortAt + 2, `${aborted.looks()} looks, aborted at the ${abortAt}th`);
  assert.equal((await call(forever)).at(-1)!.text, text, "and the engine goes on working");
});

/** A signal that aborts when it is looked at for the `abortAt`-th time. */
function watched(abortAt: number): { readonly signal: AbortSignal; looks(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")!.get!;
  let looks = 0;
  Object.defineProperty(signal, "aborted", {
    get() {
      if (++looks === abortAt) controller.abort("enough");
      return isAborted.call(signal);
    },
  });
  return { signal, looks: () => looks };
}

Deno.test("whisper: the spectrum of what is heard alone is that of the thirty seconds around it", async () => {
  const [samples] = sounds as [Float32Array];
  const soft = samples.map((sample) => sample * 1e-5);
  const long = concatSamples(Array.from({ length: 37 }, () => samples)).subarray(0, 29.99 * 16_000);
  for (const sound of [samples, soft, long, silence(100)]) {
    const { data, dims } = (await processor(sound)).input_features;
    const features = await whisperFeatures(library, processor, sound);
    assert.deepEqual(features.dims, dims);
    const most = Float64Array.from(
      features.data as Float32Array,
      (value, index) => Math.abs(value - data[index]),
    )
      .reduce((most, difference) => Math.max(most, difference), 0);
    assert.ok(most < 1e-6, `${sound.length} samples differ by ${most}`);
  }
});

Deno.test("whisper: a model that knows one language is asked for none, and one that is no Whisper is refused", async () => {
  const folder = await Deno.makeTempDir();
  const files = [
    "onnx",
    "config.json",
    "preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ];
  for (const name of files) await Deno.symlink(new URL(name, smallModel("whisper")), `${folder}/${name}`);
  const { lang_to_id: _, task_to_id: __, alignment_heads: ___, ...english } = config;
  const write = (value: unknown) =>
    Deno.writeTextFile(`${folder}/generation_config.json`, JSON.stringify(value));
  await write({ ...english, is_multilingual: false });
  const choice = { engine: "whisper", options: { model: folder, min_confidence: 0 } };
  {
    await using stt = await loadEngine("stt", choice, { signal: forever });
    const heard = await finalOf(stt, sounds[0]!, { language: "de" });
    assert.equal(heard.final, true);
    assert.ok(!("language" in heard) && !heard.text.includes("<|"), heard.text);
    assert.ok(heard.text === "" || !("words" in heard), "without alignment heads there are no times");
  }
  await write({});
  await assert.rejects(loadEngine("stt", choice, { signal: forever }), { message: /generation_config/ });
  await Deno.remove(folder, { recursive: true });
});
