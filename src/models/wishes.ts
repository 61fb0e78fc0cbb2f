/** From the settings to what is wished for of models, and to where they are looked for. */
import { thisMachine, usualThreads } from "../../models/machine.ts";
import type { ModelWish, ModelWishes, Surroundings as ModelSurroundings } from "../../models/selection.ts";
import { type Hub, hubOf } from "../../models/store/hub.ts";
import { ModelStore, usualFolder } from "../../models/store/model_store.ts";
import type { ModelSettings } from "./settings.ts";

/** A server's address without an engine's name means the engine that speaks its protocol. */
const ENGINE_OF_SERVERS = { stt: "openai", llm: "ai_sdk", tts: "openai" } as const;

/** What the settings ask for. */
export function wishesOf(settings: ModelSettings): ModelWishes {
  const { profile, fallback, vad, turn, stt, llm, tts } = settings;
  return {
    profile,
    fallback,
    vad,
    turn,
    stt: wishOf(stt, ENGINE_OF_SERVERS.stt),
    llm: wishOf(llm, ENGINE_OF_SERVERS.llm),
    tts: wishOf(tts, ENGINE_OF_SERVERS.tts),
  };
}

function wishOf(
  { name, engine, dtype, stand_ins, options, ...own }: ModelSettings["llm"] | ModelSettings["stt"],
  serverEngine: string,
): ModelWish {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return {
    name,
    engine: engine ?? (own.base_url === undefined ? undefined : serverEngine),
    dtype,
    standIns: stand_ins,
    // What an engine is told itself is no choice among a model's files.
    options: { ...set, ...(engine !== undefined && dtype !== undefined && { dtype }), ...options },
  };
}

/** Where models are kept, where they come from, and what of this machine they may have. */
export interface Surroundings extends ModelSurroundings {
  readonly hub: Hub;
  readonly wishes: ModelWishes;
}

/** What the settings and the environment say of all that. Throws `VALIDATION_ERROR`. */
export function surroundingsOf(
  settings: ModelSettings,
  environment: Readonly<Record<string, string>>,
): Surroundings {
  const { folder, device, threads = usualThreads() } = settings;
  return {
    store: new ModelStore(folder ?? usualFolder(environment, Deno.build.os)),
    machine: thisMachine(device),
    run: { device, threads },
    hub: hubOf(environment),
    wishes: wishesOf(settings),
  };
}
