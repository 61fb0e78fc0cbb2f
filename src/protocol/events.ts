/** Every event the server sends: its data, checked on the way out. */
import { z } from "zod";
import { errorCode } from "./errors.ts";
import { turnTaking } from "./turn_taking.ts";

const ms = z.number();
const role = z.enum(["user", "assistant"]);
const models = z.record(z.string(), z.string());
const mode = z.enum(["push_to_talk", "continuous"]);
const source = z.enum(["voice", "text", "demo"]);
const count = z.number().int().min(0);
const stageError = z.object({ code: errorCode, message: z.string(), recoverable: z.boolean() });
const percentiles = z.object({ p50: ms, p95: ms, p99: ms, n: count }).meta({ id: "Percentiles" });
const device = z.object({ id: z.string(), name: z.string(), is_default: z.boolean() }).meta({ id: "Device" });
const modelName = z.object({ task: z.string(), name: z.string() });
const model = modelName.extend({
  loaded: z.boolean(),
  /** On this machine. */
  installed: z.boolean().optional(),
  /** What is, or would be, fetched. */
  megabytes: z.number().min(0).optional(),
  /** There is memory for it. */
  fits: z.boolean().optional(),
  summary: z.string().optional(),
  licence: z.string().optional(),
  languages: z.array(z.string()).optional(),
}).meta({ id: "Model" });
const toolCall = z.object({ call_id: z.string(), name: z.string() });

/** The data of each event, by its type. */
export const EVENTS = {
  connection_status: z.object({
    status: z.enum(["connected", "disconnected"]),
    client_id: z.string(),
    clients: count,
    protocol_version: count,
    server_version: z.string(),
  }),
  session_info: z.object({
    session_id: z.string(),
    status: z.enum(["new", "resumed"]),
    personality: z.string(),
    models,
    mode: z.enum(["idle", "push_to_talk", "continuous"]),
    /** Numbers of events are comparable only within one epoch of a session. */
    epoch: z.string().optional(),
  }),
  replay: z.object({
    events: z.array(z.looseObject({ type: z.string(), seq: count })),
    from_seq: count,
    to_seq: count,
    complete: z.boolean(),
  }),
  ready: z.object({ models, load_ms: ms }),
  status: z.object({
    state: z.enum(["idle", "listening", "thinking", "speaking"]),
    muted: z.boolean(),
    detail: z.string().optional(),
  }),
  turn_start: z.object({ source }),
  turn_end: z.object({ reason: z.enum(["completed", "interrupted", "cancelled", "no_speech", "error"]) }),
  /** In a pause: how likely a turn detector takes it that the user has finished. */
  turn_progress: z.object({ completion: z.number().min(0).max(1) }),
  voice_speaking: z.object({ source: role, speaking: z.boolean(), at_ms: ms }),
  /** Live only: never logged, without a number, and for clients alone that asked for audio. */
  voice_level: z.object({ levels: z.array(z.number().min(0).max(1)) }),
  stt_start: z.object({ mode, source }),
  stt_progress: z.object({ text: z.string(), stable_chars: count, audio_ms: ms }),
  stt_result: z.object({
    text: z.string(),
    audio_ms: ms,
    language: z.string().optional(),
    confidence: z.number().min(0).max(1).optional(),
    words: z.array(z.object({ word: z.string(), start_ms: ms, end_ms: ms })).optional(),
  }),
  llm_start: z.object({ model: z.string() }),
  llm_progress: z.object({ delta: z.string() }),
  llm_result: z.object({
    text: z.string(),
    finish_reason: z.enum(["stop", "length", "tool_calls"]),
    usage: z.object({
      input_tokens: count,
      /** Of these, known from an earlier generation and not read again. */
      cached_input_tokens: count.optional(),
      output_tokens: count,
    }),
  }),
  thought: z.object({ text: z.string() }),
  tts_start: z.object({ voice: z.string(), sample_rate: count }),
  tts_progress: z.object({ text: z.string(), chunk: count, audio_ms: ms, offset_ms: ms }),
  tts_result: z.object({
    text: z.string(),
    spoken_text: z.string(),
    audio_ms: ms,
    interrupted: z.boolean(),
  }),
  stt_error: stageError,
  llm_error: stageError,
  tts_error: stageError,
  message: z.object({ role, text: z.string() }),
  tool_call: toolCall.extend({ args: z.unknown() }),
  tool_progress: toolCall.extend({ output: z.string() }),
  tool_result: toolCall.extend({ result: z.unknown(), duration_ms: ms }),
  tool_error: toolCall.extend({ code: errorCode, message: z.string() }),
  memory_store: z.object({ memory_id: z.string(), text: z.string() }),
  memory_recall: z.object({
    query: z.string(),
    items: z.array(z.object({ memory_id: z.string(), text: z.string(), score: z.number() })),
  }),
  memory_error: z.object({ code: errorCode, message: z.string() }),
  latency_trace: z.object({
    voice_to_voice_ms: ms.optional(),
    spans: z.array(z.object({ stage: z.string(), start_ms: ms, end_ms: ms })),
    marks: z.object({
      speech_end: ms,
      endpoint: ms,
      stt_final: ms,
      llm_first_token: ms,
      tts_first_audio: ms,
      playback_start: ms,
    }).partial(),
  }),
  system_info: z.object({
    version: z.string(),
    uptime_ms: ms,
    memory: z.object({ rss: count, heap_used: count }),
    platform: z.string(),
    deno: z.string(),
    models,
    devices: z.object({ inputs: z.array(device), outputs: z.array(device) }),
    sessions: count,
    clients: count,
  }),
  performance_metrics: z.object({
    turns: count,
    latency: z.object({
      voice_to_voice_ms: percentiles,
      endpoint_ms: percentiles,
      stt_ms: percentiles,
      llm_ttft_ms: percentiles,
      tts_ttfa_ms: percentiles,
    }),
    event_loop_lag_ms: percentiles,
    dropped_events: count,
  }),
  hook_triggered: z.object({ hook: z.string(), event: z.string(), ok: z.boolean(), duration_ms: ms }),
  session_update: z.object({
    personality: z.string(),
    voice: z.string(),
    /** Those there are. */
    voices: z.array(z.string()).optional(),
    language: z.string().optional(),
    models,
    turn_taking: turnTaking,
    memory: z.boolean(),
  }),
  models: z.object({ models: z.array(model) }),
  model_progress: modelName.extend({ loaded_bytes: count, total_bytes: count.optional() }),
  model_ready: modelName.extend({ load_ms: ms }),
  model_error: modelName.extend({ code: errorCode, message: z.string() }),
  debug_response: z.looseObject({ debug_type: z.string() }),
  history: z.object({ messages: z.array(z.object({ role, content: z.string() })) }),
  devices: z.object({
    inputs: z.array(device),
    outputs: z.array(device),
    selected: z.object({ input: z.string().optional(), output: z.string().optional() }),
  }),
  pong: z.object({ sent_at: z.union([z.string(), z.number()]).optional(), received_at: z.string() }),
  ack: z.looseObject({}),
  error: z.object({
    code: errorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
} as const;

/** The name of an event. */
export type EventName = keyof typeof EVENTS;
/** The data of one event. */
export type EventData<N extends EventName> = z.input<(typeof EVENTS)[N]>;
/** An event's name and its data, without the envelope. */
export type EventBody = { [N in EventName]: { readonly type: N; readonly data: EventData<N> } }[EventName];
