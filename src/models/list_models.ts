/** The models there are, as clients and the command line are told of them. */
import {
  CATALOG,
  type CatalogModel,
  fittingVariant,
  type Variant,
  variantToFetch,
} from "../../models/catalog.ts";
import type { Task } from "../../pipeline/engines.ts";
import { type EngineChoice, type EngineSelection, nameOf } from "../../models/profiles.ts";
import { wishFor } from "../../models/selection.ts";
import type { EventData } from "../protocol/events.ts";
import type { Surroundings } from "./wishes.ts";

/** Set up by hand, such as a server, and no model of the catalogue. */
export interface OwnEngine {
  readonly task: Task;
  readonly name: string;
  readonly choice: EngineChoice;
}

/** Those of the choices that the catalogue does not have. */
export function ownEngines(choices: EngineSelection): OwnEngine[] {
  const all = Object.entries(choices) as [Task, EngineChoice][];
  return all.map(([task, choice]) => ({ task, name: nameOf(choice), choice })).filter(({ task, name }) =>
    !CATALOG.some((model) => model.name === name && model.task === task)
  );
}

/** What the list holds that the catalogue does not tell. */
export interface Working {
  /** Which model does each task now. */
  readonly names: Readonly<Record<Task, string>>;
  readonly own: readonly OwnEngine[];
}

/** Every model of the catalogue, and what works or could besides. */
export async function listModels(
  { names, own }: Working,
  surroundings: Surroundings,
): Promise<EventData<"models">["models"]> {
  const known = await Promise.all(CATALOG.map(async (model) => ({
    task: model.task,
    name: model.name,
    loaded: names[model.task] === model.name,
    installed: await isHere(model, surroundings),
    megabytes: variantToPull(model, surroundings).megabytes,
    fits: fittingVariant(model, surroundings.machine) !== undefined,
    summary: model.summary,
    licence: model.licence,
    languages: model.languages,
  })));
  const others = own.map(({ task, name }) => ({ task, name, loaded: names[task] === name, installed: true }));
  return [...known, ...others];
}

/** Whether the model can be loaded without fetching anything: in the precision that is set, or else in any. */
export async function isHere(model: CatalogModel, { store, wishes }: Surroundings): Promise<boolean> {
  if (!model.source) return true;
  const { dtype } = wishFor(model, wishes);
  const here = await store.variants(model);
  return here.some((variant) => dtype === undefined || variant.dtype === dtype);
}

/** What would be fetched of a model: the precision that is set, or what fits. Throws `VALIDATION_ERROR`. */
export function variantToPull(model: CatalogModel, { machine, wishes }: Surroundings): Variant {
  return variantToFetch(model, machine, wishFor(model, wishes).dtype);
}
