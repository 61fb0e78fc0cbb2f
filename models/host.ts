/** The models' side of the house as the rest sees it: engines by configuration, loaded and warm. */
import { LoadedEngines } from "./engine_pool.ts";
import type { LoadOptions } from "./load_engine.ts";
import type { EngineSelection } from "./profiles.ts";
import { starterSelection } from "./selection.ts";

export { type Absent, type Exchanged, LoadedEngines } from "./engine_pool.ts";
export { type EngineEvent, loadEngine, type LoadOptions } from "./load_engine.ts";

/**
 * Loads engines side by side, the starter's where none is chosen. Aborting the signal while they load unloads them again
 * and rejects with its reason; afterwards it means nothing. Unknown names are `NOT_FOUND`, wrong settings
 * `VALIDATION_ERROR`, an engine that cannot be loaded `MODEL_ERROR`; then none is left loaded.
 */
export async function loadEngines(
  choices: Partial<EngineSelection>,
  options: LoadOptions,
): Promise<LoadedEngines> {
  return await LoadedEngines.load({ ...starterSelection(), ...choices }, options);
}
