/** Every command a client may send: its data, checked here and nowhere else. */
import { z } from "zod";

/** The longest text a client may send to be answered or spoken. */
export const MAX_TEXT_CHARS = 8000;

const text = z.string().max(MAX_TEXT_CHARS).refine((value) => value.trim() !== "", "must not be empty");
const empty = z.object({});
const name = z.string().min(1).max(200);
const subscription = z.object({ events: z.array(name).max(64).optional(), audio: z.boolean().optional() });

/** The data of each command, by its name. */
export const COMMANDS = {
  connect: z.object({
    session_id: name.optional(),
    personality: z.string().optional(),
    history: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.string() })).optional(),
    last_seq: z.number().int().min(0).optional(),
  }),
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
  get_system_info: empty,
  get_performance_metrics: z.object({ turns: z.number().int().min(1).optional() }),
  get_history: empty,
  clear_history: empty,
  list_devices: empty,
} as const;

/** The name of a command that this server acts on. */
export type CommandName = keyof typeof COMMANDS;

/** Commands of the contract that this server does not act on yet: answered `UNAVAILABLE`. */
export const UNAVAILABLE_COMMANDS: readonly string[] = [
  "start_conversation",
  "session_update",
  "select_device",
  "list_models",
  "load_model",
  "pull_model",
  "memory_add",
  "memory_search",
  "memory_forget",
  "debug_request",
];

/** The checked data of one command. */
export type CommandData<N extends CommandName> = z.output<(typeof COMMANDS)[N]>;

/** A checked command. */
export type Command = {
  [N in CommandName]: { readonly type: N; readonly data: CommandData<N>; readonly id?: string };
}[CommandName];
