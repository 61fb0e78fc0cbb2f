/** Models carried in a file to a machine without internet. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pack } from "tar-stream";
import type { CatalogModel } from "../../../models/catalog.ts";
import { exportModels, importModels } from "../../../models/store/bundle.ts";
import { MANIFEST, ModelStore, sizeOf } from "../../../models/store/model_store.ts";
import { sha256 } from "../../support/model_hub.ts";

const signal = new AbortController().signal;
const WEIGHTS = new Uint8Array(300_000).map((_, i) => i * 7);
const REVISION = "0123456789012345678901234567890123456789";

function model(name: string): CatalogModel {
  return {
    name,
    task: "stt",
    summary: "a model for tests",
    licence: "MIT",
    languages: ["en"],
    engine: "ctc",
    options: {},
    source: { repository: "org/test", revision: REVISION },
    files: [{ path: "config.json" }],
    variants: [{ dtype: "q8", runsOn: "any", files: [{ path: "onnx/model.onnx" }], megabytes: 1 }],
  };
}

const [A, B] = [model("model-a"), model("model-b")];
const find = (name: string) => name === "model-a" ? A : B;

interface Desk extends AsyncDisposable {
  readonly folder: string;
  readonly full: ModelStore;
  readonly empty: ModelStore;
  readonly bundle: string;
}

/** Two machines: one has both models, the other none. */
async function desk(): Promise<Desk> {
  const folder = await Deno.makeTempDir();
  const full = new ModelStore(join(folder, "full"));
  for (const model of [A, B]) {
    const config = new TextEncoder().encode(`{"name":"${model.name}"}`);
    const files = { "config.json": config, "onnx/model.onnx": WEIGHTS };
    await Deno.mkdir(join(full.folderOf(model), "onnx"), { recursive: true });
    for (const [path, bytes] of Object.entries(files)) {
      await Deno.writeFile(join(full.folderOf(model), path), bytes);
    }
    await full.record(
      model,
      Object.entries(files).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
    );
  }
  return {
    folder,
    full,
    empty: new ModelStore(join(folder, "empty")),
    bundle: join(folder, "models.tar"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function assertEmpty({ empty }: Desk): Promise<void> {
  assert.equal(await empty.has(A, A.variants[0]!), false);
  const left = await Array.fromAsync(Deno.readDir(empty.folder)).catch(() => []);
  assert.deepEqual(left.filter(({ name }) => !name.endsWith(".lock")), []);
}

Deno.test("bundle: what one machine writes the other reads, byte for byte", async () => {
  await using on = await desk();
  await exportModels([A, B], on.bundle, { store: on.full, signal });
  assert.deepEqual(await importModels(on.bundle, { store: on.empty, signal, find }), ["model-a", "model-b"]);
  for (const model of [A, B]) {
    assert.equal(await on.empty.has(model, model.variants[0]!), true);
    assert.deepEqual(await Deno.readFile(join(on.empty.folderOf(model), "onnx/model.onnx")), WEIGHTS);
  }
});

Deno.test("bundle: a model that is not here is named, and no half file is left", async () => {
  await using on = await desk();
  await assert.rejects(exportModels([A], on.bundle, { store: on.empty, signal }), {
    code: "NOT_FOUND",
    message: /"model-a" is not on this machine/,
  });
  await Deno.remove(join(on.full.folderOf(B), "onnx/model.onnx"));
  await assert.rejects(exportModels([A, B], on.bundle, { store: on.full, signal }), { code: "NOT_FOUND" });
  const left = await Array.fromAsync(Deno.readDir(on.folder));
  assert.deepEqual(left.filter(({ isFile }) => isFile), []);
});

Deno.test("bundle: cut short, spoilt or of another kind it is refused whole", async () => {
  await using on = await desk();
  await exportModels([A, B], on.bundle, { store: on.full, signal });
  const bytes = await Deno.readFile(on.bundle);
  const spoilt = bytes.map((byte, i) => i === bytes.length - 200_000 ? byte ^ 1 : byte);
  const wrong: [string, Uint8Array, RegExp][] = [
    ["cut", bytes.subarray(0, bytes.length / 2), /cut short|missing/],
    ["spoilt", spoilt, /not what its list says/],
    ["empty", new Uint8Array(), /empty|cut short/],
    ["noise", crypto.getRandomValues(new Uint8Array(5000)), /cut short or no tar file/],
  ];
  for (const [name, content, message] of wrong) {
    await Deno.writeFile(on.bundle, content);
    const imported = importModels(on.bundle, { store: on.empty, signal, find });
    await assert.rejects(imported, { code: "VALIDATION_ERROR", message }, name);
    await assertEmpty(on);
  }
  const missing = importModels(join(on.folder, "nowhere.tar"), { store: on.empty, signal, find });
  await assert.rejects(missing, { code: "NOT_FOUND", message: /no such file/ });
});

Deno.test("bundle: paths that lead out of the store, and files that no list has, are refused", async () => {
  await using on = await desk();
  const manifest = JSON.stringify({ name: "model-a", repository: "org/test", revision: REVISION, files: [] });
  for (
    const [extra, message] of [
      ["../../evil.sh", /leads elsewhere/],
      ["/etc/evil", /leads elsewhere/],
      [`model-a/${REVISION}/extra.bin`, /what its list does not have/],
      [`model-b/${REVISION}/extra.bin`, /what its list does not have/],
    ] as const
  ) {
    const tar = pack();
    tar.entry({ name: `model-a/${REVISION}/${MANIFEST}` }, manifest);
    tar.entry({ name: extra }, "evil");
    tar.finalize();
    await Deno.writeFile(on.bundle, ReadableStream.from(tar as AsyncIterable<Uint8Array>));
    const imported = importModels(on.bundle, { store: on.empty, signal, find });
    await assert.rejects(imported, { code: "VALIDATION_ERROR", message }, extra);
    await assertEmpty(on);
  }
});

Deno.test("bundle: a model of another version of the catalogue is told by name", async () => {
  await using on = await desk();
  await exportModels([A], on.bundle, { store: on.full, signal });
  const newer = { ...A, source: { repository: "org/test", revision: "f".repeat(40) } };
  await assert.rejects(importModels(on.bundle, { store: on.empty, signal, find: () => newer }), {
    code: "VALIDATION_ERROR",
    message: /"model-a" is of another version/,
  });
});

Deno.test("bundle: other weights under a model's name are refused where the catalogue knows the right ones", async () => {
  await using on = await desk();
  await exportModels([A], on.bundle, { store: on.full, signal });
  const weights = { path: "onnx/model.onnx" };
  const pinned = (file: CatalogModel["files"][number]) => ({
    ...A,
    variants: [{ ...A.variants[0]!, files: [{ ...weights, ...file }] }],
  });
  for (const file of [{ ...weights, sha256: "0".repeat(64) }, { ...weights, bytes: 1 }]) {
    const imported = importModels(on.bundle, { store: on.empty, signal, find: () => pinned(file) });
    await assert.rejects(imported, {
      code: "VALIDATION_ERROR",
      message: /not the one that the catalogue knows/,
    });
    await assertEmpty(on);
  }
  const right = { ...weights, sha256: sha256(WEIGHTS), bytes: WEIGHTS.length };
  await importModels(on.bundle, { store: on.empty, signal, find: () => pinned(right) });
});

Deno.test("bundle: an aborted export or import leaves nothing behind", async () => {
  await using on = await desk();
  const aborted = AbortSignal.abort(new Error("enough"));
  await assert.rejects(exportModels([A], on.bundle, { store: on.full, signal: aborted }), /enough/);
  await exportModels([A], on.bundle, { store: on.full, signal });
  await assert.rejects(importModels(on.bundle, { store: on.empty, signal: aborted, find }), /enough/);
  await assertEmpty(on);
});

Deno.test("bundle: an export or import is ended in the middle of a file", async () => {
  await using on = await desk();
  const path = "onnx/model.onnx";
  const bytes = 64 * 1024 * 1024;
  await Deno.truncate(join(on.full.folderOf(A), path), bytes);
  await on.full.record(A, [{ path, bytes, sha256: "0".repeat(64) }]);
  /** Aborts as soon as there is such a file. */
  const once = (isThere: () => Promise<boolean>): AbortSignal => {
    const ending = new AbortController();
    (async () => {
      while (!await isThere()) await new Promise((resolve) => setTimeout(resolve, 1));
      ending.abort(new Error("enough"));
    })();
    return ending.signal;
  };
  const begun = once(async () => (await sizeOf(`${on.bundle}.part`) ?? 0) > 1e6);
  await assert.rejects(exportModels([A], on.bundle, { store: on.full, signal: begun }), /enough/);
  await exportModels([A], on.bundle, { store: on.full, signal });
  const unpacking = once(async () => {
    const entries = await Array.fromAsync(Deno.readDir(on.empty.folder)).catch(() => []);
    const workshop = entries.find(({ name }) => name.startsWith(".import-"))?.name ?? "none";
    const size = await sizeOf(join(on.empty.folder, workshop, A.name, REVISION, path));
    return (size ?? 0) > 1e6;
  });
  await assert.rejects(importModels(on.bundle, { store: on.empty, signal: unpacking, find }), /enough/);
  await assertEmpty(on);
});
