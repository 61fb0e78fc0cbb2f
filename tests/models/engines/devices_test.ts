/** What models run on. */
import assert from "node:assert/strict";
import { loadEngine } from "../../../models/host.ts";
import { gpuDevice, thisMachine, usualThreads } from "../../../models/machine.ts";
import type { LlmPart } from "../../../pipeline/engines.ts";

const { signal } = new AbortController();
const model = new URL("../../fixtures/hub/tiny/llama/", import.meta.url).href;
const spoken = (parts: readonly LlmPart[]) =>
  parts.map((part) => part.type === "text" ? part.delta : "").join("");

async function answerOn(options: Readonly<Record<string, unknown>>): Promise<string> {
  await using llm = await loadEngine("llm", { engine: "transformers", options: { model, ...options } }, {
    signal,
  });
  return spoken(await Array.fromAsync(llm.generate([{ role: "user", content: "Hello!" }], { signal })));
}

Deno.test("devices: processor, WebAssembly and whatever is best say the same", async () => {
  const onProcessor = await answerOn({ device: "cpu" });
  assert.ok(onProcessor.length > 3, onProcessor);
  assert.equal(await answerOn({ device: "wasm" }), onProcessor);
  assert.equal(await answerOn({ device: "auto", threads: 2 }), onProcessor);
});

Deno.test("devices: one that this machine has not is a MODEL_ERROR, not a crash", async () => {
  const missing = Deno.build.os === "darwin" ? "dml" : "coreml";
  await assert.rejects(answerOn({ device: missing }), { code: "MODEL_ERROR", message: /coreml|dml/i });
});

Deno.test("devices: what is asked for is a graphics processor or it is not", () => {
  assert.deepEqual(["cpu", "wasm", "webgpu", "cuda"].map(gpuDevice), [
    undefined,
    undefined,
    "webgpu",
    "cuda",
  ]);
  assert.equal(thisMachine("cpu").gpu, false);
  assert.equal(thisMachine("webgpu").gpu, true);
  assert.ok(thisMachine().memoryBytes > 1e8);
  assert.ok(usualThreads() >= 1 && usualThreads() <= 4);
});
