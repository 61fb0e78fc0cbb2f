import assert from "node:assert/strict";
import { whisper } from "../../../../models/engines/stt/whisper.ts";
import { whisperFeatures } from "../../../../models/engines/stt/whisper_features.ts";
import { importTransformers, locateModel } from "../../../../models/engines/transformers_source.ts";
import { concatSamples } from "../../../../pipeline/audio.ts";
import { recording } from "../../../support/recordings.ts";
import {
  finalOf,
  forever,
  framesOf,
  KNOWN,
  live,
  loadSmall,
  pipelineOf,
  smallModel,
} from "./heard_speech.ts";

const silence = (ms: number) => new Float32Array(ms * 16);
const load = (options?: Readonly<Record<string, unknown>>) => loadSmall(whisper, "whisper", options);
/** The small model writes a few tokens a second more than people say. */
const known = await Promise.all(
  Object.entries(KNOWN).map(async ([file, text]) => ({ text, samples: await recording(file) })),
);

/** The likeliest language after the start, worked out by hand. */
async function likeliestLanguages(sounds: readonly Float32Array[]): Promise<string[]> {
  const { AutoProcessor, env, Tensor, WhisperForConditionalGeneration } = await importTransformers();
  const id = await locateModel(smallModel("whisper"), env);
  const processor = await AutoProcessor.from_pretrained(id);
  const model = await WhisperForConditionalGeneration.from_pretrained(id, { dtype: "fp32" });
  const config = JSON.parse(
    await Deno.readTextFile(new URL("generation_config.json", smallModel("whisper"))),
  );
  const languages: [string, number][] = Object.entries(config.lang_to_id);
  const found: string[] = [];
  for (const samples of sounds) {
    const decoder_input_ids = new Tensor("int64", [BigInt(config.decoder_start_token_id)], [1, 1]);
    const { logits } = await model({ ...await processor(samples), decoder_input_ids });
    const [[token]] = languages.toSorted((a, b) => logits.data[b[1]] - logits.data[a[1]]) as [
      [string, number],
    ];
    found.push(token.slice(2, -2));
  }
  await model.dispose();
  return found;
}

Deno.test("whisper: the final transcript is what transformers.js makes of all the sound, in every language", async () => {
  await using stt = await load();
  await using pipeline = await pipelineOf("whisper");
  for (const { samples, text } of known) {
    for (const language of ["en", "de", "fr"]) {
      const heard = await finalOf(stt, samples, { language });
      assert.equal(heard.text, await pipeline.hear(samples, { language }));
      if (language === "en") assert.equal(heard.text, text);
      assert.equal(heard.language, language);
      assert.equal(heard.stableChars, heard.text.length);
      assert.ok(heard.confidence! > 0.5 && heard.confidence! <= 1, `${heard.confidence}`);
    }
  }
});

Deno.test("whisper: the language is the likeliest after the start, and what is said is written in it", async () => {
  const languages = await likeliestLanguages(known.map(({ samples }) => samples));
  assert.ok(new Set(languages).size > 1, "the test tells languages apart");
  await using stt = await load();
  await using pipeline = await pipelineOf("whisper");
  for (const [index, { samples }] of known.entries()) {
    const { text, language } = await finalOf(stt, samples);
    assert.equal(language, languages[index]);
    assert.equal(text, await pipeline.hear(samples, { language }));
  }
});

Deno.test("whisper: the call's language comes before the engine's, by its first part; an unknown one is refused", async () => {
  await using stt = await load({ language: "de" });
  const { samples } = known[0]!;
  assert.deepEqual((await finalOf(stt, samples)).text, "Wie spät ist es?");
  assert.deepEqual((await finalOf(stt, samples, { language: "fr-CA" })).text, "Quelle heure est-il ?");
  await assert.rejects(finalOf(stt, samples, { language: "tlh" }), {
    code: "VALIDATION_ERROR",
    message: 'The model does not know the language "tlh", but: en, de, fr',
  });
  await assert.rejects(load({ language: "tlh" }), { code: "VALIDATION_ERROR" });
});

