/** Every command a client may send: its data, checked here and nowhere else. */
import { z } from "zod";
import type { EventName } from "./events.ts";
import { turnTaking } from "./turn_taking.ts";

/** The longest text a client may send to be answered or spoken. */
export const MAX_TEXT_CHARS = 8000;

const TASKS = ["vad", "turn", "stt", "llm", "tts"] as const;

const text = z.string().max(MAX_TEXT_CHARS).refine((value) => value.trim() !== "", "must not be empty");
const empty = z.object({});
const name = z.string().min(1).max(200);
const historyEntry = z.object({
  role: z.enum(["user", "assistant"]),
  content: z.string().max(MAX_TEXT_CHARS),
}).meta({ id: "HistoryEntry" });
/** `batch`: several events that come together may be sent as one message, a JSON array of them. */
const subscription = z.object({
  events: z.array(name).max(64).optional(),
  audio: z.boolean().optional(),
  batch: z.boolean().optional(),
});

/** The data of each command, by its name. */
export const COMMANDS = {
  connect: z.object({
    session_id: name.optional(),
    personality: name.optional(),
    history: z.array(historyEntry).max(200).optional(),
    last_seq: z.number().int().min(0).optional(),
    epoch: name.optional(),
  }),
  start_conversation: z.object({ workflow: name, personality: name.optional() }),
  ping: z.object({ sent_at: z.union([z.string(), z.number()]).optional() }),
  subscribe: subscription,
  unsubscribe: subscription,
  stt_start: z.object({
    mode: z.enum(["push_to_talk", "continuous"]),
    device: name.optional(),
    language: name.optional(),
  }),
  stt_stop: empty,
  message: z.object({ text }),
  say: z.object({ text, voice: name.optional() }),
  interrupt: empty,
  voice_mute: empty,
  voice_unmute: empty,
  demo_flow: z.object({ script: name.optional(), speed: z.number().min(0.25).max(4).optional() }),
  audio_start: z.object({ sample_rate: z.number().int().min(8000).max(48_000), format: z.literal("pcm16") }),
  audio_stop: empty,
  session_update: z.object({
    personality: name.optional(),
    voice: name.optional(),
    language: name.optional(),
    models: z.object({ vad: name, turn: name, stt: name, llm: name, tts: name }).partial().optional(),
    turn_taking: turnTaking.partial().optional(),
    memory: z.boolean().optional(),
  }),
  get_system_info: empty,
  get_performance_metrics: z.object({ turns: z.number().int().min(1).optional() }),
  get_history: empty,
  clear_history: empty,
  list_devices: empty,
  select_device: z.object({ input: name.optional(), output: name.optional() }),
  list_models: empty,
  load_model: z.object({ task: z.enum(TASKS), name }),
  pull_model: z.object({ name }),
  memory_add: z.object({ text: text.max(1000) }),
  memory_search: z.object({ query: text, limit: z.number().int().min(1).max(100).optional() }),
  memory_forget: z.object({ memory_id: name }),
  debug_request: z.object({ debug_type: z.enum(["snapshot", "session", "state", "metrics", "prompts"]) }),
} as const;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** The event that answers each command which is not answered by `ack`. */
export const ANSWERS = {
  connect: "session_info",
  start_conversation: "session_info",
  ping: "pong",
  session_update: "session_update",
  get_system_info: "system_info",
  get_performance_metrics: "performance_metrics",
  get_history: "history",
  list_devices: "devices",
  select_device: "devices",
  list_models: "models",
  memory_add: "memory_store",
  memory_search: "memory_recall",
  debug_request: "debug_response",
} as const satisfies Partial<Record<CommandName, EventName>>;

/** The checked data of one command. */
export type CommandData<N extends CommandName> = z.output<(typeof COMMANDS)[N]>;

/** A checked command. */
export type Command = {
  [N in CommandName]: { readonly type: N; readonly data: CommandData<N>; readonly id?: string };
}[CommandName];
