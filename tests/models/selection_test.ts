/** From what is wished for to what can be loaded. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { type CatalogModel, filesOf, findModel } from "../../models/catalog.ts";
import { choiceFor, modelsOf, selectModels, starterSelection } from "../../models/selection.ts";
import { ModelStore, usualFolder } from "../../models/store/model_store.ts";

const MACHINE = { memoryBytes: 16e9, gpu: false };
const RUN = { device: "auto", threads: 2 };

interface Shelf extends AsyncDisposable {
  readonly store: ModelStore;
  readonly around: Parameters<typeof selectModels>[1];
  /** Puts empty files of the model there, as if it had been pulled. */
  put(model: CatalogModel, dtype?: string): Promise<void>;
}

async function shelf(): Promise<Shelf> {
  const folder = await Deno.makeTempDir();
  const store = new ModelStore(folder);
  return {
    store,
    around: { store, machine: MACHINE, run: RUN },
    async put(model, dtype = model.variants[0]!.dtype) {
      const variant = model.variants.find((variant) => variant.dtype === dtype)!;
      const files = filesOf(model, variant).filter(({ optional }) => !optional);
      for (const { path } of files) {
        const target = join(store.folderOf(model), path);
        await Deno.mkdir(dirname(target), { recursive: true });
        await Deno.writeTextFile(target, "");
      }
      await store.record(model, files.map(({ path }) => ({ path, bytes: 0, sha256: "0".repeat(64) })));
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("selection: with nothing here the starter works, whatever it is called", async () => {
  await using on = await shelf();
  for (const profile of ["auto", "starter"]) {
    const { choices, missing } = await selectModels({ profile }, on.around);
    assert.deepEqual([choices, missing], [starterSelection(), []]);
  }
});

Deno.test("selection: auto takes the best profile of which everything is here and fits", async () => {
  await using on = await shelf();
  for (const model of modelsOf("light")) if (model.source) await on.put(model);
  const light = await selectModels({}, on.around);
  assert.deepEqual([light.choices.stt.name, light.choices.llm.name, light.choices.tts.name], [
    "moonshine-base",
    "starter-llm",
    "kokoro-82m",
  ]);
  for (const model of modelsOf("balanced")) if (model.source) await on.put(model);
  assert.equal((await selectModels({}, on.around)).choices.llm.name, "qwen3-0.6b");
  const small = { ...on.around, machine: { ...MACHINE, memoryBytes: 5e8 } };
  assert.equal((await selectModels({}, small)).choices.llm.name, "starter-llm");
  await on.store.remove(findModel("kokoro-82m"));
  assert.deepEqual((await selectModels({}, on.around)).choices, starterSelection());
});

Deno.test("selection: what is wished for and not here is told, and the starter does its task meanwhile", async () => {
  await using on = await shelf();
  await on.put(findModel("moonshine-base"));
  const { choices, missing } = await selectModels({ profile: "balanced" }, on.around);
  assert.deepEqual(missing.map(({ name }) => name), ["smart-turn-v3", "qwen3-0.6b", "kokoro-82m"]);
  assert.deepEqual([choices.stt.name, choices.llm.name, choices.tts.name], [
    "moonshine-base",
    "starter-llm",
    "flite",
  ]);
});

Deno.test("selection: a model by its name, with its folder, precision and what the machine may do", async () => {
  await using on = await shelf();
  const model = findModel("whisper-base.en");
  await on.put(model, "fp32");
  const { choices: { stt } } = await selectModels({ stt: { name: "whisper-base.en" } }, on.around);
  assert.equal(stt.engine, "whisper");
  const { model: folder, ...rest } = stt.options as { model: string };
  assert.match(folder, /^file:.*\/whisper-base\.en\/main\/$/);
  assert.deepEqual(rest, { dtype: "fp32", device: "auto", threads: 2 });
  assert.deepEqual(stt.fallback?.map(({ name }) => name), ["starter-stt"]);
  const precise = await selectModels({ stt: { name: "whisper-base.en", dtype: "q8" } }, on.around);
  assert.deepEqual(
    precise.missing.map(({ name }) => name),
    ["whisper-base.en"],
    "that precision is not here",
  );
});

Deno.test("selection: an engine in the place of a model; its settings win over the profile's", async () => {
  await using on = await shelf();
  const options = { base_url: "http://localhost:11434/v1", model: "small" };
  const { choices } = await selectModels({ llm: { engine: "ai_sdk", options } }, on.around);
  assert.deepEqual(choices.llm.options, options);
  assert.deepEqual({ ...choices, llm: 0 }, { ...starterSelection(), llm: 0 });
  const server = await selectModels(
    { profile: "server", llm: { options: { model: "llama3.2" } } },
    on.around,
  );
  assert.deepEqual(server.choices.llm.options, { base_url: "http://127.0.0.1:11434/v1", model: "llama3.2" });
  assert.deepEqual(server.choices.tts.fallback?.map(({ engine }) => engine), ["flite"]);
});

Deno.test("selection: no stand-ins where none are wished for, and none for the starter itself", async () => {
  await using on = await shelf();
  const { choices } = await selectModels({ profile: "server", fallback: false }, on.around);
  assert.deepEqual(Object.values(choices).flatMap(({ fallback = [] }) => fallback), []);
  const starter = await selectModels({}, on.around);
  assert.deepEqual(Object.values(starter.choices).flatMap(({ fallback = [] }) => fallback), []);
});

Deno.test("selection: what is set for a model holds when it is loaded later, and for no other", async () => {
  await using on = await shelf();
  const [model, other] = [findModel("qwen3-0.6b"), findModel("smollm2-360m")];
  for (const dtype of ["q8", "q4"]) for (const each of [model, other]) await on.put(each, dtype);
  const llm = { name: "qwen3-0.6b", dtype: "q4", options: { temperature: 0.1 } } as const;
  for (const wishes of [{ llm }, { profile: "balanced", llm: { ...llm, name: undefined } }]) {
    const { options } = await choiceFor(model, { ...on.around, wishes });
    assert.deepEqual([options?.["dtype"], options?.["temperature"]], ["q4", 0.1]);
    const { options: others } = await choiceFor(other, { ...on.around, wishes });
    assert.deepEqual([others?.["dtype"], others?.["temperature"]], ["q8", 0.6]);
  }
  const server = { profile: "server", llm: { options: { model: "llama3.2" } } };
  const { options } = await choiceFor(model, { ...on.around, wishes: server });
  assert.match(String(options?.["model"]), /^file:/, "meant for the server");
  const none = selectModels({ llm: { name: "qwen3-0.6b", dtype: "fp32" } }, on.around);
  await assert.rejects(none, { code: "VALIDATION_ERROR", message: /no fp32 .*one of: q8, q4, q4f16/ });
  const any = await choiceFor(model, { ...on.around, wishes: { llm: { dtype: "fp32" } } });
  assert.equal(any.options?.["dtype"], "q8");
});

Deno.test("selection: what cannot be is told by name", async () => {
  await using on = await shelf();
  await assert.rejects(selectModels({ profile: "huge" }, on.around), {
    code: "NOT_FOUND",
    message: /starter, light/,
  });
  await assert.rejects(selectModels({ llm: { name: "whisper-base" } }, on.around), { code: "NOT_FOUND" });
  const model = findModel("qwen3-0.6b");
  await assert.rejects(choiceFor(model, { ...on.around, wishes: {} }), {
    code: "NOT_FOUND",
    message: /"qwen3-0.6b" is not on this machine/,
  });
  await on.put(model);
  const tight = { ...on.around, machine: { ...MACHINE, memoryBytes: 5e8 }, wishes: {} };
  await assert.rejects(choiceFor(model, tight), {
    code: "UNAVAILABLE",
    message: /about \d+ MB of memory and 500 MB/,
  });
});

Deno.test("selection: models are kept where each system keeps such things", () => {
  assert.equal(usualFolder({ HOME: "/home/me" }, "linux"), "/home/me/.local/share/parley/models");
  assert.equal(usualFolder({ HOME: "/home/me", XDG_DATA_HOME: "/data" }, "linux"), "/data/parley/models");
  assert.equal(
    usualFolder({ HOME: "/Users/me" }, "darwin"),
    "/Users/me/Library/Application Support/Parley/models",
  );
  assert.match(usualFolder({ LOCALAPPDATA: "C:\\Data" }, "windows"), /^C:\\Data.Parley.models$/);
});

Deno.test("selection: who stands in, in which order; what of it is not here is told, what nobody knows refused", async () => {
  await using on = await shelf();
  await on.put(findModel("smollm2-360m"));
  const server = { engine: "ai_sdk", options: { base_url: "http://gpu/v1", model: "m" } };
  const standIns = ["qwen3-0.6b", "smollm2-360m"];
  const { choices, missing } = await selectModels({ llm: { ...server, standIns } }, on.around);
  assert.deepEqual(choices.llm.fallback?.map(({ name }) => name), ["smollm2-360m", "starter-llm"]);
  assert.deepEqual(missing.map(({ name }) => name), ["qwen3-0.6b"]);
  const alone = await selectModels({ fallback: false, llm: { ...server, standIns } }, on.around);
  assert.deepEqual(alone.choices.llm.fallback?.map(({ name }) => name), ["smollm2-360m"]);
  const first = await selectModels(
    { llm: { ...server, standIns: ["starter-llm", "smollm2-360m"] } },
    on.around,
  );
  assert.deepEqual(first.choices.llm.fallback?.map(({ name }) => name), ["starter-llm", "smollm2-360m"]);
  await assert.rejects(selectModels({ llm: { ...server, standIns: ["whisper-base"] } }, on.around), {
    code: "NOT_FOUND",
  });
});
