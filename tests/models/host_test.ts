import assert from "node:assert/strict";
import type { AudioFrame } from "../../pipeline/audio.ts";
import type { LlmPart } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { type EngineEvent, loadEngines, type LoadOptions } from "../../models/host.ts";
import type { EngineSelection } from "../../models/profiles.ts";
import { OUTPUT_WINDOW } from "../../models/worker_protocol.ts";
import { BROKEN_REGISTRY } from "../support/broken_engines.ts";

const forever = new AbortController().signal;
const WORKING: Partial<EngineSelection> = {
  vad: { engine: "peak" },
  turn: { engine: "loudness" },
  stt: { engine: "ruler" },
  llm: { engine: "obedient" },
  tts: { engine: "typewriter" },
};

/** Loads the test's engines; `events` collects what is told of them. */
async function load(config: Partial<EngineSelection> = {}, options: Partial<LoadOptions> = {}) {
  const events: EngineEvent[] = [];
  const workerUrl = new URL("../support/broken_worker.ts", import.meta.url);
  const engines = await loadEngines({ ...WORKING, ...config }, {
    signal: forever,
    catalogue: { registry: BROKEN_REGISTRY, workerUrl },
    onEvent: (event) => events.push(event),
    ...options,
  });
  const generate = (command: string, signal = forever): AsyncIterable<LlmPart> =>
    engines.llm.generate([{ role: "user", content: command }], { signal });
  return { engines, events, generate, [Symbol.asyncDispose]: () => engines[Symbol.asyncDispose]() };
}

/** The shared memory in which the `obedient` engine counts its loads, parts and ended calls. */
function counters(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
}

function obedient(options: Record<string, unknown>): Partial<EngineSelection> {
  return { llm: { engine: "obedient", options } };
}

function frame(samples: Float32Array, startMs = 0): AudioFrame {
  return { samples, sampleRateHz: 16_000, startMs, gap: false };
}

async function textOf(parts: AsyncIterable<LlmPart>): Promise<string> {
  const all = await Array.fromAsync(parts);
  return all.map((part) => part.type === "text" ? part.delta : "").join("|");
}

/** Reads the first part, then aborts while the engine does what `command` says. */
async function abortDuring(
  command: string,
  generate: (command: string, signal: AbortSignal) => AsyncIterable<LlmPart>,
) {
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const _ of generate(command, controller.signal)) controller.abort("enough");
  }, (reason) => reason === "enough");
}

const modelError = (error: unknown): boolean => error instanceof ParleyError && error.code === "MODEL_ERROR";
const failures = (events: EngineEvent[]): EngineEvent[] => events.filter(({ type }) => type === "failed");

Deno.test("host: engines in workers look as if they were local", async () => {
  await using loaded = await load();
  const { engines } = loaded;
  assert.equal(engines.llm.model, "obedient");
  assert.deepEqual(engines.tts.voices, ["clack"]);
  assert.equal(engines.tts.sampleRateHz, 1000);
  assert.equal(await engines.turn.completion({ audio: Float32Array.of(0, 0.5) }, { signal: forever }), 0.5);
  assert.deepEqual(engines.names, {
    vad: "peak",
    turn: "loudness",
    stt: "ruler",
    llm: "obedient",
    tts: "typewriter",
  });
  const [chunk] = await Array.fromAsync(engines.tts.synthesize("hello", { signal: forever }));
  assert.deepEqual([chunk?.frame.samples.length, chunk?.textEnd], [5, 5]);
});

Deno.test("host: transcripts come while audio is still being pushed, and the caller keeps the audio", async () => {
  await using loaded = await load();
  const samples = new Float32Array(160).fill(0.5);
  const heard = Promise.withResolvers<void>();
  const texts: string[] = [];
  async function* audio() {
    yield frame(samples);
    await heard.promise; // The second frame is not there before the first is transcribed.
    yield frame(samples.subarray(0, 80));
  }
  for await (const { text } of loaded.engines.stt.transcribe(audio(), { signal: forever })) {
    texts.push(text);
    heard.resolve();
  }
  assert.deepEqual(texts, ["10", "15", "15"]);
  assert.equal(samples.length, 160);
});

