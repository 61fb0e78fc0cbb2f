/** Fetching and exchanging models over the socket while the assistant talks, from a hub of very small ones. */
import assert from "node:assert/strict";
import { type App, startApp } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { findModel } from "../../../models/catalog.ts";
import { ModelStore } from "../../../models/store/model_store.ts";
import type { Manners, ModelHub } from "../../support/model_hub.ts";
import { TestClient, type WireEvent } from "../../support/server_process.ts";
import { serveTinyModels } from "../../support/tiny_models.ts";

interface House extends AsyncDisposable {
  readonly app: App;
  readonly hub: ModelHub;
  readonly store: ModelStore;
  readonly client: TestClient;
}

async function house(
  { flags = [], manners = {} }: { flags?: readonly string[]; manners?: Manners } = {},
): Promise<House> {
  await using parts = new AsyncDisposableStack();
  // Homes are called such things.
  const folder = await Deno.makeTempDir({ prefix: "mödels of me #1 %20 " });
  parts.defer(() => Deno.remove(folder, { recursive: true }));
  const hub = parts.use(await serveTinyModels(manners));
  const { config } = readConfig({
    flags: ["--port", "0", "--audio-backend", "null", "--models-folder", folder, ...flags],
    environment: {},
  });
  const environment = { ...Deno.env.toObject(), HF_ENDPOINT: hub.endpoint };
  const app = parts.use(await startApp(config, { environment }));
  const client = parts.use(new TestClient(app.url));
  await client.next("replay");
  const all = parts.move();
  return { app, hub, store: new ModelStore(folder), client, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const isOf = (name: string) => (event: WireEvent) => (event.data as { name?: string }).name === name;

/** A typed turn, to its end; returns what the model said. */
async function turn(client: TestClient, text: string): Promise<WireEvent<"llm_result">> {
  const { data: { turn_id } } = await client.ask("message", { text });
  const ofTurn = (event: WireEvent) => event.turn_id === turn_id;
  await client.next("turn_end", { where: ofTurn });
  return await client.next("llm_result", { where: ofTurn });
}

Deno.test("models: pulled over the socket with progress that every session sees, then known as here", async () => {
  await using on = await house();
  await using other = new TestClient(on.app.url.replace(/ws$/, "ws/another"));
  await other.next("session_info");
  await on.client.ask("pull_model", { name: "smollm2-360m" });
  await on.client.next("model_ready", { where: isOf("smollm2-360m") });
  const progress = on.client.all("model_progress");
  const { loaded_bytes, total_bytes } = progress.at(-1)!.data;
  assert.equal(loaded_bytes, total_bytes);
  assert.ok(total_bytes! > 100_000, `${total_bytes}`);
  await other.next("model_ready", { where: isOf("smollm2-360m") });
  const { data: { models } } = await on.client.ask("list_models", {}, "models");
  const [model] = models.filter(({ name }) => name === "smollm2-360m");
  assert.deepEqual([model?.installed, model?.loaded, model?.task], [true, false, "llm"]);
  assert.equal((await turn(on.client, "hello")).data.finish_reason, "stop", "it talks as before");
  assert.equal(on.app.models.engines.names.llm, "starter-llm");
});

Deno.test("models: one that is asked for while a turn goes on is fetched, loaded and takes over after it", async () => {
  await using on = await house();
  const from = on.client.events.length;
  const { data } = await on.client.ask("say", {
    text: "This is a long sentence, spoken while a model comes. And another.",
  });
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  const ready = await on.client.next("model_ready", { where: isOf("smollm2-360m") });
  assert.ok(ready.data.load_ms > 0);
  const update = await on.client.next("session_update", { from });
  assert.equal((update.data.models as { llm?: string }).llm, "smollm2-360m");
  const ended = await on.client.next("turn_end", { where: (event) => event.turn_id === data.turn_id });
  assert.equal(ended.data.reason, "completed");
  const start = on.client.events.length;
  await turn(on.client, "hello");
  const { data: { model } } = await on.client.next("llm_start", { from: start });
  assert.match(model, /main|a10cc1512eab/, "the new one answers");
  const again = on.client.events.length;
  await on.client.ask("load_model", { task: "llm", name: "starter-llm" });
  await on.client.next("model_ready", { from: again, where: isOf("starter-llm") });
  assert.equal(on.app.models.engines.names.llm, "starter-llm");
});

Deno.test("models: a voice that comes while another speaks does not disturb it, and speaks the next turn", async () => {
  await using on = await house();
  await on.client.ask("session_update", { voice: "rms" }, "session_update");
  const { data } = await on.client.ask("say", { text: "This is spoken by the old voice to its very end." });
  await on.client.ask("load_model", { task: "tts", name: "mms-tts-eng" });
  await on.client.next("model_ready", { where: isOf("mms-tts-eng") });
  const result = await on.client.next("tts_result", { where: (event) => event.turn_id === data.turn_id });
  assert.equal(result.data.spoken_text, "This is spoken by the old voice to its very end.");
  const settings = await on.client.ask("session_update", {}, "session_update");
  assert.notEqual(settings.data.voice, "rms", "that voice went with its engine");
  const from = on.client.events.length;
  const next = await on.client.ask("say", { text: "hello" });
  const start = await on.client.next("tts_start", {
    from,
    where: (event) => event.turn_id === next.data.turn_id,
  });
  assert.notEqual(start.data.sample_rate, 0);
  await on.client.next("tts_result", { from, where: (event) => event.turn_id === next.data.turn_id });
});

Deno.test("models: what fails is told as an event and leaves the old one at work", async () => {
  await using on = await house({
    manners: { serve: (path, bytes) => path.endsWith(".onnx") ? bytes.slice(0).fill(0) : bytes },
  });
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  const failed = await on.client.next("model_error", { where: isOf("smollm2-360m") });
  assert.equal(failed.data.code, "MODEL_ERROR");
  assert.match(failed.data.message, /other bytes/);
  await on.client.ask("pull_model", { name: "whisper-tiny" });
  const missing = await on.client.next("model_error", { where: isOf("whisper-tiny") });
  assert.equal(missing.data.code, "NOT_FOUND");
  assert.equal((await turn(on.client, "hello")).data.finish_reason, "stop");
  assert.equal(on.app.models.engines.names.llm, "starter-llm");
});

Deno.test("models: weights that are no model leave the old one at work", async () => {
  await using on = await house();
  await on.client.ask("pull_model", { name: "smollm2-360m" });
  await on.client.next("model_ready", { where: isOf("smollm2-360m") });
  const folder = on.store.folderOf(findModel("smollm2-360m"));
  const { size } = await Deno.stat(`${folder}/onnx/model_quantized.onnx`);
  await Deno.writeFile(`${folder}/onnx/model_quantized.onnx`, new Uint8Array(size));
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  const { data } = await on.client.next("model_error", { where: isOf("smollm2-360m") });
  assert.equal(data.code, "MODEL_ERROR");
  assert.doesNotMatch(data.message, /\/(tmp|home|root|var)\//);
  assert.equal((await turn(on.client, "hello")).data.finish_reason, "stop");
});

Deno.test("models: names that nobody knows are answered at once", async () => {
  await using on = await house();
  for (
    const [type, data] of [
      ["load_model", { task: "llm", name: "huge" }],
      ["load_model", { task: "tts", name: "smollm2-360m" }],
      ["pull_model", { name: "huge" }],
    ] as const
  ) {
    const { data: { code } } = await on.client.ask(type, data, "error");
    assert.equal(code, "NOT_FOUND", JSON.stringify(data));
  }
});

Deno.test("models: what is wished for and not here comes with auto_pull and takes over; without it the starter works", async () => {
  await using without = await house({ flags: ["--models-llm-name", "smollm2-360m"] });
  assert.deepEqual(without.app.models.missing.map(({ name }) => name), ["smollm2-360m"]);
  assert.equal(without.app.models.engines.names.llm, "starter-llm");
  assert.equal(without.hub.requests.length, 0, "nobody asked the network");
  without.app.models.adopt(without.app.models.missing);
  await without.client.next("model_ready", { where: isOf("smollm2-360m") });
  assert.equal(without.app.models.engines.names.llm, "smollm2-360m");
});

Deno.test("models: the precision that is set is what is fetched and loaded", async () => {
  await using on = await house({
    flags: ["--models-llm-name", "smollm2-360m", "--models-llm-dtype", "q4"],
  });
  const model = findModel("smollm2-360m");
  const [, q4] = model.variants;
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  await on.client.next("model_ready", { where: isOf("smollm2-360m") });
  assert.deepEqual(await on.store.variants(model), [q4]);
  assert.equal(on.app.models.engines.names.llm, "smollm2-360m");
});

Deno.test("models: what was asked for last is what works, however long the one before it takes to come", async () => {
  let slow = true;
  await using on = await house({
    manners: { cutAfter: (path) => slow && path.endsWith(".onnx") ? 1000 : undefined },
  });
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  await on.client.ask("load_model", { task: "llm", name: "starter-llm" });
  await on.client.next("model_ready", { where: isOf("starter-llm") });
  slow = false;
  await on.client.next("model_ready", { where: isOf("smollm2-360m") });
  assert.equal(on.app.models.engines.names.llm, "starter-llm", "fetched, but not asked for any more");
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  await on.client.ask("load_model", { task: "llm", name: "starter-llm" });
  await on.app.models.settled();
  assert.equal(on.app.models.engines.names.llm, "starter-llm", "back before it was loaded");
});

Deno.test("models: a server that was set can be gone back to", async () => {
  await using on = await house({
    flags: [
      "--models-llm-base-url",
      "http://127.0.0.1:9/v1",
      "--models-llm-model",
      "small",
      "--models-llm-name",
      "mine",
    ],
  });
  const mine = async () => {
    const { data: { models } } = await on.client.ask("list_models", {}, "models");
    return models.filter(({ name }) => name === "mine").map(({ task, loaded }) => ({ task, loaded }));
  };
  assert.deepEqual(await mine(), [{ task: "llm", loaded: true }]);
  await on.client.ask("load_model", { task: "llm", name: "starter-llm" });
  await on.client.next("model_ready", { where: isOf("starter-llm") });
  assert.deepEqual(await mine(), [{ task: "llm", loaded: false }]);
  await on.client.ask("load_model", { task: "llm", name: "mine" });
  await on.client.next("model_ready", { where: isOf("mine") });
  assert.deepEqual(await mine(), [{ task: "llm", loaded: true }]);
  assert.equal(on.app.models.engines.llm.model, "small");
});

Deno.test("models: asked for twice at once it is loaded once", async () => {
  await using on = await house();
  const from = on.client.events.length;
  for (let click = 0; click < 2; click++) {
    await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  }
  const first = await on.client.next("model_ready", { from });
  await on.client.next("model_ready", { from: on.client.events.indexOf(first) + 1 });
  const loads = on.client.all("model_ready").filter(({ data: { load_ms } }) => load_ms > 0);
  assert.equal(loads.length, 1);
});

Deno.test("models: two sessions that ask for one model share its bytes", async () => {
  await using on = await house();
  await Promise.all([
    on.client.ask("pull_model", { name: "smollm2-360m" }),
    on.client.ask("pull_model", { name: "smollm2-360m" }),
  ]);
  const first = await on.client.next("model_ready");
  await on.client.next("model_ready", { from: on.client.events.indexOf(first) + 1 });
  const asked = on.hub.requests.filter(({ path }) => path.endsWith(".onnx"));
  assert.equal(asked.length, 1);
});

Deno.test("models: a hub that never answers keeps neither the start nor the end waiting", async () => {
  await using on = await house({ manners: { stallAfter: () => 0 } });
  await on.client.ask("load_model", { task: "llm", name: "smollm2-360m" });
  assert.equal((await turn(on.client, "hello")).data.finish_reason, "stop");
});
