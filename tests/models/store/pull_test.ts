/** Pulling models from a hub that cuts, stalls, lies, corrupts and refuses. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { CatalogModel } from "../../../models/catalog.ts";
import { ModelStore, sizeOf } from "../../../models/store/model_store.ts";
import { pullModel, type PullOptions } from "../../../models/store/pull.ts";
import { hubOf } from "../../../models/store/hub.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { type Manners, type ModelHub, serveModels, sha256 } from "../../support/model_hub.ts";

const WEIGHTS = "onnx/model_quantized.onnx";
const FILES = {
  "config.json": new TextEncoder().encode('{"model_type":"test"}'),
  "tokenizer.json": randomBytes(70_000),
  [WEIGHTS]: randomBytes(1_500_000),
};

const MODEL: CatalogModel = {
  name: "test-model",
  task: "stt",
  summary: "a model for tests",
  licence: "MIT",
  languages: ["en"],
  engine: "ctc",
  options: {},
  source: { repository: "org/test", revision: "main" },
  files: [{ path: "config.json" }, { path: "tokenizer.json" }, {
    path: "chat_template.jinja",
    optional: true,
  }],
  variants: [{ dtype: "q8", runsOn: "any", files: [{ path: WEIGHTS }], megabytes: 2 }],
};
const VARIANT = MODEL.variants[0]!;

const IMPATIENT = { stallMs: 150, attempts: 4, firstWaitMs: 1, longestWaitMs: 10 };

function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

interface Shop extends AsyncDisposable {
  readonly hub: ModelHub;
  readonly store: ModelStore;
  pull(options?: Partial<PullOptions>, model?: CatalogModel): Promise<void>;
}

async function shop(manners: Manners = {}): Promise<Shop> {
  const folder = await Deno.makeTempDir();
  const hub = await serveModels({ "org/test": FILES }, manners);
  const store = new ModelStore(folder);
  return {
    hub,
    store,
    pull: (options = {}, model = MODEL) =>
      pullModel(model, model.variants[0]!, {
        store,
        hub: { endpoint: hub.endpoint },
        signal: new AbortController().signal,
        patience: IMPATIENT,
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function assertWhole({ store }: Shop): Promise<void> {
  assert.equal(await store.has(MODEL, VARIANT), true);
  for (const [path, bytes] of Object.entries(FILES)) {
    assert.deepEqual(await Deno.readFile(join(store.folderOf(MODEL), path)), bytes, path);
  }
  const left = (await Array.fromAsync(filesBelow(store.folder))).filter((path) => path.endsWith(".part"));
  assert.deepEqual(left, []);
}

async function* filesBelow(folder: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

async function assertNothing({ store }: Shop): Promise<void> {
  assert.equal(await store.has(MODEL, VARIANT), false);
  assert.equal(await store.manifest(MODEL), undefined);
}

function fails(code: ParleyError["code"], message: RegExp) {
  return (error: unknown) => {
    assert(error instanceof ParleyError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

Deno.test("a pull brings every file, tells how far it is, and the second one asks for nothing", async () => {
  await using shopped = await shop();
  const told: number[] = [];
  let total = 0;
  await shopped.pull({
    onProgress({ loadedBytes, totalBytes }) {
      told.push(loadedBytes);
      total = totalBytes;
    },
  });
  await assertWhole(shopped);
  const expected = Object.values(FILES).reduce((sum, { length }) => sum + length, 0);
  assert.equal(total, expected);
  assert.equal(told.at(-1), expected);
  assert.deepEqual(told, told.toSorted((a, b) => a - b));
  const asked = shopped.hub.requests.length;
  await shopped.pull();
  assert.equal(shopped.hub.requests.length, asked);
});

Deno.test("twenty cuts in one file end with the right bytes, each continued where it broke", async () => {
  await using shopped = await shop({
    cutAfter: (path, request) => path === WEIGHTS && request <= 20 ? 50_000 : undefined,
  });
  await shopped.pull();
  await assertWhole(shopped);
  const starts = shopped.hub.requests.filter(({ path }) => path === WEIGHTS).map(({ from }) => from);
  assert.equal(starts.length, 21);
  assert.deepEqual(starts, starts.toSorted((a, b) => a - b));
  assert(starts.at(-1)! > 0);
});

Deno.test("a cut pull is continued by the next program", async () => {
  await using shopped = await shop({ cutAfter: (path) => path === WEIGHTS ? 400_000 : undefined });
  const ending = new AbortController();
  const interrupted = shopped.pull({
    signal: ending.signal,
    onProgress: ({ loadedBytes }) => loadedBytes > 900_000 && ending.abort(new Error("ended")),
  });
  await assert.rejects(interrupted, /ended/);
  await assertNothing(shopped);
  shopped.hub.manners = {};
  const before = shopped.hub.requests.length;
  await shopped.pull();
  await assertWhole(shopped);
  const again = shopped.hub.requests.slice(before).find(({ path }) => path === WEIGHTS);
  assert(again!.from >= 400_000, `${again!.from}`);
});

Deno.test("a hub without ranges is asked for the whole file again", async () => {
  await using shopped = await shop({
    wholeFiles: true,
    cutAfter: (path, request) => path === WEIGHTS && request <= 2 ? 700_000 : undefined,
  });
  await shopped.pull();
  await assertWhole(shopped);
});

Deno.test("a stalled connection is left and taken up again", async () => {
  await using shopped = await shop({
    stallAfter: (path, request) => path === WEIGHTS && request <= 2 ? 100_000 : undefined,
  });
  await shopped.pull();
  await assertWhole(shopped);
});

Deno.test("a hub that never gets any further is given up, and what has come is kept for the next try", async () => {
  await using shopped = await shop({ cutAfter: (path) => path === WEIGHTS ? 0 : undefined });
  await assert.rejects(shopped.pull(), fails("UNAVAILABLE", /test-model.*try again later/));
  await assertNothing(shopped);
  shopped.hub.manners = {};
  await shopped.pull();
  await assertWhole(shopped);
});

Deno.test("corrupt bytes are never used: once they are fetched again, twice they are refused", async () => {
  const spoil = (_path: string, bytes: Uint8Array) => bytes.map((byte, i) => i === 9 ? byte ^ 1 : byte);
  await using shopped = await shop({
    serve: (path, bytes, request) => request === 1 ? spoil(path, bytes) : bytes,
  });
  await shopped.pull();
  await assertWhole(shopped);

  await using worse = await shop({
    serve: (path, bytes) => path === "config.json" ? spoil(path, bytes) : bytes,
  });
  await assert.rejects(
    worse.pull(),
    fails("MODEL_ERROR", /other bytes of config\.json of the model "test-model"/),
  );
  await assertNothing(worse);
});

Deno.test("a part that another program spoilt is thrown away", async () => {
  await using shopped = await shop();
  const part = join(shopped.store.folderOf(MODEL), `${WEIGHTS}.part`);
  await Deno.mkdir(join(part, ".."), { recursive: true });
  await Deno.writeFile(part, randomBytes(300_000));
  await shopped.pull();
  await assertWhole(shopped);
});

Deno.test("more or fewer bytes than the hub said are refused", async () => {
  await using more = await shop({ listedSize: (path, size) => path === WEIGHTS ? size - 10 : size });
  await assert.rejects(more.pull(), fails("MODEL_ERROR", /other bytes/));
  await assertNothing(more);
  await using fewer = await shop({ listedSize: (path, size) => path === WEIGHTS ? size + 10 : size });
  await assert.rejects(fewer.pull(), fails("MODEL_ERROR", /other bytes|shorter/));
  await assertNothing(fewer);
});

Deno.test("another file than the catalogue knows is not fetched at all", async () => {
  await using shopped = await shop();
  const pinned = {
    ...MODEL,
    variants: [{ ...VARIANT, files: [{ path: WEIGHTS, bytes: 1_500_000, sha256: "0".repeat(64) }] }],
  };
  await assert.rejects(
    shopped.pull({}, pinned),
    fails("MODEL_ERROR", /not the file that the catalogue knows/),
  );
  assert.equal(shopped.hub.requests.length, 0);
  const right = { ...VARIANT.files[0]!, bytes: 1_500_000, sha256: sha256(FILES[WEIGHTS]!) };
  await shopped.pull({}, { ...MODEL, variants: [{ ...VARIANT, files: [right] }] });
  await assertWhole(shopped);
});

Deno.test("the disk's room is looked at before anything is fetched", async () => {
  await using shopped = await shop();
  const pulled = shopped.pull({ freeBytes: () => Promise.resolve(1_000_000) });
  await assert.rejects(pulled, fails("UNAVAILABLE", /needs 271 MB of the disk; 1 MB are free/));
  assert.equal(shopped.hub.requests.length, 0);
});

Deno.test("the token is shown to the hub and never to where it redirects; without it the remedy is named", async () => {
  await using shopped = await shop({ token: "hf_secret" });
  await assert.rejects(
    shopped.pull(),
    fails("PERMISSION_DENIED", /accept its licence there and set HF_TOKEN/),
  );
  await shopped.pull({ hub: { endpoint: shopped.hub.endpoint, token: "hf_secret" } });
  await assertWhole(shopped);
  const shown = new Map(shopped.hub.requests.map(({ path, token }) => [path, token]));
  assert.equal(shown.get("config.json"), "Bearer hf_secret");
  assert.equal(shown.get(WEIGHTS), undefined);
});

Deno.test("a busy hub is asked again after the time it names; a missing file is told by name", async () => {
  await using shopped = await shop({
    busy: (_path, request) => request === 1,
  });
  await shopped.pull();
  await assertWhole(shopped);
  const missing = { ...MODEL, files: [...MODEL.files, { path: "vocab.json" }] };
  await assert.rejects(
    shopped.pull({}, missing),
    fails("NOT_FOUND", /no file vocab\.json of the model "test-model"/),
  );
});

Deno.test("two programs do not fetch one model at a time", async () => {
  await using shopped = await shop({ stallAfter: () => 0 });
  const ending = new AbortController();
  const first = shopped.pull({ signal: ending.signal, patience: { ...IMPATIENT, stallMs: 60_000 } });
  while (shopped.hub.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await assert.rejects(shopped.pull(), fails("CONFLICT", /being fetched already/));
  ending.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
});

Deno.test("what is there and what is not: a file that was lost, a list that cannot be read, a model removed", async () => {
  await using shopped = await shop();
  await shopped.pull();
  const folder = shopped.store.folderOf(MODEL);
  await Deno.truncate(join(folder, "tokenizer.json"), 10);
  assert.equal(await shopped.store.has(MODEL, VARIANT), false);
  await Deno.writeTextFile(join(folder, "parley-model.json"), "{ half");
  assert.equal(await shopped.store.manifest(MODEL), undefined);
  await shopped.pull();
  await assertWhole(shopped);
  await shopped.store.remove(MODEL);
  assert.equal(await shopped.store.has(MODEL, VARIANT), false);
  await assert.rejects(shopped.store.remove(MODEL), fails("NOT_FOUND", /not on this machine/));
});

Deno.test("HF_ENDPOINT and HF_TOKEN are respected, and nonsense is named", () => {
  assert.deepEqual(hubOf({}), { endpoint: "https://huggingface.co" });
  assert.deepEqual(hubOf({ HF_ENDPOINT: "http://mirror.local/", HF_TOKEN: "t" }), {
    endpoint: "http://mirror.local",
    token: "t",
  });
  assert.throws(() => hubOf({ HF_ENDPOINT: "mirror" }), fails("VALIDATION_ERROR", /HF_ENDPOINT is "mirror"/));
});

Deno.test("a file that was lost or damaged after it had come is fetched again", async () => {
  await using shopped = await shop();
  for (const spoil of [(path: string) => Deno.remove(path), (path: string) => Deno.truncate(path, 1000)]) {
    await shopped.pull();
    await spoil(join(shopped.store.folderOf(MODEL), WEIGHTS));
    await shopped.pull();
    await assertWhole(shopped);
  }
});

Deno.test("a file that had come whole is not fetched again by the next program", async () => {
  await using shopped = await shop({ stallAfter: (path) => path === "tokenizer.json" ? 0 : undefined });
  const ending = new AbortController();
  const ended = shopped.pull({ signal: ending.signal, patience: { ...IMPATIENT, stallMs: 60_000 } });
  for (const path of [WEIGHTS, "config.json"]) {
    const target = join(shopped.store.folderOf(MODEL), path);
    while (await sizeOf(target) === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  ending.abort(new Error("ended"));
  await assert.rejects(ended, /ended/);
  await assertNothing(shopped);
  shopped.hub.manners = {};
  const before = shopped.hub.requests.length;
  // Nor does what is there already need room on the disk.
  await shopped.pull({ freeBytes: () => Promise.resolve(256 * 1024 * 1024 + 100_000) });
  await assertWhole(shopped);
  const again = shopped.hub.requests.slice(before).map(({ path }) => path);
  assert.deepEqual(again, ["tokenizer.json"]);
});

Deno.test("what is left of a pull that was cut can be removed", async () => {
  await using shopped = await shop({ cutAfter: (path) => path === WEIGHTS ? 0 : undefined });
  await assert.rejects(shopped.pull(), { code: "UNAVAILABLE" });
  await shopped.store.remove(MODEL);
  await assert.rejects(Deno.stat(join(shopped.store.folder, MODEL.name)), Deno.errors.NotFound);
  await assert.rejects(shopped.store.remove(MODEL), { code: "NOT_FOUND" });
});

Deno.test("a pull that is ended while it reads what it has already does not read on", async () => {
  const bytes = 64 * 1024 * 1024;
  await using shopped = await shop({ listedSize: (path, size) => path === WEIGHTS ? 2 * bytes : size });
  const part = join(shopped.store.folderOf(MODEL), `${WEIGHTS}.part`);
  await Deno.mkdir(dirname(part), { recursive: true });
  await Deno.writeTextFile(part, "");
  await Deno.truncate(part, bytes);
  const ending = new AbortController();
  const told: number[] = [];
  const pulled = shopped.pull({
    signal: ending.signal,
    onProgress: ({ loadedBytes }) => void told.push(loadedBytes),
    freeBytes() {
      setTimeout(() => ending.abort(new Error("enough")));
      return Promise.resolve(Infinity);
    },
  });
  await assert.rejects(pulled, /enough/);
  assert.ok(!told.some((loaded) => loaded >= bytes), `${told}`);
});
