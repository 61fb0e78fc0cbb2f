/** The loop over WAV files: the real engines in their workers, no device and no socket. */
import assert from "node:assert/strict";
import { concatSamples } from "../../pipeline/audio.ts";
import type { Fact } from "../../pipeline/events.ts";
import { startApp } from "../../src/app.ts";
import { encodeWav, readWav } from "../../src/audio/wav.ts";
import { readConfig } from "../../src/config.ts";
import { TestClient } from "../support/server_process.ts";
import { fixture } from "../support/virtual_audio.ts";

const RATE_HZ = 16_000;
const silence = (ms: number) => new Float32Array(RATE_HZ * ms / 1000);

/** Steady noise at about −40 dB, the same every time. */
function noise(ms: number): Float32Array {
  let seed = 7;
  return silence(ms).map(() => 0.02 * ((seed = (seed * 1103515245 + 12345) % 2147483648) / 1073741824 - 1));
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parley-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const configOf = (...flags: string[]) =>
  readConfig({ flags: ["--port", "0", "--development", ...flags], environment: {} }).config;

Deno.test("app: speech in a file is answered in a file; noise before it is nothing", () =>
  withFolder(async (folder) => {
    const question = (await fixture("speech/michael_day.wav")).samples;
    const samples = concatSamples([silence(500), noise(1500), silence(500), question, silence(500)]);
    await Deno.writeFile(`${folder}/in.wav`, encodeWav({ samples, sampleRateHz: RATE_HZ }));
    const facts: Fact[] = [];
    const ended = Promise.withResolvers<void>();
    await using app = await startApp(
      configOf(
        "--audio-backend",
        "wav",
        "--audio-wav-input",
        `${folder}/in.wav`,
        "--audio-wav-output",
        `${folder}/out.wav`,
      ),
      {
        onFact(fact) {
          facts.push(fact);
          if (fact.type === "turn.end") ended.resolve();
        },
      },
    );
    app.local.conversation.startListening("continuous");
    await ended.promise;
    const of = <T extends Fact["type"]>(type: T) =>
      facts.filter((fact) => fact.type === type) as Extract<Fact, { type: T }>[];
    assert.equal(of("turn.start").length, 1, "noise opened no turn");
    assert.equal(of("stt.result")[0]!.text, "what day is it today");
    assert.equal(of("turn.end")[0]!.reason, "completed");
    const { heardMs, spokenText } = of("playback.end")[0]!;
    assert.match(spokenText, new RegExp(String(new Date().getFullYear())));
    const spoken = await readWav(`${folder}/out.wav`);
    assert.ok(
      Math.abs(spoken.samples.length * 1000 / spoken.sampleRateHz - heardMs) < 1,
      "all of it is in the file",
    );
    assert.ok(spoken.samples.some((sample) => Math.abs(sample) > 0.1));
  }));

Deno.test("app: a client brings its own microphone and hears the answer in its own session", async () => {
  await using app = await startApp(configOf("--audio-backend", "null"));
  await using client = new TestClient(`${app.url}/mine`);
  await client.next("replay");
  await client.ask("subscribe", { events: ["*"], audio: true });
  await client.ask("audio_start", { sample_rate: RATE_HZ, format: "pcm16" });
  await client.ask("stt_start", { mode: "continuous" });
  const { samples } = await fixture("speech/f5_day.wav");
  const all = concatSamples([silence(300), samples, silence(900)]);
  for (let at = 0; at < all.length; at += RATE_HZ / 50) {
    client.socket.send(
      encodeWav({ samples: all.slice(at, at + RATE_HZ / 50), sampleRateHz: RATE_HZ }).slice(44),
    );
    await new Promise((resolve) => setTimeout(resolve, 19));
  }
  await client.next("turn_end");
  assert.equal(client.all("stt_result")[0]!.data.text, "what day is it today");
  const soundMs = client.frames.reduce((sum, frame) => {
    const view = new DataView(frame);
    const progress = client.all("tts_progress").find((event) => event.seq === view.getUint32(0, true));
    assert.ok(progress, "each stretch of sound names its tts_progress");
    return sum + (frame.byteLength - 8) / 2 * 1000 / view.getUint32(4, true);
  }, 0);
  assert.ok(Math.abs(soundMs - client.all("tts_result")[0]!.data.audio_ms) < 50, `${soundMs}`);
  assert.equal(app.local.session.lastSeq, 2, "the local session has only seen its own start");
});

Deno.test("app: the demo goes through the real pipeline, line by line", async () => {
  await using app = await startApp(configOf("--audio-backend", "null"));
  await using client = new TestClient(app.url);
  await client.next("replay");
  const { data: { steps } } = await client.ask("demo_flow");
  assert.equal((await client.ask("demo_flow")).data.steps, steps, "starting twice is starting once");
  const turns = Number(steps);
  for (let turn = 0, from = 0; turn < turns; turn++) {
    await client.next("turn_end", { from });
    from = client.events.findIndex((event, index) => index >= from && event.type === "turn_end") + 1;
  }
  await app.local.demoEnded();
  assert.ok(turns >= 6);
  assert.deepEqual(client.all("turn_start").map((event) => event.data.source), Array(turns).fill("demo"));
  assert.deepEqual(client.all("turn_end").map((event) => event.data.reason), Array(turns).fill("completed"));
  assert.deepEqual(client.all("tool_call").map((event) => event.data.name), [
    "get_time",
    "set_timer",
    "calculate",
    "memory_store",
    "memory_recall",
  ]);
  assert.equal(client.all("latency_trace").length, turns);
  assert.equal(app.local.conversation.mode, undefined, "afterwards it listens as before: not at all");
});
