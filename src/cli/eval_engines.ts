/** The engines that evaluation measures: those of the starter profile, as it has them. */
import { findEngine } from "../../models/engine_spec.ts";
import { loadEngine, type LoadOptions } from "../../models/load_engine.ts";
import { REGISTRY } from "../../models/registry.ts";
import { starterChoice } from "../../models/selection.ts";

/** The starter's recogniser, loaded and warm. Rejects as {@linkcode loadEngine}. */
export function loadHearing(options: LoadOptions) {
  return loadEngine("stt", starterChoice("stt"), options);
}

/** The starter's language model, loaded and warm. Rejects as {@linkcode loadEngine}. */
export function loadAnswering(options: LoadOptions) {
  return loadEngine("llm", starterChoice("llm"), options);
}

/** Most engines read again after so long. */
const USUAL_STEP_MS = 160;

/** After how much new audio the starter's recogniser reads again. */
export function hearingStepMs(): number {
  const { engine, options } = starterChoice("stt");
  const settings: unknown = findEngine(REGISTRY, "stt", engine).options.parse(options);
  const isStepped = typeof settings === "object" && settings !== null && "step_ms" in settings;
  return isStepped && typeof settings.step_ms === "number" ? settings.step_ms : USUAL_STEP_MS;
}
