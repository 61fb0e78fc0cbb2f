/** The models there are, as clients and the command line are told of them. */
import {
  CATALOG,
  type CatalogModel,
  fittingVariant,
  type Machine,
  type Variant,
} from "../../models/catalog.ts";
import type { Surroundings } from "../../models/selection.ts";
import type { EventData } from "../protocol/events.ts";

/** Every model of the catalogue, and what works besides. `names`: which model does each task now. */
export async function listModels(
  names: Readonly<Record<string, string>>,
  { store, machine }: Surroundings,
): Promise<EventData<"models">["models"]> {
  const known = await Promise.all(CATALOG.map(async (model) => ({
    task: model.task,
    name: model.name,
    loaded: names[model.task] === model.name,
    installed: !model.source || (await store.variants(model)).length > 0,
    megabytes: variantToPull(model, machine).megabytes,
    fits: fittingVariant(model, machine) !== undefined,
    summary: model.summary,
    licence: model.licence,
    languages: model.languages,
  })));
  const others = Object.entries(names).filter(([, name]) => !known.some((model) => model.name === name));
  return [...known, ...others.map(([task, name]) => ({ task, name, loaded: true, installed: true }))];
}

/** What would be fetched of a model: the best that fits, or where nothing does the smallest. */
export function variantToPull(model: CatalogModel, machine: Machine): Variant {
  const smallest = model.variants.toSorted((a, b) => a.megabytes - b.megabytes)[0]!;
  return fittingVariant(model, machine) ?? smallest;
}
