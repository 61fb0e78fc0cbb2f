/** Bringing a model of the catalogue to this disk. */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { type CatalogFile, type CatalogModel, filesOf, type Variant } from "../catalog.ts";
import type { CallOptions } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { diskTrouble } from "./disk_trouble.ts";
import { download } from "./download.ts";
import { fileUrl, type Hub, type HubFile, hubHeaders, listFiles, type Source } from "./hub.ts";
import { type ModelStore, sizeOf } from "./model_store.ts";
import type { Patience } from "./request.ts";

/** How far a pull has come. */
export interface PullProgress {
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** How a model is pulled. */
export interface PullOptions extends CallOptions {
  readonly store: ModelStore;
  readonly hub: Hub;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly patience?: Patience;
  /** Free bytes of the disk with that folder. Default: what the system says. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Files fetched side by side: one more hides the start of another; many more only wait for each other. */
const PARALLEL = 4;
/** What is left free on the disk. */
const SPARE_BYTES = 256 * 1024 * 1024;

/**
 * Fetches what is missing of the model's variant. Nothing of it counts as there before all of it is there and
 * right. Rejects with `UNAVAILABLE` (no connection, no room on the disk), `CONFLICT` (somebody else is at it),
 * `PERMISSION_DENIED`, `NOT_FOUND` or `MODEL_ERROR` (wrong bytes); what has come by then is used by the next try.
 */
export async function pullModel(model: CatalogModel, variant: Variant, options: PullOptions): Promise<void> {
  const { store, hub, signal } = options;
  signal.throwIfAborted();
  const { source } = model;
  if (!source || await store.has(model, variant)) return;
  using _lock = await store.lock(model);
  const there = await store.whole(model);
  const missing = filesOf(model, variant).filter(({ path }) => !there.has(path));
  const files = await withSizes(missing, { hub, source, signal, name: model.name });
  try {
    await requireRoom(model, files, options);
    await store.record(model, await fetchAll(model, files, { ...options, source }));
  } catch (error) {
    throw diskTrouble(error);
  }
}

interface SizesOptions extends CallOptions {
  readonly hub: Hub;
  readonly source: Source;
  readonly name: string;
}

/** The hub knows what its files weigh. What the catalogue knows as well must agree. */
async function withSizes(files: readonly CatalogFile[], options: SizesOptions): Promise<HubFile[]> {
  const { hub, source, name } = options;
  const listed = new Map((await listFiles(hub, source, options)).map((file) => [file.path, file]));
  return files.flatMap(({ path, bytes, sha256, optional }) => {
    const there = listed.get(path);
    if (!there && optional) return [];
    if (!there) {
      throw new ParleyError("NOT_FOUND", `The hub has no file ${path} of the model "${name}".`, {
        recoverable: false,
      });
    }
    if ((bytes ?? there.bytes) !== there.bytes || (there.sha256 ?? sha256) !== (sha256 ?? there.sha256)) {
      const message = `The hub's ${path} of the model "${name}" is not the file that the catalogue knows.`;
      throw new ParleyError("MODEL_ERROR", message, { recoverable: false });
    }
    return [{ ...there, ...(sha256 && { sha256 }) }];
  });
}

async function requireRoom(
  model: CatalogModel,
  files: readonly HubFile[],
  options: PullOptions,
): Promise<void> {
  const { store, freeBytes = freeBytesOf } = options;
  await Deno.mkdir(store.folderOf(model), { recursive: true });
  const parts = await Promise.all(files.map(async ({ path }) => {
    const target = join(store.folderOf(model), path);
    return await sizeOf(`${target}.part`) ?? await sizeOf(target) ?? 0;
  }));
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0) -
    parts.reduce((sum, size) => sum + size, 0);
  const free = await freeBytes(store.folderOf(model));
  if (needed + SPARE_BYTES > free) {
    throw noRoom(model.name, `${megabytes(needed + SPARE_BYTES)} of the disk; ${megabytes(free)} are free`);
  }
}

function noRoom(name: string, needs: string): ParleyError {
  const message = `The model "${name}" needs ${needs}: free some, or set models.folder to another disk.`;
  return new ParleyError("UNAVAILABLE", message);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Fetches the files, largest first, and returns them as the store lists them. */
async function fetchAll(
  model: CatalogModel,
  files: readonly HubFile[],
  { store, hub, source, onProgress = () => {}, ...options }: PullOptions & { readonly source: Source },
) {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const loaded = new Map<string, number>();
  const tell = (path: string, bytes: number) => {
    loaded.set(path, bytes);
    onProgress({ loadedBytes: loaded.values().reduce((sum, size) => sum + size, 0), totalBytes });
  };
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const queue = files.toSorted((a, b) => b.bytes - a.bytes);
  const done: { path: string; bytes: number; sha256: string }[] = [];
  const worker = async () => {
    for (let file; (file = queue.shift());) {
      const { path, bytes } = file;
      const sha256 = await download({
        ...options,
        ...file,
        url: fileUrl(hub, source, path),
        headers: hubHeaders(hub),
        target: join(store.folderOf(model), path),
        subject: `${path} of the model "${model.name}"`,
        onProgress: (size) => tell(path, size),
        signal,
      });
      done.push({ path, bytes, sha256 });
    }
  };
  const workers = Array.from({ length: PARALLEL }, () =>
    worker().catch((error) => {
      failed.abort(error); // The others need not go on.
      throw error;
    }));
  await Promise.allSettled(workers);
  options.signal.throwIfAborted();
  await Promise.all(workers);
  return done;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
