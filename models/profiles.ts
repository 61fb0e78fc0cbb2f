/** Which engines make up a pipeline, and how one of them is exchanged. */
import type { Task } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";

/** An engine by its name in the registry, with settings as its schema takes them. */
export interface EngineChoice {
  readonly engine: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One engine for each task. */
export type EngineSelection = { readonly [K in Task]: EngineChoice };

/** A profile (default: `starter`), and what differs from it. */
export interface EnginesConfig extends Partial<EngineSelection> {
  readonly profile?: string;
}

const starter = (path: string) => new URL(`./starter/${path}`, import.meta.url).href;

/** The profiles there are. */
export const PROFILES = {
  /** What ships with the project: small, offline, without a GPU. */
  starter: {
    vad: { engine: "silero", options: { model: starter("vad/silero_vad_v5.onnx") } },
    stt: { engine: "ctc", options: { model: starter("stt/") } },
    // Shown an earlier sum, it copies from that: "what is six plus five" then gave the right expression in 18 of
    // 40 instead of 35. It was trained on no tool that fails and said a refused timer was set.
    llm: {
      engine: "transformers",
      options: { model: starter("llm/"), max_turns: 1, speak_tool_errors: true },
    },
    tts: { engine: "flite" },
  },
} as const satisfies Readonly<Record<string, EngineSelection>>;

/** The engines of a configuration. An unknown profile is `NOT_FOUND`. */
export function selectEngines({ profile = "starter", ...choices }: EnginesConfig): EngineSelection {
  const profiles: Readonly<Record<string, EngineSelection>> = PROFILES;
  const base = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (base) return { ...base, ...choices };
  const known = Object.keys(profiles).join(", ");
  throw new ParleyError("NOT_FOUND", `There is no model profile "${profile}"; choose one of: ${known}`, {
    recoverable: false,
  });
}
