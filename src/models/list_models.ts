/** The models there are, as clients and the command line are told of them. */
import { CATALOG, type CatalogModel, fittingVariant, type Variant, variantToFetch } from "../../models/catalog.ts";
import { wishFor } from "../../models/selection.ts";
import type { EventData } from "../protocol/events.ts";
import type { Surroundings } from "./wishes.ts";

/** Every model of the catalogue, and what works besides. `names`: which model does each task now. */
export async function listModels(
  names: Readonly<Record<string, string>>,
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
  const others = Object.entries(names).filter(([, name]) => !known.some((model) => model.name === name));
  return [...known, ...others.map(([task, name]) => ({ task, name, loaded: true, installed: true }))];
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
