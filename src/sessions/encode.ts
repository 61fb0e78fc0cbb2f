/** Facts → events of the wire: the one place where the names of the inside meet those of the contract. */
import type { Fact, LatencyTrace } from "../../pipeline/events.ts";
import type { EventBody, EventData } from "../protocol/events.ts";

type FactOf<T extends Fact["type"]> = Extract<Fact, { type: T }>;

/** What each kind of fact becomes; null for what is not sent. A new kind does not compile until it is here. */
const EVENTS: { readonly [T in Fact["type"]]: ((fact: FactOf<T>) => EventBody) | null } = {
  "turn.start": (fact) => ({ type: "turn_start", data: { source: fact.source } }),
  "turn.end": (fact) => ({ type: "turn_end", data: { reason: fact.reason } }),
  "turn.progress": (fact) => ({
    type: "turn_progress",
    data: { completion: Math.round(fact.completion * 1000) / 1000 },
  }),
  "stt.start": (fact) => ({ type: "stt_start", data: { mode: fact.mode, source: fact.source } }),
  "stt.progress": (fact) => ({
    type: "stt_progress",
    data: { text: fact.text, stable_chars: fact.stableChars, audio_ms: round(fact.audioMs) },
  }),
  "stt.result": (fact) => ({ type: "stt_result", data: sttResult(fact) }),
  "llm.start": (fact) => ({ type: "llm_start", data: { model: fact.model } }),
  "llm.progress": (fact) => ({ type: "llm_progress", data: { delta: fact.delta } }),
  "llm.thought": (fact) => ({ type: "thought", data: { text: fact.text } }),
  "llm.result": (fact) => ({
    type: "llm_result",
    data: {
      text: fact.text,
      finish_reason: fact.finishReason,
      usage: usageOf(fact.usage),
    },
  }),
  "tool.call": (fact) => ({
    type: "tool_call",
    data: { call_id: fact.callId, name: fact.name, args: fact.args },
  }),
  "tool.progress": (fact) => ({
    type: "tool_progress",
    data: { call_id: fact.callId, name: fact.name, output: fact.output },
  }),
  "tool.result": (fact) => ({
    type: "tool_result",
    data: {
      call_id: fact.callId,
      name: fact.name,
      result: fact.result,
      duration_ms: round(fact.durationMs),
    },
  }),
  "tool.error": (fact) => ({
    type: "tool_error",
    data: { call_id: fact.callId, name: fact.name, code: fact.code, message: fact.message },
  }),
  "memory.store": (fact) => ({ type: "memory_store", data: { memory_id: fact.memoryId, text: fact.text } }),
  "memory.recall": (fact) => ({
    type: "memory_recall",
    data: {
      query: fact.query,
      items: fact.items.map(({ memoryId, text, score }) => ({ memory_id: memoryId, text, score })),
    },
  }),
  "tts.start": (fact) => ({ type: "tts_start", data: { voice: fact.voice, sample_rate: fact.sampleRateHz } }),
  "tts.progress": (fact) => ({
    type: "tts_progress",
    data: {
      text: fact.text.trim(),
      chunk: fact.chunk,
      audio_ms: round(fact.frame.samples.length * 1000 / fact.frame.sampleRateHz),
      offset_ms: round(fact.offsetMs),
    },
  }),
  "playback.end": (fact) => ({
    type: "tts_result",
    data: {
      text: fact.text,
      spoken_text: fact.spokenText,
      audio_ms: round(fact.heardMs),
      interrupted: fact.interrupted,
    },
  }),
  message: (fact) => ({ type: "message", data: { role: fact.role, text: fact.text } }),
  "stage.error": (fact) => ({
    type: `${fact.stage}_error`,
    data: { code: fact.code, message: fact.message, recoverable: fact.recoverable },
  }),
  "latency.trace": (fact) => ({ type: "latency_trace", data: latencyTrace(fact.trace) }),
  ready: (fact) => ({ type: "ready", data: { models: fact.models, load_ms: round(fact.loadMs) } }),
  status: (fact) => ({
    type: "status",
    data: { state: fact.state, muted: fact.muted, ...(fact.detail && { detail: fact.detail }) },
  }),
  "voice.level": (fact) => ({
    type: "voice_level",
    data: { levels: fact.levels.map((level) => Math.min(1, Math.round(level * 1000) / 1000)) },
  }),
  "voice.activity": (fact) => ({
    type: "voice_speaking",
    data: { source: fact.source, speaking: fact.speaking, at_ms: round(fact.atMs) },
  }),
  error: (fact) => ({
    type: "error",
    data: { code: fact.code, message: fact.message, ...(fact.details && { details: fact.details }) },
  }),
  "trace.mark": null,
  "attempt.discarded": null,
};

/** `fact` as the contract has it, or undefined for what is not sent. */
export function encodeFact<T extends Fact["type"]>(fact: FactOf<T>): EventBody | undefined {
  const encode: ((fact: FactOf<T>) => EventBody) | null = EVENTS[fact.type as T];
  return encode?.(fact);
}

function sttResult(fact: FactOf<"stt.result">): EventData<"stt_result"> {
  const { text, audioMs, language, confidence, words } = fact;
  return {
    text,
    audio_ms: round(audioMs),
    ...(language !== undefined && { language }),
    ...(confidence !== undefined && { confidence }),
    ...(words && {
      words: words.map(({ word, startMs, endMs }) => (
        { word, start_ms: round(startMs), end_ms: round(endMs) }
      )),
    }),
  };
}

function latencyTrace({ voiceToVoiceMs, spans, marks }: LatencyTrace): EventData<"latency_trace"> {
  return {
    ...(voiceToVoiceMs !== undefined && { voice_to_voice_ms: round(voiceToVoiceMs) }),
    spans: spans.map(({ stage, startMs, endMs }) => (
      { stage, start_ms: round(startMs), end_ms: round(endMs) }
    )),
    marks: Object.fromEntries(Object.entries(marks).map(([name, ms]) => [name, round(ms)])),
  };
}

/** To a tenth of a millisecond: finer is noise, and on the wire only digits. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function usageOf({ inputTokens, cachedInputTokens, outputTokens }: FactOf<"llm.result">["usage"]) {
  return {
    input_tokens: inputTokens,
    ...(cachedInputTokens !== undefined && { cached_input_tokens: cachedInputTokens }),
    output_tokens: outputTokens,
  };
}