Deno.test("whisper: words have times in order, within the speech", async () => {
  await using stt = await load({ language: "en" });
  for (const { samples } of known) {
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

Deno.test("whisper: what is called stable stays while the user speaks", async () => {
  await using stt = await load({ language: "en" });
  for (const { samples } of known) {
    const all = await Array.fromAsync(live(stt, concatSamples([samples, silence(1500)]), 500));
    const final = all.at(-1)!;
    for (const { text, stableChars } of all) assert.ok(final.text.startsWith(text.slice(0, stableChars)));
    assert.deepEqual(
      all.map((transcript) => transcript.final),
      all.map((_, index) => index === all.length - 1),
    );
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
  const [first, second] = [known[0]!.samples, known[1]!.samples];
  const alone = [await finalOf(stt, first), await finalOf(stt, second)];
  assert.notEqual(alone[0]!.text, alone[1]!.text);
  assert.deepEqual([await finalOf(stt, first), await finalOf(stt, second)], alone);
});

Deno.test("whisper: an abort ends the decoding before its next token", async () => {
  await using stt = await load({ language: "en" });
  const { samples } = known[1]!;
  /** The times that the signal was looked at before `abortAt`; undefined: all there were. */
  const looksUntil = async (abortAt: number): Promise<number> => {
    const controller = new AbortController();
    const { signal } = controller;
    let looks = 0;
    Object.defineProperty(signal, "aborted", {
      get() {
        if (++looks === abortAt) controller.abort("enough");
        return looks >= abortAt;
      },
    });
    const call = stt.transcribe(framesOf(samples), { signal, language: "en" });
    if (abortAt === Infinity) await Array.fromAsync(call);
    else await assert.rejects(Array.fromAsync(call), (reason) => reason === "enough");
    return looks;
  };
  const all = await looksUntil(Infinity);
  const half = Math.floor(all * 0.9);
  assert.ok(await looksUntil(half) <= half + 3, "nothing more was decoded");
  assert.equal((await finalOf(stt, samples)).text, known[1]!.text, "and the engine goes on working");
});

Deno.test("whisper: the spectrum of what is heard alone is that of the thirty seconds around it", async () => {
  const library = await importTransformers();
  const id = await locateModel(smallModel("whisper"), library.env);
  const processor = await library.AutoProcessor.from_pretrained(id);
  const { samples } = known[0]!;
  const soft = samples.map((sample) => sample * 1e-5);
  for (
    const sound of [
      samples,
      soft,
      concatSamples(Array.from({ length: 36 }, () => samples)),
      silence(100),
    ]
  ) {
    const wanted = (await processor(sound)).input_features;
    const features = await whisperFeatures(library, processor, sound);
    assert.deepEqual(features.dims, wanted.dims);
    assert.deepEqual(features.data, wanted.data);
  }
});

Deno.test("whisper: a model that knows one language is asked for none", async () => {
  const folder = await Deno.makeTempDir();
  for (
    const name of [
      "onnx",
      "config.json",
      "preprocessor_config.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]
  ) {
    await Deno.symlink(new URL(name, smallModel("whisper")), `${folder}/${name}`);
  }
  const config = JSON.parse(
    await Deno.readTextFile(new URL("generation_config.json", smallModel("whisper"))),
  );
  const { lang_to_id: _, task_to_id: __, alignment_heads: ___, ...english } = config;
  await Deno.writeTextFile(
    `${folder}/generation_config.json`,
    JSON.stringify({ ...english, is_multilingual: false }),
  );
  {
    await using stt = await whisper.load(whisper.options.parse({ model: folder, min_confidence: 0 }), {
      signal: forever,
    });
    const heard = await finalOf(stt, known[0]!.samples, { language: "de" });
    assert.equal(heard.final, true);
    assert.ok(!("language" in heard) && !heard.text.includes("<|"), heard.text);
    assert.ok(heard.text === "" || !("words" in heard), "without alignment heads there are no times");
  }
  await Deno.writeTextFile(`${folder}/generation_config.json`, "{}");
  await assert.rejects(
    whisper.load(whisper.options.parse({ model: folder }), { signal: forever }),
    { code: "MODEL_ERROR", message: /generation_config/ },
  );
  await Deno.remove(folder, { recursive: true });
});
