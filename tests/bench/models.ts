/** What workers, exchanges, follow-ups and pulls cost. */
import { findModel } from "../../models/catalog.ts";
import { transformers } from "../../models/engines/llm/transformers.ts";
import { ctc } from "../../models/engines/stt/ctc.ts";
import { flite } from "../../models/engines/tts/flite.ts";
import { silero } from "../../models/engines/vad/silero.ts";
import type { EngineSpec } from "../../models/engine_spec.ts";
import { loadEngine } from "../../models/host.ts";
import type { EngineChoice } from "../../models/profiles.ts";
import { starterChoice } from "../../models/selection.ts";
import { ModelStore } from "../../models/store/model_store.ts";
import { pullModel } from "../../models/store/pull.ts";
import {
  type Engines,
  LISTENING_RATE_HZ,
  type Message,
  type Task,
  VAD_FRAME_SAMPLES,
} from "../../pipeline/engines.ts";
import { percentilesOf } from "../../src/sessions/metrics.ts";
import { serveModels } from "../support/model_hub.ts";
import { startServerProcess, type TestClient } from "../support/server_process.ts";
import { serveTinyModels } from "../support/tiny_models.ts";
import { plot } from "./plot.ts";
import type { Figure } from "./report.ts";

const { signal } = new AbortController();
/** Where the plot of the README lies. */
const PLOT = new URL("../../models/engines/llm/follow_up.svg", import.meta.url);

/** Every figure of models that the README claims. */
export async function modelFigures(): Promise<Figure[]> {
  return [
    ...await workerFigures(),
    ...await exchangeFigures(),
    ...await followUpFigures(),
    ...await pullFigures(),
  ];
}

const CALLS = 200;

/** The same call of an engine on this thread and in a worker, in turn. */
async function workerFigures(): Promise<Figure[]> {
  const over = `${CALLS} calls each way, in turn: median against median`;
  const figure = (task: string, value: number): Figure => (
    { name: `a worker adds to a call: ${task}`, value, unit: "ms", limit: 2, over }
  );
  return [
    figure("voice activity", await added("vad", silero, (vad) => vadCall(vad))),
    figure("speech-to-text", await added("stt", ctc, (stt) => drain(stt.transcribe(second(), { signal })))),
    figure(
      "language model",
      await added(
        "llm",
        transformers,
        (llm) => drain(llm.generate([{ role: "user", content: "good night" }], { signal })),
      ),
    ),
    figure(
      "text-to-speech",
      await added("tts", flite, (tts) => drain(tts.synthesize("It is three forty two.", { signal }))),
    ),
  ];
}

async function added<K extends Task>(
  task: K,
  spec: EngineSpec<K>,
  call: (engine: Engines[K]) => Promise<void>,
): Promise<number> {
  const choice: EngineChoice = starterChoice(task);
  await using remote = await loadEngine(task, choice, { signal });
  await using local = await spec.load(spec.options.parse(choice.options ?? {}), { signal });
  const times = { local: [] as number[], remote: [] as number[] };
  for (let round = 0; round < CALLS + 5; round++) {
    for (const [side, engine] of [["local", local], ["remote", remote]] as const) {
      const startMs = performance.now();
      await call(engine);
      if (round >= 5) times[side].push(performance.now() - startMs);
    }
  }
  return percentilesOf(times.remote).p50 - percentilesOf(times.local).p50;
}

async function vadCall(vad: Engines["vad"]): Promise<void> {
  using stream = vad.open();
  for await (const frame of second(VAD_FRAME_SAMPLES)) {
    await stream.probability(frame, { signal });
    return;
  }
}

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

/** A second of sound at once: in pieces, a worker that gets them one by one would read more often. */
async function* second(samplesInFrame = LISTENING_RATE_HZ) {
  const samples = new Float32Array(samplesInFrame).map((_, i) => 0.3 * Math.sin(i * i / 900));
  yield { samples, sampleRateHz: LISTENING_RATE_HZ, startMs: 0, gap: false };
}

const TURNS = 20;

/** From the command to the first sound of turns during which a language model is loaded and takes over. */
async function exchangeFigures(): Promise<Figure[]> {
  const folder = await Deno.makeTempDir();
  await using hub = await serveTinyModels();
  await using server = await startServerProcess(["--audio-backend", "null", "--models-folder", folder], {
    HF_ENDPOINT: hub.endpoint,
  });
  await using client = await server.connect();
  await client.ask("pull_model", { name: "smollm2-360m" });
  await client.next("model_ready");
  const usual: number[] = [];
  const exchanging: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    usual.push(await firstSoundMs(client));
    const from = client.events.length;
    await client.ask("load_model", { task: "llm", name: turn % 2 ? "starter-llm" : "smollm2-360m" });
    await new Promise((resolve) => setTimeout(resolve, 40 * turn % 400)); // At every moment of the loading.
    exchanging.push(await firstSoundMs(client));
    await client.next("model_ready", { from });
  }
  await Deno.remove(folder, { recursive: true });
  const value = Math.max(...exchanging) - percentilesOf(usual).p50;
  const over = `the slowest of ${TURNS} turns against the median of ${TURNS} without`;
  return [{ name: "an exchange of models delays a turn by", value, unit: "ms", limit: 100, over }];
}

