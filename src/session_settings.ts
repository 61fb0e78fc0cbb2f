/** What of one session can be changed: who the assistant is, its voice, when it takes turns, what it may recall. */
import { z } from "zod";
import type { Conversation } from "../pipeline/conversation.ts";
import type { ConversationSettings } from "../pipeline/conversation_options.ts";
import { ParleyError } from "../pipeline/errors.ts";
import type { Toolbox } from "../pipeline/tools.ts";
import type { LoadedEngines } from "../models/host.ts";
import type { Config } from "./config_schema.ts";
import type { CommandData } from "./protocol/commands.ts";
import type { EventData } from "./protocol/events.ts";
import { type TurnTaking, turnTaking } from "./protocol/turn_taking.ts";
import type { SettingsPort } from "./sessions/ports.ts";
import type { Session } from "./sessions/session.ts";

/** The choices made in a session, as they are kept. */
export const choices = z.object({
  personality: z.string(),
  /** In the place of the personality's. */
  system_prompt: z.string().optional(),
  voice: z.string().optional(),
  language: z.string().optional(),
  turn_taking: turnTaking,
  memory: z.boolean(),
});

/** The choices made in a session. */
export type Choices = z.output<typeof choices>;

/** The personality that is there without being configured. */
const DEFAULT_PERSONALITY = "default";
/** Tools that stay away where a session is to remember nothing. */
const MEMORY_TOOLS: ReadonlySet<string> = new Set(["memory_store", "memory_recall"]);

/** The choices that a session begins with. */
export function firstChoices(config: Config): Choices {
  return { ...ofPersonality(config, config.personality), turn_taking: config.turn_taking, memory: true };
}

/** The choices as the pipeline takes them. */
export function toConversation(chosen: Choices, config: Config, tools: Toolbox): ConversationSettings {
  const { turn_taking: { pause_ms, endpoint_ms, ...timing }, voice, language } = chosen;
  const preset = config.personalities[chosen.personality];
  return {
    systemPrompt: chosen.system_prompt ?? preset?.system_prompt ?? config.system_prompt,
    tools: chosen.memory ? tools : new Map([...tools].filter(([name]) => !MEMORY_TOOLS.has(name))),
    endpointing: {
      speechThreshold: timing.speech_threshold,
      silenceThreshold: timing.silence_threshold,
      minSpeechMs: timing.min_speech_ms,
      pauseMs: pause_ms,
      endpointMs: endpoint_ms,
      unfinishedMs: timing.unfinished_ms ?? config.turn_taking.unfinished_ms,
      maxUtteranceMs: timing.max_utterance_ms,
    },
    ...(voice && { voice }),
    ...(language && { language }),
    ...(config.sorry && { sorry: config.sorry }),
  };
}

/** What the settings of a session act on. */
export interface SessionSettingsParts {
  readonly config: Config;
  readonly session: Session;
  readonly conversation: Conversation;
  readonly tools: Toolbox;
  readonly engines: LoadedEngines;
  readonly chosen: Choices;
}

/** Changes a session, all of what is asked or nothing, and tells its clients. */
export class SessionSettings implements SettingsPort {
  readonly #parts: SessionSettingsParts;
  #chosen: Choices;

  constructor(parts: SessionSettingsParts) {
    this.#parts = parts;
    this.#chosen = parts.chosen;
    parts.session.personality = parts.chosen.personality;
  }

  /** To be kept, and to begin with again. */
  get chosen(): Choices {
    return this.#chosen;
  }

  get current(): EventData<"session_update"> {
    const { personality, voice, language, turn_taking, memory } = this.#chosen;
    const { names, tts: { voices } } = this.#parts.engines;
    return {
      personality,
      // Where nobody chose, or the voice went with its model, the first speaks.
      voice: voices.find((name) => name === voice) ?? voices[0] ?? "",
      voices: [...voices],
      ...(language && { language }),
      models: names,
      turn_taking,
      memory,
    };
  }

  update(changes: CommandData<"session_update">): void {
    const { personality, voice, language, turn_taking, memory, models } = changes;
    this.#requireModels(models ?? {});
    this.#requireVoice(voice);
    this.#choose({
      ...this.#chosen,
      ...(personality !== undefined && ofPersonality(this.#parts.config, personality)),
      ...(voice !== undefined && { voice }),
      ...(language !== undefined && { language }),
      ...(turn_taking && { turn_taking: merged(this.#chosen.turn_taking, turn_taking) }),
      ...(memory !== undefined && { memory }),
    });
  }

  begin({ workflow, personality }: CommandData<"start_conversation">): void {
    const { config, conversation } = this.#parts;
    const preset = config.workflows[workflow];
    if (!preset) throw unknown("workflow", workflow, Object.keys(config.workflows));
    const { system_prompt, opening } = preset;
    const next = ofPersonality(config, personality ?? preset.personality ?? config.personality);
    this.#choose({ ...this.#chosen, ...next, ...(system_prompt !== undefined && { system_prompt }) });
    conversation.interrupt();
    conversation.restartHistory();
    if (opening) conversation.say(opening);
  }

  announce(): void {
    this.#parts.session.publish({ type: "session_update", data: this.current });
  }

  #choose(next: Choices): void {
    const { config, session, conversation, tools } = this.#parts;
    conversation.configure(toConversation(next, config, tools));
    this.#chosen = next;
    session.personality = next.personality;
    this.announce();
  }

  #requireVoice(voice: string | undefined): void {
    const { voices } = this.#parts.engines.tts;
    if (voice !== undefined && !voices.includes(voice)) throw unknown("voice", voice, voices);
  }

  /** One set of models serves all sessions: `load_model` changes it for all of them. */
  #requireModels(wanted: Readonly<Record<string, string | undefined>>): void {
    const loadedNames: Readonly<Record<string, string>> = this.#parts.engines.names;
    for (const [task, name] of Object.entries(wanted)) {
      const loaded = loadedNames[task];
      if (name !== undefined && name !== loaded) throw unknown(`${task} model`, name, loaded ? [loaded] : []);
    }
  }
}

/** A personality brings its voice and language; whatever it leaves open is as configured for all. */
function ofPersonality(config: Config, personality: string): Omit<Choices, "turn_taking" | "memory"> {
  const preset = config.personalities[personality];
  if (!preset && personality !== DEFAULT_PERSONALITY) {
    throw unknown("personality", personality, [DEFAULT_PERSONALITY, ...Object.keys(config.personalities)]);
  }
  const { voice = config.voice, language = config.language } = preset ?? {};
  return { personality, voice, language, system_prompt: undefined };
}

function merged(
  before: TurnTaking,
  changes: Partial<Record<keyof TurnTaking, number | undefined>>,
): TurnTaking {
  const next = turnTaking.parse({ ...before, ...changes });
  if (next.pause_ms <= next.endpoint_ms) return next;
  throw new ParleyError("VALIDATION_ERROR", "data.turn_taking: pause_ms must not exceed endpoint_ms.", {
    details: { path: "data.turn_taking.pause_ms" },
  });
}

function unknown(kind: string, name: string, known: readonly string[]): ParleyError {
  const there = known.length > 0 ? `there is ${known.join(", ")}` : "none is configured";
  return new ParleyError("NOT_FOUND", `There is no ${kind} "${name}"; ${there}.`);
}
