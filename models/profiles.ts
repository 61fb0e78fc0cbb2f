/** Which models make up a pipeline: sets with a name, and how one of them is exchanged. */
import type { Task } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";

/** An engine by its name in the registry, with settings as its schema takes them. */
export interface EngineChoice {
  readonly engine: string;
  /** What it is called: a model of the catalogue. Default: the engine's name. */
  readonly name?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Who takes the turn, one after the other, when this one fails or is too slow. */
  readonly fallback?: readonly EngineChoice[];
}

/** One engine for each task. */
export type EngineSelection = { readonly [K in Task]: EngineChoice };

/** What an engine is called. */
export function nameOf({ name, engine }: EngineChoice): string {
  return name ?? engine;
}

/** A model of the catalogue by its name, or an engine. */
export type ProfileChoice = string | EngineChoice;

/** What a profile is for, and a model for each task. */
export interface Profile extends Readonly<Record<Task, ProfileChoice>> {
  readonly summary: string;
}

/** Where these servers listen unless told otherwise. */
const LOCAL = {
  ollama: "http://127.0.0.1:11434/v1",
  speaches: "http://127.0.0.1:8000/v1",
  kokoroFastApi: "http://127.0.0.1:8880/v1",
};

/** The profiles there are. */
export const PROFILES: Readonly<Record<string, Profile>> = {
  starter: {
    summary: "what ships with Parley: works at once and offline, knows little",
    vad: "silero",
    turn: "starter-turn",
    stt: "starter-stt",
    llm: "starter-llm",
    tts: "flite",
  },
  light: {
    summary: "better ears and a natural voice on any machine; answers as the starter does",
    vad: "silero",
    turn: "smart-turn-v3",
    stt: "moonshine-base",
    llm: "starter-llm",
    tts: "kokoro-82m",
  },
  balanced: {
    summary: "a conversation about anything, on a recent laptop",
    vad: "silero",
    turn: "smart-turn-v3",
    stt: "moonshine-base",
    llm: "qwen3-0.6b",
    tts: "kokoro-82m",
  },
  best: {
    summary: "the best that runs here, for a machine with a GPU or many cores",
    vad: "silero",
    turn: "smart-turn-v3",
    stt: "parakeet-ctc-0.6b",
    llm: "qwen3-4b",
    tts: "kokoro-82m",
  },
  server: {
    summary: "servers of your own: Ollama, Speaches and Kokoro-FastAPI where they usually listen",
    vad: "silero",
    turn: "silence",
    stt: {
      name: "speaches",
      engine: "openai",
      options: { base_url: LOCAL.speaches, model: "Systran/faster-whisper-small" },
    },
    // Ollama's "qwen3:4b" cannot be kept from thinking.
    llm: {
      name: "ollama",
      engine: "ai_sdk",
      options: { base_url: LOCAL.ollama, model: "qwen3:4b-instruct" },
    },
    tts: {
      name: "kokoro-fastapi",
      engine: "openai",
      options: { base_url: LOCAL.kokoroFastApi, model: "kokoro", voices: ["af_heart", "am_michael"] },
    },
  },
};

/** The profile of that name. Throws `NOT_FOUND`, saying which there are. */
export function findProfile(name: string): Profile {
  const profile = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined;
  if (profile) return profile;
  const known = Object.keys(PROFILES).join(", ");
  throw new ParleyError("NOT_FOUND", `There is no model profile "${name}"; choose one of: ${known}`, {
    recoverable: false,
  });
}
