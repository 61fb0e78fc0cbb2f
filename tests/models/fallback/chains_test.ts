/** Engines that stand in for one another. */
import assert from "node:assert/strict";
import { type ChainOptions, Link } from "../../../models/fallback/breaker.ts";
import { CHAINS } from "../../../models/fallback/chains.ts";
import { durationMs } from "../../../pipeline/audio.ts";
import type {
  LanguageModel,
  LlmPart,
  SpeechChunk,
  SpeechToText,
  TextToSpeech,
  Transcript,
} from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { sound } from "../../support/fake_engines.ts";

const forever = new AbortController().signal;
const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() };
const broken = () => new ParleyError("UNAVAILABLE", "It cannot be reached.");
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

/** Gives nothing but its failure. */
function failing(): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(broken()) }) };
}

/** Gives nothing until it is left. */
function stuck(signal: AbortSignal, onLeft = () => {}): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => never(signal).finally(onLeft) }) };
}

interface Chained {
  readonly options: ChainOptions;
  readonly failures: string[];
  nowMs: number;
}

function chained(patienceMs = 20): Chained {
  const failures: string[] = [];
  const self: Chained = {
    failures,
    nowMs: 0,
    options: {
      patienceMs,
      now: () => self.nowMs,
      onFailure: (name, { code }) => failures.push(`${name} ${code}`),
    },
  };
  return self;
}

type Generate = (signal: AbortSignal) => AsyncIterable<LlmPart>;
const say = (delta: string): LlmPart => ({ type: "text", delta });

function llm(name: string, generate: Generate): Link<LanguageModel> {
  return new Link({ ...dispose, model: name, generate: (_messages, { signal }) => generate(signal) }, name);
}

async function* working(): AsyncIterable<LlmPart> {
  yield say("from the second");
}

function answer(chain: LanguageModel, signal = forever): Promise<LlmPart[]> {
  return Array.fromAsync(chain.generate([], { signal }));
}

Deno.test("chain: who fails before the first word is stood in for", async () => {
  const { options, failures } = chained();
  const chain = CHAINS.llm([
    llm("first", () => failing()),
    llm("second", working),
  ], options);
  assert.deepEqual(await answer(chain), [say("from the second")]);
  assert.deepEqual(failures, ["first UNAVAILABLE"]);
});

Deno.test("chain: who is too slow is stood in for, and let go of", async () => {
  const { options, failures } = chained();
  let left = false;
  const chain = CHAINS.llm([
    llm("first", (signal) => stuck(signal, () => left = true)),
    llm("second", working),
  ], options);
  assert.deepEqual(await answer(chain), [say("from the second")]);
  assert.deepEqual([failures, left], [["first TIMEOUT"], true]);
});

Deno.test("chain: once a word is out nobody else begins again, however long the next one takes", async () => {
  const { options, failures } = chained();
  const chain = CHAINS.llm([
    llm("first", async function* () {
      yield say("Once upon");
      await new Promise((resolve) => setTimeout(resolve, 60));
      throw broken();
    }),
    llm("second", working),
  ], options);
  const heard: LlmPart[] = [];
  await assert.rejects(async () => {
    for await (const part of chain.generate([], { signal: forever })) heard.push(part);
  }, { code: "UNAVAILABLE" });
  assert.deepEqual([heard, failures], [[say("Once upon")], []]);
});

Deno.test("chain: the last one may take its time, and its failure is the chain's", async () => {
  const { options } = chained(1);
  const slow = llm("only", async function* () {
    await new Promise((resolve) => setTimeout(resolve, 30));
    yield say("at last");
  });
  assert.deepEqual(await answer(CHAINS.llm([slow], options)), [say("at last")]);
  const failingOne = llm("only", () => failing());
  await assert.rejects(answer(CHAINS.llm([failingOne], options)), { code: "UNAVAILABLE" });
});

Deno.test("chain: an abort is nobody's failure", async () => {
  const { options, failures } = chained(10_000);
  const ending = new AbortController();
  const chain = CHAINS.llm([
    llm("first", (signal) => stuck(signal)),
    llm("second", working),
  ], options);
  const answered = answer(chain, ending.signal);
  ending.abort(new Error("barge-in"));
  await assert.rejects(answered, /barge-in/);
  assert.deepEqual(failures, []);
});

Deno.test("chain: who keeps failing rests, is tried once after it, and comes back when it works", async () => {
  const on = chained();
  let asked = 0;
  let works = false;
  const chain = CHAINS.llm([
    llm("first", async function* () {
      asked++;
      if (!works) throw broken();
      yield say("from the first");
    }),
    llm("second", working),
  ], on.options);
  for (let turn = 0; turn < 5; turn++) await answer(chain);
  assert.equal(asked, 2, "two failures in a row are enough");
  on.nowMs = 15_000;
  for (let turn = 0; turn < 3; turn++) await answer(chain);
  assert.equal(asked, 3, "one try after the rest");
  on.nowMs = 30_000;
  await answer(chain);
  assert.equal(asked, 3, "the second rest is longer");
  on.nowMs = 50_000;
  works = true;
  assert.deepEqual(await answer(chain), [say("from the first")]);
  works = false;
  await answer(chain);
  await answer(chain);
  assert.equal(asked, 6, "after a success one failure is no reason to rest");
});

Deno.test("chain: when all rest, all are asked", async () => {
  const on = chained();
  const failingOne = (name: string) => llm(name, () => failing());
  const chain = CHAINS.llm([failingOne("first"), failingOne("second")], on.options);
  for (let turn = 0; turn < 3; turn++) await assert.rejects(answer(chain), { code: "UNAVAILABLE" });
  assert.deepEqual(on.failures, ["first UNAVAILABLE", "first UNAVAILABLE", "first UNAVAILABLE"]);
});

