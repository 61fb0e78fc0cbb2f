/** Models in one file, to carry to a machine that has no internet. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, pack } from "tar-stream";
import { type CatalogModel, findModel } from "../catalog.ts";
import type { CallOptions } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { diskTrouble } from "./disk_trouble.ts";
import { filePath, MANIFEST, type Manifest, manifestSchema, type ModelStore } from "./model_store.ts";

/** Writes models that are on this disk into a tar file. Rejects with `NOT_FOUND`, naming one that is not. */
export async function exportModels(
  models: readonly CatalogModel[],
  path: string,
  { store, signal }: CallOptions & { readonly store: ModelStore },
): Promise<void> {
  const lists = await Promise.all(
    models.map(async (model) => ({ model, manifest: await listOf(model, store) })),
  );
  const tar = pack();
  const fresh = `${path}.part`;
  const file = await Deno.open(fresh, { create: true, write: true, truncate: true }).catch((cause) => {
    throw new ParleyError("PERMISSION_DENIED", "That file cannot be written; name one elsewhere.", { cause });
  });
  const writing = pipeline(tar, Writable.fromWeb(file.writable));
  try {
    await Promise.all([writing, fill(tar, lists, { store, signal })]);
    await Deno.rename(fresh, path);
  } catch (error) {
    tar.destroy();
    await writing.catch(() => {});
    await Deno.remove(fresh).catch(() => {});
    signal.throwIfAborted();
    throw diskTrouble(error);
  }
}

type Tar = ReturnType<typeof pack>;

async function fill(
  tar: Tar,
  lists: readonly { readonly model: CatalogModel; readonly manifest: Manifest }[],
  { store, signal }: CallOptions & { readonly store: ModelStore },
): Promise<void> {
  for (const { model, manifest } of lists) {
    const inside = `${manifest.name}/${manifest.revision}`;
    tar.entry({ name: `${inside}/${MANIFEST}` }, JSON.stringify(manifest));
    for (const { path, bytes } of manifest.files) {
      signal.throwIfAborted();
      const file = await Deno.open(join(store.folderOf(model), path));
      const entry = tar.entry({ name: `${inside}/${path}`, size: bytes });
      await pipeline(Readable.fromWeb(file.readable as never), entry, { signal });
    }
  }
  tar.finalize();
}

async function listOf(model: CatalogModel, store: ModelStore): Promise<Manifest> {
  const manifest = await store.manifest(model);
  if (manifest && (await store.variants(model)).length > 0) return manifest;
  throw new ParleyError("NOT_FOUND", `The model "${model.name}" is not on this machine; pull it first.`);
}

/** How models are imported. */
export interface ImportOptions extends CallOptions {
  readonly store: ModelStore;
  /** Finds a model by its name. Default: the catalogue's. */
  readonly find?: (name: string) => CatalogModel;
}

/**
 * Takes the models of such a file into the store and returns their names. Every byte is checked before any of them
 * counts as there. Rejects with `VALIDATION_ERROR` for what is no such file, or none of this version's.
 */
export async function importModels(
  path: string,
  { store, signal, find = findModel }: ImportOptions,
): Promise<readonly string[]> {
  const file = await Deno.open(path).catch((cause) => {
    throw new ParleyError("NOT_FOUND", "There is no such file, or it cannot be read.", { cause });
  });
  const workshop = join(store.folder, `.import-${crypto.randomUUID()}`);
  try {
    const manifests = await unpack(file, workshop, { signal, find });
    for (const { manifest, model } of manifests) {
      using _lock = await store.lock(model);
      for (const { path } of manifest.files) {
        const target = join(store.folderOf(model), path);
        await Deno.mkdir(dirname(target), { recursive: true });
        await Deno.rename(join(workshop, manifest.name, manifest.revision, path), target);
      }
      await store.record(model, manifest.files);
    }
    return manifests.map(({ model }) => model.name);
  } catch (error) {
    throw diskTrouble(error);
  } finally {
    await Deno.remove(workshop, { recursive: true }).catch(() => {});
  }
}

type UnpackOptions = Required<Pick<ImportOptions, "signal" | "find">>;

