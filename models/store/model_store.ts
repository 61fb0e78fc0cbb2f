/** The folder in which models are kept: `<name>/<revision>/…` in Hugging Face layout, with a list of what is whole. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { type CatalogModel, filesOf, type Variant } from "../catalog.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { diskTrouble } from "./disk_trouble.ts";

/** The list's name. A model is there when it has one, and every file that a variant needs is in it. */
export const MANIFEST = "parley-model.json";

/** A path within a model: no way out of its folder, and nothing that another system reads differently. */
export const filePath = z.string().max(300).regex(
  /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.@+-]+(?:\/[\w.@+-]+)*$/,
  "must be a path inside the model's folder",
);

/** What is known of a model on this disk. */
export const manifestSchema = z.strictObject({
  name: z.string(),
  repository: z.string(),
  revision: z.string(),
  files: z.array(z.strictObject({
    path: filePath,
    bytes: z.number().int().min(0),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  })),
});

/** The list of a model's files on this disk. */
export type Manifest = z.output<typeof manifestSchema>;

/** Models of the catalogue on this disk. */
export class ModelStore {
  readonly folder: string;

  /** `folder` need not exist. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where the model's files are, or will be. */
  folderOf({ name, source }: CatalogModel): string {
    return join(this.folder, name, source ? source.revision : "");
  }

  /** The model's list; none where it is missing or makes no sense. Rejects with `UNAVAILABLE` for no folder. */
  async manifest(model: CatalogModel): Promise<Manifest | undefined> {
    try {
      const text = await Deno.readTextFile(join(this.folderOf(model), MANIFEST));
      return manifestSchema.safeParse(JSON.parse(text)).data;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
      throw diskTrouble(error);
    }
  }

  /** Whether everything that the variant needs is there, in the size it should have. */
  async has(model: CatalogModel, variant: Variant): Promise<boolean> {
    const manifest = await this.manifest(model);
    if (!manifest) return false;
    const listed = new Set(manifest.files.map(({ path }) => path));
    const whole = await this.whole(model);
    return filesOf(model, variant).every(({ path, optional }) =>
      whole.has(path) || optional && !listed.has(path)
    );
  }

  /** Which of the model's files are there in the size they should have: listed ones may have been lost since. */
  async whole(model: CatalogModel): Promise<ReadonlySet<string>> {
    const files = (await this.manifest(model))?.files ?? [];
    const sizes = await Promise.all(files.map(({ path }) => sizeOf(join(this.folderOf(model), path))));
    return new Set(files.filter(({ bytes }, index) => sizes[index] === bytes).map(({ path }) => path));
  }

  /** The variants of the model that are there, in the catalogue's order. */
  async variants(model: CatalogModel): Promise<readonly Variant[]> {
    const there = await Promise.all(model.variants.map((variant) => this.has(model, variant)));
    return model.variants.filter((_, index) => there[index]);
  }

  /** Adds files to the model's list: from this moment on they count as there. */
  async record(model: CatalogModel, files: Manifest["files"]): Promise<void> {
    const { name, source } = model;
    const before = (await this.manifest(model))?.files ?? [];
    const added = new Set(files.map(({ path }) => path));
    const manifest: Manifest = {
      name,
      repository: source?.repository ?? "",
      revision: source?.revision ?? "",
      files: [...before.filter(({ path }) => !added.has(path)), ...files],
    };
    await writeWhole(join(this.folderOf(model), MANIFEST), JSON.stringify(manifest, null, 2) + "\n");
  }

  /**
   * Removes the model with all its variants, and what is left of a pull or an older version of it. Rejects with
   * `NOT_FOUND` where there is nothing.
   */
  async remove(model: CatalogModel): Promise<void> {
    await Deno.remove(join(this.folderOf(model), MANIFEST)).catch(unlessAbsent); // First: from now on it is not there.
    const removed = Deno.remove(join(this.folder, model.name), { recursive: true }).then(() => true);
    if (await removed.catch(unlessAbsent)) return;
    throw new ParleyError("NOT_FOUND", `The model "${model.name}" is not on this machine.`);
  }

  /** Whether this is asked for the first time; from now on it is not. False where that cannot be written down. */
  async firstTime(what: string): Promise<boolean> {
    try {
      await Deno.mkdir(this.folder, { recursive: true });
      await Deno.writeTextFile(join(this.folder, `.${what}`), "", { createNew: true });
      return true;
    } catch {
      return false;
    }
  }

  /** Keeps others, in this program or another, from changing the model. Rejects with `CONFLICT` if one does. */
  async lock({ name }: CatalogModel): Promise<Disposable> {
    const file = await this.#openLock(name).catch((error) => Promise.reject(diskTrouble(error)));
    if (await file.tryLock(true)) return { [Symbol.dispose]: () => file.close() };
    file.close();
    throw new ParleyError("CONFLICT", `The model "${name}" is being fetched already.`);
  }

  async #openLock(name: string): Promise<Deno.FsFile> {
    await Deno.mkdir(this.folder, { recursive: true });
    return await Deno.open(join(this.folder, `.${name}.lock`), { create: true, write: true });
  }
}

/** Where models are kept unless a setting says otherwise: where each system keeps what programs fetch. */
export function usualFolder(environment: Readonly<Record<string, string>>, os: typeof Deno.build.os): string {
  const home = environment["HOME"] || environment["USERPROFILE"] || ".";
  if (os === "windows") {
    return join(environment["LOCALAPPDATA"] || join(home, "AppData", "Local"), "Parley", "models");
  }
  if (os === "darwin") return join(home, "Library", "Application Support", "Parley", "models");
  return join(environment["XDG_DATA_HOME"] || join(home, ".local", "share"), "parley", "models");
}

function unlessAbsent(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw diskTrouble(error);
}

/** How large the file is; undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  return stat?.size;
}

/** Writes a file that is there whole or not at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(fresh, text);
    await Deno.rename(fresh, path);
  } catch (error) {
    await Deno.remove(fresh).catch(() => {});
    throw error;
  }
}
