/** From what is wished for to what can be loaded now: models on this disk, or else those that ship with the project. */
import type { Task } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";
import {
  type CatalogModel,
  choiceOf,
  findModel,
  fittingVariant,
  type Machine,
  memoryBytes,
  type Variant,
  variantOf,
} from "./catalog.ts";
import {
  type EngineChoice,
  type EngineSelection,
  findProfile,
  type ProfileChoice,
  PROFILES,
} from "./profiles.ts";
import type { ModelStore } from "./store/model_store.ts";

/** What somebody may wish for one task. */
export interface ModelWish {
  /** Of the catalogue. */
  readonly name?: string | undefined;
  /** Of the registry, in the place of a model of the catalogue. */
  readonly engine?: string | undefined;
  readonly dtype?: Variant["dtype"] | undefined;
  /** Models of the catalogue that take the turn, in this order, when it fails or is too slow. */
  readonly standIns?: readonly string[] | undefined;
  /** The engine's settings. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A profile, and what differs from it. */
export interface ModelWishes extends Partial<Readonly<Record<Task, ModelWish>>> {
  readonly profile?: string;
  /** The starter models take the turn when others fail or are too slow. Default: true. */
  readonly fallback?: boolean;
}

/** Where models are looked for, and what runs them. */
export interface Surroundings {
  readonly store: ModelStore;
  readonly machine: Machine;
  /** Settings that every engine has whose model was fetched. */
  readonly run: { readonly device: string; readonly threads: number };
}

/** What can be loaded now, and what is wished for and not here. */
export interface Selection {
  readonly choices: EngineSelection;
  readonly missing: readonly CatalogModel[];
}

const TASKS = ["vad", "turn", "stt", "llm", "tts"] as const satisfies readonly Task[];

/**
 * The engines of a configuration. Where a model is not on this disk, the starter's does its task. An unknown profile
 * or model is `NOT_FOUND`.
 */
export async function selectModels(wishes: ModelWishes, surroundings: Surroundings): Promise<Selection> {
  const { profile: wished = "auto" } = wishes;
  const profile = findProfile(wished === "auto" ? await bestHere(surroundings) : wished);
  const missing: CatalogModel[] = [];
  const choices: Partial<Record<Task, EngineChoice>> = {};
  for (const task of TASKS) {
    const wish = wishOf(profile[task], wishes[task] ?? {});
    const { choice, absent } = await resolve(task, wish, { ...surroundings, wishes });
    if (absent) missing.push(absent);
    const stoodIn = await withStandIns(task, choice, { ...surroundings, wishes });
    missing.push(...stoodIn.absent);
    choices[task] = stoodIn.choice;
  }
  return { choices: choices as EngineSelection, missing };
}

/** From the best to the least, the profiles that `auto` looks for. */
const BEST_FIRST = ["best", "balanced", "light"];

/** The best profile of which every model is on this disk and fits the machine. */
async function bestHere(surroundings: Surroundings): Promise<string> {
  for (const name of BEST_FIRST) {
    const variants = await Promise.all(
      modelsOf(name).map(async (model) => {
        const here = model.source ? await surroundings.store.variants(model) : model.variants;
        return fittingVariant({ ...model, variants: [...here] }, surroundings.machine);
      }),
    );
    if (variants.every(Boolean)) return name;
  }
  return "starter";
}

/** The models of the catalogue that make up a profile. Throws `NOT_FOUND`. */
export function modelsOf(profile: string): CatalogModel[] {
  const choices = findProfile(profile);
  return TASKS.flatMap((task) => {
    const choice = choices[task];
    return typeof choice === "string" ? [findModel(choice, task)] : [];
  });
}

/** The model of that name, or those of the profile of that name. Throws `NOT_FOUND`. */
export function modelsNamed(name: string): CatalogModel[] {
  return Object.hasOwn(PROFILES, name) ? modelsOf(name) : [findModel(name)];
}

/**
 * What is wished of this model: what is set for its task, unless that is meant for another or for a server. A precision
 * that is not meant for this model alone holds where it has it.
 */
export function wishFor(model: CatalogModel, wishes: ModelWishes): ModelWish {
  const { profile = "auto" } = wishes;
  const wish = wishes[model.task] ?? {};
  if (wish.engine !== undefined) return {};
  const meant = wish.name ?? (profile === "auto" ? undefined : findProfile(profile)[model.task]);
  if (meant === model.name) return wish;
  if (meant !== undefined) return {};
  const hasIt = model.variants.some(({ dtype }) => dtype === wish.dtype);
  return { ...wish, dtype: hasIt ? wish.dtype : undefined };
}

/**
 * The engine for a model that is to be loaded, with what is set for it and those that stand in for it. Rejects
 * with `NOT_FOUND` where it is not on this disk, with `UNAVAILABLE` where there is no memory for it.
 */
export async function choiceFor(
  model: CatalogModel,
  surroundings: Surroundings & { readonly wishes: ModelWishes },
): Promise<EngineChoice> {
  const variant = await variantHere(model, surroundings);
  if (!variant) throw new ParleyError("NOT_FOUND", `The model "${model.name}" is not on this machine.`);
  const neededBytes = memoryBytes(model, variant);
  if (neededBytes > surroundings.machine.memoryBytes) {
    const [needed, free] = [neededBytes, surroundings.machine.memoryBytes].map((b) => Math.round(b / 1e6));
    const message =
      `The model "${model.name}" needs about ${needed} MB of memory and ${free} MB may be used.`;
    throw new ParleyError("UNAVAILABLE", message);
  }
  const choice = namedChoice(model, variant, surroundings);
  return (await withStandIns(model.task, choice, surroundings)).choice;
}

/** What ships with the project for a task. */
export function starterChoice(task: Task): EngineChoice {
  const model = findModel(String(PROFILES["starter"]![task]), task);
  const { engine, options } = model;
  return { name: model.name, engine, options };
}

/** The engines of the starter profile, which need nothing. */
export function starterSelection(): EngineSelection {
  return {
    vad: starterChoice("vad"),
    turn: starterChoice("turn"),
    stt: starterChoice("stt"),
    llm: starterChoice("llm"),
    tts: starterChoice("tts"),
  };
}

/** Where the starter's weights are: files and folders that ship with the project, as URLs. */
export function starterFiles(): string[] {
  return Object.values(starterSelection()).flatMap(({ options }) =>
    typeof options?.["model"] === "string" ? [options["model"]] : []
  );
}

function wishOf(usual: ProfileChoice, { name, engine, options = {} }: ModelWish): ProfileChoice {
  if (engine !== undefined) return { engine, ...(name !== undefined && { name }), options };
  return name ?? usual;
}

interface ResolveOptions extends Surroundings {
  readonly wishes: ModelWishes;
}

async function resolve(
  task: Task,
  wish: ProfileChoice,
  options: ResolveOptions,
): Promise<{ choice: EngineChoice; absent?: CatalogModel }> {
  if (typeof wish !== "string") {
    const own = options.wishes[task]?.options;
    return { choice: { ...wish, options: { ...wish.options, ...own } } };
  }
  const model = findModel(wish, task);
  const variant = await variantHere(model, options);
  if (!variant) return { choice: starterChoice(task), absent: model };
  return { choice: namedChoice(model, variant, options) };
}

/** The variant to load: the one asked for, or of those on this disk the best that fits the machine. */
async function variantHere(
  model: CatalogModel,
  { store, machine, wishes }: ResolveOptions,
): Promise<Variant | undefined> {
  if (!model.source) return model.variants[0];
  const here = await store.variants(model);
  const { dtype } = wishFor(model, wishes);
  if (dtype !== undefined) {
    return here.includes(variantOf(model, dtype)) ? variantOf(model, dtype) : undefined;
  }
  // What somebody fetched they want, even where it is a tight fit.
  return fittingVariant({ ...model, variants: [...here] }, machine) ?? here[0];
}

function namedChoice(
  model: CatalogModel,
  variant: Variant,
  { store, run, wishes }: ResolveOptions,
): EngineChoice {
  const { engine, options = {} } = choiceOf(model, variant, store.folderOf(model));
  const own = wishFor(model, wishes).options;
  return { name: model.name, engine, options: { ...(model.source && run), ...options, ...own } };
}

/**
 * Those that take the turn when an engine cannot: the models that are wished for and on this disk, then the starter's.
 * What listens has none, nor has the starter itself.
 */
async function withStandIns(
  task: Task,
  choice: EngineChoice,
  options: ResolveOptions,
): Promise<{ choice: EngineChoice; absent: CatalogModel[] }> {
  const { standIns = [] } = options.wishes[task] ?? {};
  const starter = starterChoice(task);
  if (task === "vad" || task === "turn" || choice.name === starter.name) return { choice, absent: [] };
  const absent: CatalogModel[] = [];
  const fallback: EngineChoice[] = [];
  for (const name of standIns) {
    const found = await resolve(task, name, options);
    if (found.absent) absent.push(found.absent);
    else fallback.push(found.choice);
  }
  const rest = (options.wishes.fallback ?? true) && !standIns.includes(starter.name!) ? [starter] : [];
  const all = [...fallback, ...rest].filter(({ name }) => name !== choice.name);
  return { choice: all.length > 0 ? { ...choice, fallback: all } : choice, absent };
}
