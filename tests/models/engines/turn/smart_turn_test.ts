/** Smart Turn's interface, with a network that knows nothing but who is quiet at the end. */
import assert from "node:assert/strict";
import { loadEngine } from "../../../../models/host.ts";
import { LISTENING_RATE_HZ } from "../../../../pipeline/engines.ts";
import expected from "../../../fixtures/hub/expected.json" with { type: "json" };
import { recording } from "../../../support/recordings.ts";

const { signal } = new AbortController();
const model = new URL("../../../fixtures/hub/tiny/smart-turn/", import.meta.url).href;
const load = (options: Readonly<Record<string, unknown>> = {}) =>
  loadEngine("turn", {
    engine: "smart_turn",
    options: { model, file: "smart-turn-v3.2-cpu.onnx", ...options },
  }, { signal });

Deno.test("smart turn: sound is prepared as its makers prepare it", async () => {
  await using turn = await load();
  const samples = await recording("speech/michael_timer.wav");
  for (const { samples: cut, probability } of expected["tiny/smart-turn"].cases) {
    const found = await turn.completion({ audio: samples.subarray(0, cut) }, { signal });
    assert.ok(Math.abs(found! - probability) < 1e-3, `${found} against ${probability}`);
  }
});

Deno.test("smart turn: only the last 8 s count, and nothing at all is no crash", async () => {
  await using turn = await load();
  const long = new Float32Array(20 * LISTENING_RATE_HZ).map((_, i) => 0.3 * Math.sin(i * i / 1e5));
  const [whole, end] = [
    await turn.completion({ audio: long }, { signal }),
    await turn.completion({ audio: long.subarray(-8 * LISTENING_RATE_HZ) }, { signal }),
  ];
  assert.equal(whole, end);
  assert.ok(Number.isFinite(await turn.completion({ audio: new Float32Array(0) }, { signal })));
});

Deno.test("smart turn: a file that is not there, or is no model, is told without a path", async () => {
  await assert.rejects(load({ file: "other.onnx" }), { code: "NOT_FOUND", message: /other\.onnx/ });
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/broken.onnx`, "no model");
  await assert.rejects(load({ model: folder, file: "broken.onnx" }), (error: Error & { code: string }) => {
    assert.equal(error.code, "MODEL_ERROR");
    assert.ok(!error.message.includes(folder));
    return true;
  });
  await Deno.remove(folder, { recursive: true });
});