Deno.test("host: a failing source of audio fails the call", async () => {
  await using loaded = await load();
  async function* audio(): AsyncIterable<AudioFrame> {
    yield frame(new Float32Array(160));
    throw new ParleyError("DEVICE_ERROR", "The microphone is gone");
  }
  await assert.rejects(
    Array.fromAsync(loaded.engines.stt.transcribe(audio(), { signal: forever })),
    { code: "DEVICE_ERROR" },
  );
});

Deno.test("host: voice-activity streams have a memory each", async () => {
  await using loaded = await load();
  const { vad } = loaded.engines;
  using loud = vad.open();
  using quiet = vad.open();
  const say = (level: number) => frame(new Float32Array(512).fill(level));
  assert.equal(await loud.probability(say(0.5), { signal: forever }), 0.5);
  assert.equal(await quiet.probability(say(0.25), { signal: forever }), 0.25);
  assert.equal(await loud.probability(say(0), { signal: forever }), 0.5);
});

Deno.test("host: an engine runs ahead of a slow consumer by the window and no further", async () => {
  const seen = counters();
  await using loaded = await load(obedient({ seen }));
  const { generate } = loaded;
  const parts = generate("count")[Symbol.asyncIterator]();
  await parts.next();
  const producedAhead = async () => {
    const before = Atomics.load(seen, 1);
    await textOf(generate("something else")); // A round trip, in which the engine could go on.
    return before === Atomics.load(seen, 1) ? before : undefined;
  };
  let produced;
  while ((produced = await producedAhead()) === undefined);
  assert.ok(produced > 0 && produced <= OUTPUT_WINDOW + 1, `${produced} parts ahead`);
  for (let expected = 0; expected < 100; expected++) {
    assert.deepEqual((await parts.next()).value, { type: "text", delta: `${expected}` });
  }
  assert.equal((await parts.next()).value?.type, "end");
  assert.equal((await parts.next()).done, true);
});

Deno.test("host: an abort stops a loop that never lets its thread receive a message", async () => {
  const seen = counters();
  await using loaded = await load(obedient({ seen }));
  await abortDuring("spin", loaded.generate);
  assert.equal(await textOf(loaded.generate("hello")), "load 1|");
  assert.equal(Atomics.load(seen, 2), 3); // Warm-up, the aborted call, and the one after it.
  assert.deepEqual(failures(loaded.events), []);
});

Deno.test("host: a call aborted beforehand never reaches the engine", async () => {
  const seen = counters();
  await using loaded = await load(obedient({ seen }));
  await assert.rejects(
    textOf(loaded.generate("hello", AbortSignal.abort("no"))),
    (reason) => reason === "no",
  );
  await textOf(loaded.generate("hello"));
  assert.equal(Atomics.load(seen, 2), 2);
});

Deno.test("host: a consumer that leaves early ends the call in the engine", async () => {
  const seen = counters();
  await using loaded = await load(obedient({ seen }), { deafMs: 60_000 });
  for await (const _ of loaded.generate("spin")) break;
  await textOf(loaded.generate("hello")); // Would wait for ever behind a loop still spinning.
  assert.equal(Atomics.load(seen, 2), 3);
});

for (const command of ["block", "wait deaf"]) {
  Deno.test(`host: an engine deaf to the abort ("${command}") is replaced`, async () => {
    await using loaded = await load({}, { deafMs: 20 });
    const failed = Promise.withResolvers<void>();
    const push = loaded.events.push.bind(loaded.events);
    loaded.events.push = (event) => (event.type === "failed" && failed.resolve(), push(event));
    await abortDuring(command, loaded.generate);
    await failed.promise;
    assert.equal(await textOf(loaded.generate("hello")), "load 1|");
    assert.equal(failures(loaded.events).length, 1);
    assert.equal(loaded.events.at(-1)?.type, "ready");
  });
}

