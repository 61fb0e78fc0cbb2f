/** Every setting, once: its type, default, limits and meaning. */
import { z } from "zod";
import { hookSettings } from "./hooks/settings.ts";
import { modelSettings } from "./models/settings.ts";
import { turnTaking } from "./protocol/turn_taking.ts";

const { shape } = turnTaking;
const takingTurns = z.strictObject({
  speech_threshold: shape.speech_threshold.default(0.5),
  silence_threshold: shape.silence_threshold.default(0.35),
  min_speech_ms: shape.min_speech_ms.default(64),
  pause_ms: shape.pause_ms.default(128),
  endpoint_ms: shape.endpoint_ms.default(384),
  unfinished_ms: z.number().min(64).max(10_000).default(1500).describe(
    "the same where it sounded as if more would come (turn detector)",
  ),
  max_utterance_ms: shape.max_utterance_ms.default(180_000),
}).refine((settings) => settings.pause_ms <= settings.endpoint_ms, "pause_ms must not exceed endpoint_ms");

const audio = z.strictObject({
  backend: z.enum(["auto", "pulse", "alsa", "web_audio", "wav", "null"]).default("auto").describe(
    "how to reach microphone and loudspeaker",
  ),
  input: z.string().optional().describe("microphone, as `deno task devices` names it"),
  output: z.string().optional().describe("loudspeaker, likewise"),
  wav_input: z.string().optional().describe("backend wav: the recording to hear"),
  wav_output: z.string().optional().describe("backend wav: where to record the answers"),
});

const limits = z.strictObject({
  clients: z.number().int().min(1).default(64).describe("connections at a time"),
  sessions: z.number().int().min(1).default(16).describe("sessions at a time"),
  commands_per_second: z.number().min(1).default(50).describe("commands of one client"),
  message_bytes: z.number().int().min(1024).default(1_048_576).describe("largest message of a client"),
  requests: z.number().int().min(1).default(4).describe("requests under /v1/ worked on at a time"),
  queue_bytes: z.number().int().min(65_536).default(8_388_608).describe(
    "most that may wait for a slow client",
  ),
});

const sessions = z.strictObject({
  log_events: z.number().int().min(100).max(1_000_000).default(10_000).describe("events a session keeps"),
  log_bytes: z.number().int().min(65_536).default(16_777_216).describe("how much they may weigh together"),
  resume_s: z.number().min(0).max(86_400).default(300).describe(
    "how long a session waits for its clients to come back",
  ),
  file: z.string().optional().describe("where sessions are kept; without it they end with the server"),
  keep_days: z.number().min(0).default(30).describe(
    "sessions in the file that nobody used for longer are forgotten",
  ),
});

const presetName = z.string().min(1).max(200);

const personalities = z.record(
  presetName,
  z.strictObject({
    system_prompt: z.string().optional().describe("who the assistant is"),
    voice: z.string().optional().describe("its voice"),
    language: z.string().optional().describe("the language spoken"),
  }),
).default({}).describe("who the assistant can be, by name").meta({
  example: {
    pirate: { system_prompt: "You are a friendly pirate. Answer in one short sentence.", voice: "rms" },
  },
});

const workflows = z.record(
  presetName,
  z.strictObject({
    personality: z.string().optional().describe("who the assistant is in it"),
    system_prompt: z.string().optional().describe("what it is about"),
    opening: z.string().optional().describe("what the assistant says first"),
  }),
).default({}).describe("conversations that `start_conversation` begins, by name").meta({
  example: { morning: { personality: "pirate", opening: "Good morning! What shall we do today?" } },
});

const hooks = z.array(hookSettings).default([]).describe("programs that are told what happens").meta({
  example: [{
    name: "log",
    events: ["turn_end", "*_error"],
    url: "http://127.0.0.1:9000/parley",
    secret_env: "PARLEY_HOOK_SECRET",
  }],
});

/** The schema of all settings. */
export const configSchema = z.strictObject({
  host: z.string().default("127.0.0.1").describe("address to listen on"),
  port: z.number().int().min(0).max(65_535).default(8765).describe("port to listen on; 0 takes a free one"),
  token: z.string().min(16).optional().describe("what clients must show; required unless host is loopback"),
  allowed_origins: z.array(z.string()).default([]).describe("further web origins that may connect"),
  continuous: z.boolean().default(false).describe("listen from the start"),
  voice: z.string().optional().describe("the assistant's voice"),
  language: z.string().optional().describe("the language spoken, where the recogniser knows several"),
  system_prompt: z.string().default(
    "You are Parley, a helpful voice assistant. Answer in one or two short spoken sentences.",
  ).describe("who the assistant is"),
  sorry: z.string().default("Sorry, I did not catch that.").describe(
    "what the assistant says where it doubts what it heard; empty: it answers whatever that was",
  ),
  memory_file: z.string().optional().describe(
    "where memories are kept; without it they last as long as the server",
  ),
  replay_events: z.number().int().min(0).max(10_000).default(100).describe("events a new client is told of"),
  personality: z.string().default("default").describe("which of the personalities sessions begin with"),
  development: z.boolean().default(false).describe("a wrong outgoing event throws"),
  audio: audio.prefault({}),
  turn_taking: takingTurns.prefault({}),
  sessions: sessions.prefault({}),
  models: modelSettings.prefault({}),
  limits: limits.prefault({}),
  personalities,
  workflows,
  hooks,
}).refine(
  ({ personality, personalities }) => personality === "default" || Object.hasOwn(personalities, personality),
  { path: ["personality"], message: "there is no such table under [personalities]" },
);

/** All settings, every default filled in. */
export type Config = z.output<typeof configSchema>;
