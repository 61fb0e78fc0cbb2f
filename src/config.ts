/**
 * Every setting, once: its type, default, limits and meaning. Flags, environment variables and the keys of
 * parley.toml all follow from this schema: `turn_taking.endpoint_ms` is `--turn-taking-endpoint-ms` and
 * `PARLEY_TURN_TAKING_ENDPOINT_MS`. Flags win over the environment, that over the file, that over defaults.
 */
import { parseArgs } from "node:util";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { ParleyError } from "../pipeline/errors.ts";
import { hookSettings } from "./hooks/settings.ts";
import { turnTaking } from "./protocol/turn_taking.ts";

const { shape } = turnTaking;
const takingTurns = z.strictObject({
  speech_threshold: shape.speech_threshold.default(0.5),
  silence_threshold: shape.silence_threshold.default(0.35),
  min_speech_ms: shape.min_speech_ms.default(64),
  pause_ms: shape.pause_ms.default(128),
  endpoint_ms: shape.endpoint_ms.default(384),
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

const models = z.strictObject({
  profile: z.string().default("starter").describe("which set of engines"),
  llm: z.strictObject({
    engine: z.string().optional().describe("language model engine instead of the profile's"),
    base_url: z.string().optional().describe("OpenAI-compatible server, such as http://localhost:11434/v1"),
    model: z.string().optional().describe("the model's name there"),
    api_key_env: z.string().optional().describe("name of the environment variable that holds the key"),
  }).prefault({}),
});

const limits = z.strictObject({
  clients: z.number().int().min(1).default(64).describe("connections at a time"),
  sessions: z.number().int().min(1).default(16).describe("sessions at a time"),
  commands_per_second: z.number().min(1).default(50).describe("commands of one client"),
  message_bytes: z.number().int().min(1024).default(1_048_576).describe("largest message of a client"),
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
  memory_file: z.string().optional().describe(
    "where memories are kept; without it they last as long as the server",
  ),
  replay_events: z.number().int().min(0).max(10_000).default(100).describe("events a new client is told of"),
  personality: z.string().default("default").describe("which of the personalities sessions begin with"),
  development: z.boolean().default(false).describe("a wrong outgoing event throws"),
  audio: audio.prefault({}),
  turn_taking: takingTurns.prefault({}),
  sessions: sessions.prefault({}),
  models: models.prefault({}),
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

/** One setting as flags, environment and help name it. */
export interface Setting {
  readonly path: readonly string[];
  readonly flag: string;
  readonly variable: string;
  readonly kind: "string" | "number" | "boolean" | "list";
  readonly description: string;
  readonly default: unknown;
}

/** Every setting, read off the schema. */
export const settings: readonly Setting[] = leavesOf(configSchema, []);

function leavesOf(schema: z.ZodObject, path: readonly string[]): Setting[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const inner = unwrap(field as z.ZodType);
    const here = [...path, key];
    if (inner instanceof z.ZodObject) return leavesOf(inner, here);
    if (inner instanceof z.ZodRecord || isTables(inner)) return []; // Too much for a flag: in parley.toml alone.
    const name = here.join("_");
    return [{
      path: here,
      flag: name.replaceAll("_", "-"),
      variable: `PARLEY_${name.toUpperCase()}`,
      kind: kindOf(inner),
      description: (field as z.ZodType).description ?? inner.description ?? "",
      default: (field as z.ZodType).safeParse(undefined).data,
    }];
  });
}

function isTables(schema: z.ZodType): boolean {
  return schema instanceof z.ZodArray && unwrap(schema.element as z.ZodType) instanceof z.ZodObject;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}

function kindOf(schema: z.ZodType): Setting["kind"] {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodArray ? "list" : "string";
}

/** Where settings come from. */
export interface ConfigSources {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Text of parley.toml, if there is one. */
  readonly file?: string;
}

/** What the command line said. */
export interface CommandLine {
  readonly config: Config;
  readonly help: boolean;
  /** What is not a flag. */
  readonly positionals: readonly string[];
}

/** Reads all settings. Throws `VALIDATION_ERROR` naming the setting, its value and what is allowed. */
export function readConfig({ flags, environment, file }: ConfigSources): CommandLine {
  const raw = file === undefined ? {} : readToml(file);
  for (const setting of settings) {
    const value = environment[setting.variable];
    if (value !== undefined && value !== "") place(raw, setting, decode(value, setting, setting.variable));
  }
  const { values, positionals } = readFlags(flags);
  for (const setting of settings) {
    const value = values[setting.flag];
    if (typeof value === "string") place(raw, setting, decode(value, setting, `--${setting.flag}`));
    else if (value !== undefined) place(raw, setting, value);
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw invalid(parsed.error.issues.map((issue) => describe(issue, raw)).join("; "));
  return { config: parsed.data, help: values.help === true, positionals };
}

interface Flags {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

function readFlags(args: readonly string[]): Flags {
  const options = Object.fromEntries(settings.map(({ flag, kind }) => [
    flag,
    { type: kind === "boolean" ? "boolean" as const : "string" as const },
  ]));
  try {
    return parseArgs({
      args: [...args],
      // Which file was read is no setting: it has been read by now.
      options: { ...options, help: { type: "boolean", short: "h" }, config: { type: "string" } },
      allowPositionals: true,
      allowNegative: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw invalid(`${reason}; --help lists all flags`, error);
  }
}

function readToml(text: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (error) {
    throw invalid(`parley.toml is not valid TOML: ${error instanceof Error ? error.message : error}`, error);
  }
}

function decode(value: string, { kind }: Setting, name: string): unknown {
  if (kind === "list") return value.split(",").map((item) => item.trim()).filter(Boolean);
  if (kind === "number") {
    const number = Number(value);
    if (value.trim() === "" || Number.isNaN(number)) throw invalid(`${name} is "${value}", not a number`);
    return number;
  }
  if (kind !== "boolean") return value;
  if (["1", "true", "yes", "on"].includes(value.toLowerCase())) return true;
  if (["0", "false", "no", "off"].includes(value.toLowerCase())) return false;
  throw invalid(`${name} is "${value}"; use true or false`);
}

function place(target: Record<string, unknown>, { path }: Setting, value: unknown): void {
  let here = target;
  for (const key of path.slice(0, -1)) {
    const next = here[key];
    here = isRecord(next) ? next : (here[key] = {}) as Record<string, unknown>;
  }
  here[path.at(-1)!] = value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(issue: z.core.$ZodIssue, raw: unknown): string {
  if (issue.code === "unrecognized_keys") {
    return `there is no setting ${issue.keys.map((key) => [...issue.path, key].join(".")).join(", ")}`;
  }
  const name = issue.path.join(".") || "settings";
  const value = issue.path.reduce<unknown>(
    (part, key) => isRecord(part) ? part[String(key)] : undefined,
    raw,
  );
  // Sections are too long to show, and the token is nobody's business.
  if (value === undefined || isRecord(value) || name === "token") return `${name}: ${issue.message}`;
  return `${name} is ${JSON.stringify(value)}: ${issue.message}`;
}

function invalid(message: string, cause?: unknown): ParleyError {
  return new ParleyError("VALIDATION_ERROR", `Wrong settings: ${message}.`, { cause, recoverable: false });
}

/** The settings as a table for `--help`. */
export function settingsHelp(): string {
  return settings.map(({ flag, kind, description, default: value }) => {
    const usual = value === undefined || Array.isArray(value) ? "" : ` (default: ${value})`;
    return `  --${`${flag}${kind === "boolean" ? "" : ` <${kind}>`}`.padEnd(40)} ${description}${usual}`;
  }).join("\n");
}