for (const command of ["die", "throw later"]) {
  Deno.test(`host: a thread that ends in the middle of a call ("${command}") fails it, and the next works`, async () => {
    const seen = counters();
    await using loaded = await load(obedient({ seen }));
    const bystander = loaded.generate("count")[Symbol.asyncIterator]();
    await bystander.next();
    await assert.rejects(textOf(loaded.generate(command)), (error) => {
      assert.ok(modelError(error) && error instanceof ParleyError && error.recoverable);
      return true;
    });
    await assert.rejects(async () => {
      while (!(await bystander.next()).done);
    }, modelError);
    assert.equal(await textOf(loaded.generate("hello")), "load 2|");
  });
}

Deno.test("host: a restart that fails is told to the call that waits, and tried again", async () => {
  await using loaded = await load(obedient({ seen: counters(), failingLoads: [2, 3] }));
  await assert.rejects(textOf(loaded.generate("die")), modelError);
  await assert.rejects(textOf(loaded.generate("hello")), modelError);
  await assert.rejects(textOf(loaded.generate("hello")), modelError);
  assert.equal(await textOf(loaded.generate("hello")), "load 4|");
  assert.equal(failures(loaded.events).length, 3);
});

Deno.test("host: a call that waits for a restart can be aborted", async () => {
  await using loaded = await load(obedient({ seen: counters(), failingLoads: [2] }));
  await assert.rejects(textOf(loaded.generate("die")), modelError);
  const controller = new AbortController();
  const waiting = textOf(loaded.generate("hello", controller.signal));
  controller.abort("enough");
  await assert.rejects(waiting, (reason) => reason === "enough");
});

Deno.test("host: an error in a call leaves the engine alive and tells no path", async () => {
  await using loaded = await load();
  await assert.rejects(textOf(loaded.generate("throw")), (error) => {
    assert.ok(error instanceof ParleyError && error.code === "MODEL_ERROR");
    assert.doesNotMatch(error.message, /somebody/);
    return true;
  });
  assert.equal(await textOf(loaded.generate("hello")), "load 1|");
  assert.deepEqual(failures(loaded.events), []);
});

Deno.test("host: numbers that make no sense are an error, not silence", async () => {
  await using loaded = await load();
  const { vad, tts } = loaded.engines;
  using stream = vad.open();
  await assert.rejects(
    stream.probability(frame(new Float32Array(512).fill(NaN)), { signal: forever }),
    modelError,
  );
  await assert.rejects(Array.fromAsync(tts.synthesize("NaN", { signal: forever })), modelError);
  assert.equal((await Array.fromAsync(tts.synthesize("ok", { signal: forever }))).length, 1);
});

Deno.test("host: an engine that cannot be loaded leaves none loaded", async () => {
  await assert.rejects(load(obedient({ seen: counters(), failingLoads: [1] })), (error) => {
    assert.ok(error instanceof ParleyError && error.code === "MODEL_ERROR");
    assert.doesNotMatch(error.message, /somebody/);
    return true;
  });
});

Deno.test("host: loading can be aborted", async () => {
  const controller = new AbortController();
  const loading = load({}, { signal: controller.signal });
  controller.abort("enough");
  await assert.rejects(loading, (reason) => reason === "enough");
});

Deno.test("host: unloading fails the calls under way", async () => {
  const { engines, generate } = await load();
  const call = generate("spin")[Symbol.asyncIterator]();
  await call.next();
  await engines[Symbol.asyncDispose]();
  await assert.rejects(call.next(), { code: "UNAVAILABLE" });
  await assert.rejects(textOf(generate("hello")), { code: "UNAVAILABLE" });
});

Deno.test("host: an inline engine runs on the main thread", async () => {
  const seen = counters();
  await using loaded = await load({ llm: { engine: "here", options: { seen } } });
  assert.equal(await textOf(loaded.generate("hello")), "load 1|");
});

Deno.test("host: an unknown engine is NOT_FOUND and names those there are", async () => {
  await assert.rejects(load({ llm: { engine: "toString" } }), {
    code: "NOT_FOUND",
    message: /obedient, here/,
  });
});

Deno.test("host: wrong options are a VALIDATION_ERROR that names them", async () => {
  await assert.rejects(load(obedient({ failingLoads: ["x"] })), {
    code: "VALIDATION_ERROR",
    message: /failingLoads/,
  });
});