async function firstSoundMs(client: TestClient): Promise<number> {
  const from = client.events.length;
  const startMs = performance.now();
  await client.ask("say", { text: "Well." });
  await client.next("voice_speaking", { from, where: (event) => event.data.speaking });
  const ms = performance.now() - startMs;
  await client.next("turn_end", { from });
  return ms;
}

/** Tokens of history after which the first token of a follow-up is timed. */
const HISTORIES = [100, 200, 300, 400, 500, 600, 700, 800];
const FOLLOW_UPS = 25;

/** The first token of a follow-up after longer and longer conversations, read as a whole and read on. */
async function followUpFigures(): Promise<Figure[]> {
  const whole = await firstTokens({ kept_prompts: 0 });
  const readOn = await firstTokens({});
  const series = [
    { name: "everything read again", color: "#d97706", points: whole },
    { name: "only what is new", color: "#0891b2", points: readOn },
  ];
  await Deno.writeTextFile(
    PLOT,
    plot(series, {
      title: "A follow-up's first token (starter model)",
      xLabel: "tokens of the conversation before it",
      yLabel: "ms",
    }),
  );
  const last = { whole: whole.at(-1)!.y, readOn: readOn.at(-1)!.y };
  const over = `${FOLLOW_UPS} follow-ups after ${HISTORIES.at(-1)} tokens, median`;
  return [
    { name: "a follow-up's first token, everything read again", value: last.whole, unit: "ms", over },
    { name: "a follow-up's first token, only what is new", value: last.readOn, unit: "ms", over },
    {
      name: "the same after 800 tokens against after 100",
      value: last.readOn / readOn[0]!.y,
      unit: "times",
      limit: 2,
      over: "medians",
    },
  ];
}

async function firstTokens(options: Readonly<Record<string, unknown>>): Promise<{ x: number; y: number }[]> {
  const starter = starterChoice("llm").options ?? {};
  await using llm = await loadEngine("llm", {
    engine: "transformers",
    options: { model: starter["model"], max_new_tokens: 8, ...options },
  }, { signal });
  const points: { x: number; y: number }[] = [];
  const messages: Message[] = [{ role: "system", content: "You are Parley, a helpful voice assistant." }];
  for (const history of HISTORIES) {
    const times: number[] = [];
    let tokens = 0;
    while (times.length < FOLLOW_UPS) {
      messages.push({ role: "user", content: "tell me a joke please" });
      const startMs = performance.now();
      let first: number | undefined;
      for await (const part of llm.generate(messages, { signal })) {
        first ??= performance.now() - startMs;
        if (part.type === "end") tokens = part.usage.inputTokens;
      }
      messages.push({ role: "assistant", content: "Why not?" });
      // Until it is long enough only the conversation grows.
      if (tokens >= history) {
        times.push(first!);
        messages.splice(-2);
      }
    }
    points.push({ x: tokens, y: percentilesOf(times).p50 });
  }
  return points;
}

const BYTES_PER_SECOND = 40e6;
const PULLED_BYTES = 80_000_000;

/** How much of a hub's bandwidth a pull uses. */
async function pullFigures(): Promise<Figure[]> {
  const folder = await Deno.makeTempDir();
  const weights = new Uint8Array(PULLED_BYTES);
  for (let at = 0; at < PULLED_BYTES; at += 65_536) crypto.getRandomValues(weights.subarray(at, at + 65_536));
  const model = findModel("mms-tts-eng");
  const [variant] = model.variants;
  const small = Object.fromEntries(model.files.map(({ path }) => [path, new Uint8Array(2000)]));
  await using hub = await serveModels({
    [model.source!.repository]: { ...small, [variant!.files[0]!.path]: weights },
  }, { bytesPerSecond: BYTES_PER_SECOND });
  const store = new ModelStore(folder);
  const startMs = performance.now();
  await pullModel(model, variant!, { store, hub: { endpoint: hub.endpoint }, signal });
  const seconds = (performance.now() - startMs) / 1000;
  await Deno.remove(folder, { recursive: true });
  const idealSeconds = PULLED_BYTES / BYTES_PER_SECOND;
  const over = `${PULLED_BYTES / 1e6} MB from a hub throttled to ${BYTES_PER_SECOND / 1e6} MB/s`;
  return [{
    name: "a pull takes, against the bandwidth alone",
    value: seconds / idealSeconds,
    unit: "times",
    limit: 1.1,
    over,
  }];
}
