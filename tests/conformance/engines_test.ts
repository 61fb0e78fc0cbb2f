/** What every engine of the registry must do, each in the worker or thread it will run in. */
import assert from "node:assert/strict";
import { type AudioFrame, concatSamples } from "../../pipeline/audio.ts";
import {
  type CallOptions,
  type Engines,
  LISTENING_RATE_HZ,
  type Task,
  VAD_FRAME_SAMPLES,
} from "../../pipeline/engines.ts";
import { type EngineEvent, loadEngine } from "../../models/host.ts";
import { REGISTRY } from "../../models/registry.ts";
import { recording } from "../support/recordings.ts";
import { engineFixture } from "./engine_fixtures.ts";

type Answer = readonly Readonly<Record<string, unknown>>[];

interface Suite<E> {
  /** A call on a fixture. */
  readonly call: (engine: E, options: CallOptions) => AsyncIterable<Answer[number]>;
  /** What must be true of the answer as a whole. */
  readonly check: (answer: Answer) => void;
  /** What of the answer is the same however the work was interleaved. */
  readonly essence: (answer: Answer) => unknown;
}

const SPOKEN = "Ask not what your country can do for you, ask what you can do for your country.";
const frames = framesOf((await recording("jfk.wav")).subarray(0, 4 * LISTENING_RATE_HZ));

const SUITES: { readonly [K in Task]: Suite<Engines[K]> } = {
  vad: {
    essence: (answer) => answer,
    async *call(vad, options) {
      using stream = vad.open();
      for (const frame of frames) yield { probability: await stream.probability(frame, options) };
    },
    check(answer) {
      assert.equal(answer.length, frames.length);
      assert.ok(answer.some(({ probability }) => Number(probability) > 0.5), "hears a voice");
      assert.ok(answer.some(({ probability }) => Number(probability) < 0.5), "hears a pause");
    },
  },
  turn: {
    essence: (answer) => answer,
    async *call(turn, options) {
      for (const count of [20, 60]) {
        options.signal.throwIfAborted();
        const audio = concatSamples(frames.slice(0, count).map(({ samples }) => samples));
        yield { probability: await turn.completion({ audio, text: SPOKEN }, options) };
      }
      options.signal.throwIfAborted();
    },
    check(answer) {
      assert.equal(answer.length, 2);
      for (const { probability } of answer) {
        assert.ok(probability === undefined || Number(probability) >= 0 && Number(probability) <= 1);
      }
    },
  },
  stt: {
    essence: (answer) => answer.at(-1),
    async *call(stt, options) {
      for await (const transcript of stt.transcribe(streamOf(frames), options)) yield { ...transcript };
    },
    check(answer) {
      const final = answer.filter((transcript) => transcript["final"]);
      assert.deepEqual(final, answer.slice(-1), "one final transcript, last");
      const [{ text, stableChars, audioMs }] = final as [Answer[number]];
      assert.equal(stableChars, String(text).length);
      assert.equal(audioMs, frames.length * VAD_FRAME_SAMPLES * 1000 / LISTENING_RATE_HZ);
    },
  },
  llm: {
    // Of a prompt that was read before, less is read.
    essence: (answer) =>
      answer.map(({ callId: _, usage, ...part }) => ({
        ...part,
        ...(usage as object | undefined && { usage: { ...usage as object, cachedInputTokens: 0 } }),
      })),
    async *call(llm, options) {
      for await (const part of llm.generate([{ role: "user", content: "tell me a joke" }], options)) {
        yield { ...part };
      }
    },
    check(answer) {
      assert.ok(answer.filter(({ type }) => type === "text").length > 1, "streams");
      const ends = answer.filter(({ type }) => type === "end");
      assert.deepEqual(ends, answer.slice(-1), "one end, last");
    },
  },
  tts: {
    essence: (answer) => answer,
    async *call(tts, options) {
      for await (const { frame: { samples, sampleRateHz }, textEnd } of tts.synthesize(SPOKEN, options)) {
        assert.equal(sampleRateHz, tts.sampleRateHz);
        yield {
          textEnd,
          samples: samples.length,
          sum: samples.reduce((sum, sample) => sum + Math.abs(sample), 0),
        };
      }
    },
    check(answer) {
      assert.ok(answer.length > 1, "streams");
      const ends = answer.map(({ textEnd }) => Number(textEnd));
      assert.deepEqual(ends, ends.toSorted((a, b) => a - b), "goes forward");
      assert.equal(ends.at(-1), SPOKEN.length, "speaks all of it");
    },
  },
};

