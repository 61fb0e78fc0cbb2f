/** Exchanging engines while turns go on. */
import assert from "node:assert/strict";
import { loadEngines, type LoadOptions } from "../../models/host.ts";
import type { EngineChoice, EngineSelection } from "../../models/profiles.ts";
import type { LanguageModel, LlmPart } from "../../pipeline/engines.ts";
import { Listening } from "../../pipeline/listening.ts";
import { comeBack } from "../../src/models/come_back.ts";
import { BROKEN_REGISTRY } from "../support/broken_engines.ts";

const forever = new AbortController().signal;
const WORKING = {
  vad: { engine: "peak" },
  stt: { engine: "ruler" },
  llm: { engine: "obedient", name: "first" },
  tts: { engine: "typewriter" },
};
const SECOND: EngineChoice = { engine: "obedient", name: "second" };

function load(choices: Partial<EngineSelection> = {}, onEvent: LoadOptions["onEvent"] = () => {}) {
  const workerUrl = new URL("../support/broken_worker.ts", import.meta.url);
  return loadEngines({ ...WORKING, ...choices }, {
    signal: forever,
    catalogue: { registry: BROKEN_REGISTRY, workerUrl },
    onEvent,
  });
}

const ask = (llm: LanguageModel, content: string, signal = forever): AsyncIterable<LlmPart> =>
  llm.generate([{ role: "user", content }], { signal });

async function isLoaded(llm: LanguageModel): Promise<boolean> {
  return await Array.fromAsync(ask(llm, "hello")).then(() => true, () => false);
}

Deno.test("pool: a turn keeps the engines it began with, the next one gets the new", async () => {
  await using engines = await load();
  const before = engines.lease();
  const { name, loadMs } = await engines.exchange("llm", SECOND, { signal: forever });
  assert.equal(name, "second");
  assert.ok(loadMs > 0);
  assert.deepEqual(engines.names, {
    vad: "peak",
    turn: "starter-turn",
    stt: "ruler",
    llm: "second",
    tts: "typewriter",
  });
  using after = engines.lease();
  assert.notEqual(before.llm, after.llm);
  assert.equal(before.stt, after.stt);
  assert.deepEqual([await isLoaded(before.llm), await isLoaded(after.llm)], [true, true]);
  before[Symbol.dispose]();
  before[Symbol.dispose](); // Twice is once.
  assert.equal(await isLoaded(before.llm), false, "nobody uses it any more");
  assert.equal(await isLoaded(after.llm), true);
});

Deno.test("pool: the old one is unloaded after the last of several leases, not the first", async () => {
  await using engines = await load();
  const leases = [engines.lease(), engines.lease()] as const;
  await engines.exchange("llm", SECOND, { signal: forever });
  leases[0][Symbol.dispose]();
  assert.equal(await isLoaded(leases[1].llm), true);
  leases[1][Symbol.dispose]();
  assert.equal(await isLoaded(leases[1].llm), false);
});

Deno.test("pool: a microphone keeps its detector, not the model that was exchanged while it is open", async () => {
  await using engines = await load();
  const { llm } = engines;
  const ending = new AbortController();
  const listening = new Listening({
    engines,
    signal: ending.signal,
    microphone: {
      async *open({ signal, sampleRateHz }) {
        yield { samples: new Float32Array(1024).fill(0.5), sampleRateHz, startMs: 0, gap: false };
        await new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
      },
    },
    settings: {
      speechThreshold: 0.5,
      silenceThreshold: 0.35,
      minSpeechMs: 60,
      pauseMs: 200,
      endpointMs: 500,
      unfinishedMs: 1500,
      maxUtteranceMs: 10_000,
    },
  });
  listening.active = true;
  const events = listening.events()[Symbol.asyncIterator]();
  for (let frame = 0; frame < 2; frame++) assert.equal((await events.next()).value?.type, "frame");
  await engines.exchange("llm", SECOND, { signal: forever });
  assert.equal(await isLoaded(llm), false, "nobody uses it any more");
  const over = events.next();
  ending.abort(new Error("over"));
  await assert.rejects(over, /over/);
});

Deno.test("pool: what cannot be loaded leaves the old in its place", async () => {
  await using engines = await load();
  const { llm } = engines;
  const broken = { engine: "obedient", options: { failingLoads: [1] } };
  await assert.rejects(engines.exchange("llm", broken, { signal: forever }), { code: "MODEL_ERROR" });
  await assert.rejects(engines.exchange("llm", { engine: "nobody" }, { signal: forever }), {
    code: "NOT_FOUND",
  });
  const aborted = AbortSignal.abort(new Error("changed my mind"));
  await assert.rejects(engines.exchange("llm", SECOND, { signal: aborted }), /changed my mind/);
  assert.equal(engines.llm, llm);
  assert.equal(engines.names.llm, "first");
  assert.equal(await isLoaded(llm), true);
});

Deno.test("pool: exchanges asked for at once come one after the other, and the last one stays", async () => {
  await using engines = await load();
  const names = ["a", "b", "c"];
  const order: string[] = [];
  await Promise.all(names.map(async (name) => {
    await engines.exchange("llm", { engine: "obedient", name }, { signal: forever });
    order.push(name);
  }));
  assert.deepEqual(order, names);
  assert.equal(engines.names.llm, "c");
  assert.equal(await isLoaded(engines.llm), true);
});

Deno.test("pool: disposing of it ends what is leased, retired or still being loaded", async () => {
  const engines = await load();
  const lease = engines.lease();
  await engines.exchange("llm", SECOND, { signal: forever });
  const loading = engines.exchange("stt", { engine: "ruler", name: "late" }, { signal: forever });
  await engines[Symbol.asyncDispose]();
  await loading.catch(() => {}); // It may have been just in time, and was unloaded then.
  assert.deepEqual([await isLoaded(lease.llm), await isLoaded(engines.llm)], [false, false]);
});

Deno.test("pool: who cannot be loaded at the start is stood in for, told, and comes back when it can", async () => {
  const seen = new Int32Array(new SharedArrayBuffer(12));
  const chosen: EngineChoice = {
    engine: "obedient",
    name: "server",
    options: { seen, failingLoads: [1, 2] },
    fallback: [{ engine: "obedient", name: "starter" }],
  };
  const told: string[] = [];
  await using engines = await load({ llm: chosen }, (event) => {
    if (event.type === "replaced") told.push(`${event.engine} ${event.error.code}`);
  });
  assert.deepEqual([engines.names.llm, told], ["starter", ["server MODEL_ERROR"]]);
  assert.equal(await isLoaded(engines.llm), true);
  const [absent] = engines.absent;
  const back = await comeBack(absent!, { engines, signal: forever, firstWaitMs: 1 });
  assert.deepEqual([back?.name, engines.names.llm, seen[0]], ["server", "server", 3]);
  const over = comeBack(absent!, { engines, signal: AbortSignal.abort(new Error("over")) });
  await assert.rejects(over, /over/);
});

Deno.test("pool: settings that make no sense are not stood in for, nor is what has nobody", async () => {
  const fallback = [{ engine: "obedient" }];
  const wrong = { engine: "obedient", options: { nonsense: true }, fallback };
  await assert.rejects(load({ llm: wrong }), { code: "VALIDATION_ERROR" });
  await assert.rejects(load({ llm: { engine: "nobody", fallback } }), {
    code: "NOT_FOUND",
    message: /no llm engine "nobody"/,
  });
  await assert.rejects(load({ llm: { engine: "obedient", options: { failingLoads: [1] } } }), {
    code: "MODEL_ERROR",
  });
});