type Transcribe = SpeechToText["transcribe"];
const stt = (name: string, transcribe: Transcribe) =>
  new Link<SpeechToText>({ ...dispose, transcribe }, name);
const heardOf = (text: string, audioMs: number, final: boolean): Transcript => (
  { text, stableChars: 0, final, audioMs }
);

/** Tells how much it has heard. */
const ruler: Transcribe = async function* (audio) {
  let audioMs = 0;
  for await (const frame of audio) audioMs += durationMs(frame);
  yield heardOf("all of it", audioMs, true);
};

async function* utterance() {
  for (let i = 0; i < 5; i++) yield* sound(true, 32, 0);
}

Deno.test("chain: the next recogniser hears the utterance from its beginning", async () => {
  const { options, failures } = chained();
  const chain = CHAINS.stt([
    stt("first", async function* (audio) {
      let frames = 0;
      for await (const _ of audio) {
        yield heardOf("half a", ++frames, false);
        if (frames === 3) throw broken();
      }
    }),
    stt("second", ruler),
  ], options);
  const transcripts = await Array.fromAsync(chain.transcribe(utterance(), { signal: forever }));
  assert.equal(transcripts.filter(({ final }) => final).length, 1);
  const last = transcripts.at(-1)!;
  assert.deepEqual([last.text, Math.round(last.audioMs)], ["all of it", 160]);
  assert.deepEqual(failures, ["first UNAVAILABLE"]);
});

Deno.test("chain: a recogniser has its patience from the end of the utterance on, not from its beginning", async () => {
  const { options, failures } = chained(50);
  const slowSpeaker = async function* () {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield* sound(true, 32, 0);
    }
  };
  const chain = CHAINS.stt([stt("first", ruler), stt("second", ruler)], options);
  await Array.fromAsync(chain.transcribe(slowSpeaker(), { signal: forever }));
  assert.deepEqual(failures, []);

  const stuck: Transcribe = async function* (audio, { signal }) {
    for await (const _ of audio) yield heardOf("half", 1, false);
    await never(signal);
  };
  const other = chained(50);
  const rescued = CHAINS.stt([stt("first", stuck), stt("second", ruler)], other.options);
  const transcripts = await Array.fromAsync(rescued.transcribe(utterance(), { signal: forever }));
  assert.deepEqual([transcripts.at(-1)?.text, other.failures], ["all of it", ["first TIMEOUT"]]);
});

Deno.test("chain: lost sound is lost for all of them", async () => {
  const { options, failures } = chained();
  const chain = CHAINS.stt([stt("first", ruler), stt("second", ruler)], options);
  const lost = async function* () {
    yield* sound(true, 32, 0);
    throw new ParleyError("DEVICE_ERROR", "The microphone is gone.");
  };
  await assert.rejects(Array.fromAsync(chain.transcribe(lost(), { signal: forever })), {
    code: "DEVICE_ERROR",
  });
  assert.deepEqual(failures, [], "no engine is to blame");
});

function tts(
  name: string,
  rateHz: number,
  speak: (text: string, voice?: string) => Iterable<SpeechChunk> | [ParleyError],
) {
  const engine: TextToSpeech = {
    ...dispose,
    voices: [`${name}'s voice`],
    sampleRateHz: rateHz,
    synthesize: async function* (text, { voice }) {
      for (const chunk of speak(text, voice)) {
        if (chunk instanceof ParleyError) throw chunk;
        yield chunk;
      }
    },
  };
  return new Link(engine, name);
}

Deno.test("chain: who stands in for a voice speaks with its own, at the rate that was expected", async () => {
  const { options } = chained();
  let spokenWith: string | undefined = "nobody yet";
  const chain = CHAINS.tts([
    tts("first", 24_000, () => [broken()]),
    tts("second", 8000, function* (text, voice) {
      spokenWith = voice;
      const samples = new Float32Array(8000).map((_, i) => 0.5 * Math.sin(i / 5));
      yield { frame: { samples, sampleRateHz: 8000, startMs: 0, gap: false }, textEnd: text.length };
    }),
  ], options);
  assert.deepEqual([chain.voices, chain.sampleRateHz], [["first's voice"], 24_000]);
  const chunks = await Array.fromAsync(
    chain.synthesize("hello", { signal: forever, voice: "first's voice" }),
  );
  assert.equal(spokenWith, undefined);
  assert.ok(chunks.every(({ frame }) => frame.sampleRateHz === 24_000));
  const ms = chunks.reduce((sum, { frame }) => sum + durationMs(frame), 0);
  assert.ok(Math.abs(ms - 1000) < 20, `${ms} ms of speech that lasts a second`);
  assert.equal(chunks.at(-1)?.textEnd, 5);
  assert.throws(() => chain.synthesize("hello", { signal: forever, voice: "nobody's" }), {
    code: "NOT_FOUND",
  });
});

Deno.test("chain: disposing of it disposes of all", async () => {
  const { options } = chained();
  const disposed: string[] = [];
  const link = (name: string) => {
    const { engine } = llm(name, working);
    return new Link(
      { ...engine, [Symbol.asyncDispose]: () => Promise.resolve(void disposed.push(name)) },
      name,
    );
  };
  await CHAINS.llm([link("first"), link("second")], options)[Symbol.asyncDispose]();
  assert.deepEqual(disposed, ["first", "second"]);
});