for (const [name] of Object.entries(REGISTRY.vad)) conform("vad", name);
for (const [name] of Object.entries(REGISTRY.turn)) conform("turn", name);
for (const [name] of Object.entries(REGISTRY.stt)) conform("stt", name);
for (const [name] of Object.entries(REGISTRY.llm)) conform("llm", name);
for (const [name] of Object.entries(REGISTRY.tts)) conform("tts", name);

function conform<K extends Task>(task: K, name: string): void {
  const suite = SUITES[task];

  engineTest("streams, and says the same of the same twice", async (load) => {
    await using loaded = await load();
    const first = await Array.fromAsync(suite.call(loaded.engine, { signal: forever }));
    suite.check(first);
    const second = await Array.fromAsync(suite.call(loaded.engine, { signal: forever }));
    assert.deepEqual(suite.essence(second), suite.essence(first));
  });

  engineTest("calls side by side do not disturb each other", async (load) => {
    await using loaded = await load();
    const call = () => Array.fromAsync(suite.call(loaded.engine, { signal: forever }));
    const alone = suite.essence(await call());
    for (const answer of await Promise.all([call(), call()])) assert.deepEqual(suite.essence(answer), alone);
  });

  engineTest("an abort rejects with its reason, and the engine goes on working", async (load) => {
    await using loaded = await load();
    for (const piecesBefore of [0, 1]) {
      const controller = new AbortController();
      const pieces = suite.call(loaded.engine, { signal: controller.signal })[Symbol.asyncIterator]();
      for (let piece = 0; piece < piecesBefore; piece++) await pieces.next();
      const next = pieces.next();
      controller.abort("enough");
      // What had already come may still be taken.
      await assert.rejects(async () => {
        await next;
        while (!(await pieces.next()).done);
      }, (reason) => reason === "enough");
    }
    suite.check(await Array.fromAsync(suite.call(loaded.engine, { signal: forever })));
    assert.deepEqual(loaded.events.filter(({ type }) => type === "failed"), [], "was not restarted");
  });

  engineTest("loads and disposes twice", async (load) => {
    for (let time = 0; time < 2; time++) {
      await using loaded = await load();
      const pieces = suite.call(loaded.engine, { signal: forever })[Symbol.asyncIterator]();
      await pieces.next();
      await pieces.return?.();
    }
  });

  interface Loaded extends AsyncDisposable {
    readonly engine: Engines[K];
    readonly events: readonly EngineEvent[];
  }

  function engineTest(claim: string, body: (load: () => Promise<Loaded>) => Promise<void>): void {
    Deno.test(`${task} engine "${name}": ${claim}`, async () => {
      await using fixture = engineFixture(task, name);
      await body(async () => {
        const events: EngineEvent[] = [];
        const onEvent = (event: EngineEvent) => events.push(event);
        const engine = await loadEngine(task, fixture.choice, { signal: forever, onEvent });
        return { engine, events, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
      });
    });
  }
}

const forever = new AbortController().signal;

function framesOf(samples: Float32Array): AudioFrame[] {
  return Array.from({ length: Math.floor(samples.length / VAD_FRAME_SAMPLES) }, (_, index) => ({
    samples: samples.slice(index * VAD_FRAME_SAMPLES, (index + 1) * VAD_FRAME_SAMPLES),
    sampleRateHz: LISTENING_RATE_HZ,
    startMs: index * VAD_FRAME_SAMPLES * 1000 / LISTENING_RATE_HZ,
    gap: false,
  }));
}

async function* streamOf<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}
