/** The engines that are loaded, as models that can be asked for. */
import type { Engines, Task } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";

/** Engines and what they are called. */
export interface ServedEngines extends Engines {
  readonly names: Readonly<Record<Task, string>>;
}

/** Stands for whatever engine does a task. */
const DEFAULT_MODEL = "default";
/** Engines have no date of their own, and clients want one: the first second of 2026. */
const CREATED_S = 1_767_225_600;

/** A model as it is listed. */
export interface Model {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: "parley";
}

/** Every engine there is, each name once. */
export function listModels({ names }: ServedEngines): Model[] {
  return [...new Set(Object.values(names))].map((id) => ({
    id,
    object: "model",
    created: CREATED_S,
    owned_by: "parley",
  }));
}

/** The engine of that name. Throws `NOT_FOUND`. */
export function findModel(id: string, engines: ServedEngines): Model {
  const models = listModels(engines);
  const model = models.find((model) => model.id === id);
  if (model) return model;
  throw noModel(id, models.map((model) => model.id));
}

/** The engine that does the task, if it is the one asked for. Throws `NOT_FOUND`, saying which it is. */
export function engineFor<K extends Task>(task: K, model: string, engines: ServedEngines): Engines[K] {
  const name = engines.names[task];
  if (model === name || model === DEFAULT_MODEL) return engines[task];
  throw noModel(model, [name, DEFAULT_MODEL]);
}

function noModel(id: string, known: readonly string[]): ParleyError {
  const choice = known.map((name) => `"${name}"`).join(", ");
  return new ParleyError("NOT_FOUND", `There is no model "${id}" for this; choose one of: ${choice}.`, {
    recoverable: false,
    details: { param: "model", code: "model_not_found" },
  });
}