interface Unpacked {
  readonly manifest: Manifest;
  readonly model: CatalogModel;
}

async function unpack(
  file: Deno.FsFile,
  folder: string,
  { signal, find }: UnpackOptions,
): Promise<readonly Unpacked[]> {
  const models = new Map<string, Unpacked>();
  const unseen = new Map<string, Manifest["files"][number]>();
  const tar = extract();
  const reading = pipeline(Readable.fromWeb(file.readable as never), tar);
  reading.catch(() => {}); // The loop below hears of it.
  try {
    for await (const source of tar) {
      // What the types of the library leave open.
      const entry = source as typeof source & AsyncIterable<Uint8Array>;
      const { name, inside, rest } = placeOf(entry.header.name);
      if (rest === MANIFEST) {
        const unpacked = await readManifest(entry, inside, find);
        models.set(inside, unpacked);
        for (const listed of unpacked.manifest.files) unseen.set(`${inside}/${listed.path}`, listed);
        continue;
      }
      const listed = unseen.get(`${inside}/${rest}`);
      if (!listed) throw notABundle(`${name} holds what its list does not have`);
      await writeChecked(abortable(entry, signal), join(folder, inside, rest), listed);
      unseen.delete(`${inside}/${rest}`);
    }
    await reading;
  } catch (error) {
    signal.throwIfAborted();
    const told = diskTrouble(error);
    throw told instanceof ParleyError ? told : notABundle("it is cut short or no tar file", error);
  }
  const [missing] = unseen.keys();
  if (missing !== undefined || models.size === 0) {
    throw notABundle(missing ? `${missing} is missing` : "it is empty");
  }
  return [...models.values()];
}

/** `name/revision/path`, with no way out of the folder. */
function placeOf(entryName: string): { name: string; inside: string; rest: string } {
  const [name = "", revision = "", ...rest] = entryName.split("/");
  const path = rest.join("/");
  if (!filePath.safeParse(entryName).success || !path) throw notABundle("a path in it leads elsewhere");
  return { name, inside: `${name}/${revision}`, rest: path };
}

async function readManifest(
  entry: AsyncIterable<Uint8Array>,
  inside: string,
  find: UnpackOptions["find"],
): Promise<Unpacked> {
  const text = new TextDecoder().decode(
    await new Response(ReadableStream.from(entry) as never).arrayBuffer(),
  );
  const manifest = manifestSchema.safeParse(parseJson(text)).data;
  if (!manifest || inside !== `${manifest.name}/${manifest.revision}`) {
    throw notABundle("a list in it makes no sense");
  }
  const model = find(manifest.name);
  if (model.source?.revision !== manifest.revision) {
    throw notABundle(`its "${manifest.name}" is of another version of Parley`);
  }
  if (manifest.files.every((file) => agrees(file, model))) return { manifest, model };
  throw notABundle(`its "${manifest.name}" is not the one that the catalogue knows`);
}

/** Whoever made the file wrote its list: what the catalogue knows of the bytes counts more. */
function agrees(
  { path, bytes, sha256 }: Manifest["files"][number],
  { files, variants }: CatalogModel,
): boolean {
  return [...files, ...variants.flatMap((variant) => variant.files)].every((known) =>
    known.path !== path || (known.bytes ?? bytes) === bytes && (known.sha256 ?? sha256) === sha256
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ends between two chunks: a file of weights takes many seconds. */
async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  for await (const chunk of source) {
    signal.throwIfAborted();
    yield chunk;
  }
}

async function writeChecked(
  entry: AsyncIterable<Uint8Array>,
  path: string,
  { bytes, sha256 }: Manifest["files"][number],
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { create: true, write: true, truncate: true });
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of entry) {
    hash.update(chunk);
    size += chunk.length;
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
  if (size !== bytes || hash.digest("hex") !== sha256) {
    throw notABundle("bytes in it are not what its list says");
  }
  await file.syncData();
}

function notABundle(why: string, cause?: unknown): ParleyError {
  const message = `This is no file of \`models export\` that can be used here: ${why}; nothing was imported.`;
  return new ParleyError("VALIDATION_ERROR", message, { cause, recoverable: false });
}
