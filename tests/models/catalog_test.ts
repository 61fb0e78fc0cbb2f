/** The catalogue: that each entry makes sense, and what fits a machine. */
import assert from "node:assert/strict";
import { CATALOG, choiceOf, filesOf, findModel, fittingVariant, memoryBytes } from "../../models/catalog.ts";
import { findEngine } from "../../models/engine_spec.ts";
import { findProfile, PROFILES } from "../../models/profiles.ts";
import { REGISTRY } from "../../models/registry.ts";
import { filePath } from "../../models/store/model_store.ts";

Deno.test("catalogue: names are unique, and every task has models", () => {
  const names = CATALOG.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  for (const task of ["vad", "stt", "llm", "tts"]) {
    assert.ok(CATALOG.some((model) => model.task === task), task);
  }
});

Deno.test("catalogue: every engine is there and takes what the catalogue gives it", () => {
  for (const model of CATALOG) {
    const spec = findEngine(REGISTRY, model.task, model.engine);
    for (const variant of model.variants) {
      const { options } = choiceOf(model, variant, "/models/here");
      const parsed = spec.options.safeParse({
        ...options,
        ...(model.source && { device: "cpu", threads: 2 }),
      });
      assert.ok(parsed.success, `${model.name}: ${parsed.error?.message}`);
    }
  }
});

Deno.test("catalogue: every file stays inside its folder, none is named twice, and pinned commits are whole", () => {
  for (const model of CATALOG) {
    for (const variant of model.variants) {
      const paths = filesOf(model, variant).map(({ path }) => path);
      assert.deepEqual(paths, [...new Set(paths)], model.name);
      for (const path of paths) assert.ok(filePath.safeParse(path).success, `${model.name}: ${path}`);
    }
  }
  for (const path of ["../x", "a/../b", "/a", "a//b", "./a", "a/.", "C:\\x", "a\nb", ""]) {
    assert.equal(filePath.safeParse(path).success, false, JSON.stringify(path));
  }
});

Deno.test("catalogue: known bytes are what the rounded megabytes say", () => {
  for (const model of CATALOG) {
    for (const { dtype, files, megabytes } of model.variants) {
      const weights = files.filter(({ optional }) => !optional);
      if (weights.length === 0 || weights.some(({ bytes }) => bytes === undefined)) continue;
      const all = [...files, ...model.files].reduce((sum, { bytes = 0 }) => sum + bytes, 0) / 1e6;
      // Small files may be unknown, voices of Kokoro's among them (0.5 MB each).
      assert.ok(
        all <= megabytes + 1 && all > megabytes * 0.75,
        `${model.name} ${dtype}: ${all} of ${megabytes} MB`,
      );
    }
  }
});

Deno.test("catalogue: the best that fits is taken; a GPU's only where there is one; nothing where nothing fits", () => {
  const qwen = findModel("qwen3-0.6b");
  const roomy = { memoryBytes: 16e9, gpu: false };
  assert.equal(fittingVariant(qwen, roomy)?.dtype, "q8");
  assert.equal(fittingVariant(qwen, { ...roomy, memoryBytes: 1e8 }), undefined);
  const large = findModel("qwen3-4b");
  assert.equal(fittingVariant(large, roomy), undefined);
  assert.equal(fittingVariant(large, { ...roomy, gpu: true })?.dtype, "q4f16");
  const [first] = qwen.variants;
  assert.ok(memoryBytes(qwen, first!) > first!.megabytes * 1e6);
});

Deno.test("profiles: every choice is a model of its task or an engine that takes its options", () => {
  for (const [name, profile] of Object.entries(PROFILES)) {
    for (const task of ["vad", "stt", "llm", "tts"] as const) {
      const choice = profile[task];
      if (typeof choice === "string") assert.equal(findModel(choice, task).task, task, name);
      else findEngine(REGISTRY, task, choice.engine).options.parse(choice.options);
    }
  }
});

Deno.test("catalogue: what is not there is NOT_FOUND and names those that are", () => {
  assert.throws(() => findModel("whisper-huge"), { code: "NOT_FOUND", message: /whisper-base/ });
  assert.throws(() => findModel("whisper-base", "llm"), {
    code: "NOT_FOUND",
    message: /no llm model.*qwen3/,
  });
  assert.throws(() => findProfile("toString"), { code: "NOT_FOUND", message: /starter, light, balanced/ });
});
