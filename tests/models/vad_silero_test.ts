import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LISTENING_RATE_HZ, VAD_FRAME_SAMPLES } from "../../pipeline/engines.ts";
import { silero } from "../../models/engines/vad/silero.ts";
import { loadEngine } from "../../models/host.ts";
import { starterChoice } from "../../models/selection.ts";
import { recording } from "../support/recordings.ts";

const model = String(starterChoice("vad").options?.["model"]);
const call = { signal: new AbortController().signal };
const VOICE = 0.5;

async function scores(backend: "native" | "wasm", samples: Float32Array): Promise<number[]> {
  await using vad = await loadEngine("vad", { engine: "silero", options: { model, backend } }, call);
  using stream = vad.open();
  const all: number[] = [];
  for (let at = 0; at + VAD_FRAME_SAMPLES <= samples.length; at += VAD_FRAME_SAMPLES) {
    all.push(await stream.probability(frame(samples.subarray(at, at + VAD_FRAME_SAMPLES)), call));
  }
  return all;
}

function frame(samples: Float32Array) {
  return { samples, sampleRateHz: LISTENING_RATE_HZ, startMs: 0, gap: false };
}

Deno.test("silero: the weights are those that @ricky0123/vad-web 0.0.31 ships", async () => {
  const digest = createHash("sha256").update(await Deno.readFile(new URL(model))).digest("hex");
  assert.equal(digest, "2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f");
});

Deno.test("silero: native and WebAssembly runtimes give the same scores within 1e-3", async () => {
  const samples = await recording("jfk.wav");
  const native = await scores("native", samples);
  const wasm = await scores("wasm", samples);
  assert.equal(native.length, 343);
  assert.equal(wasm.length, native.length);
  const difference = Math.max(...native.map((score, index) => Math.abs(score - wasm[index]!)));
  assert.ok(difference < 1e-3, `${difference} apart`);
});

Deno.test("silero: hears a voice where there is one and none in the pauses", async () => {
  const all = await scores("native", await recording("jfk.wav"));
  const voiced = (fromMs: number, toMs: number) =>
    all.slice(fromMs / 32, toMs / 32).filter((score) => score > VOICE).length / ((toMs - fromMs) / 32);
  assert.ok(voiced(320, 2080) > 0.9, "And so, my fellow Americans");
  assert.ok(voiced(2400, 3200) === 0, "the pause after it");
  assert.ok(voiced(8640, 10240) > 0.9, "what you can do for your country");
});

Deno.test("silero: hears no voice in silence and noise", async () => {
  let seed = 1;
  const random = () => (seed = seed * 48_271 % 0x7fffffff) / 0x7fffffff - 0.5;
  const noise = Float32Array.from({ length: LISTENING_RATE_HZ * 2 }, () => 0.1 * random());
  for (const sound of [new Float32Array(LISTENING_RATE_HZ * 2), noise]) {
    assert.ok((await scores("native", sound)).every((score) => score < VOICE));
  }
});

Deno.test("silero: after a gap it has forgotten what came before", async () => {
  const samples = await recording("jfk.wav");
  await using vad = await silero.load({ model, backend: "native" }, call);
  using fresh = vad.open();
  using used = vad.open();
  for (let at = 0; at < 20; at++) {
    await used.probability(
      frame(samples.subarray(at * VAD_FRAME_SAMPLES, (at + 1) * VAD_FRAME_SAMPLES)),
      call,
    );
  }
  const next = samples.subarray(20 * VAD_FRAME_SAMPLES, 21 * VAD_FRAME_SAMPLES);
  const expected = await fresh.probability(frame(next), call);
  assert.notEqual(await used.probability(frame(next), call), expected);
  assert.equal(await used.probability({ ...frame(next), gap: true }, call), expected);
});

Deno.test("silero: a frame of the wrong size is a VALIDATION_ERROR", async () => {
  await using vad = await silero.load({ model, backend: "native" }, call);
  using stream = vad.open();
  await assert.rejects(stream.probability(frame(new Float32Array(256)), call), { code: "VALIDATION_ERROR" });
});

Deno.test("silero: a missing model is NOT_FOUND without its path", async () => {
  const missing = new URL("./nowhere/silero.onnx", import.meta.url).href;
  await assert.rejects(silero.load({ model: missing, backend: "auto" }, call), (error) => {
    assert.ok(error instanceof Error && "code" in error && error.code === "NOT_FOUND");
    assert.doesNotMatch(error.message, /nowhere/);
    return true;
  });
});
