/** Events → the turns of a conversation as a person looks at them. Pure: the same events make the same turns. */
import type { LatencyTraceData, ParleyEvent } from "../protocol/generated/client.ts";

/** Something the assistant did on the way to its answer. */
export interface ToolView {
  readonly callId: string;
  readonly name: string;
  readonly args: unknown;
  readonly outcome?: { readonly ok: boolean; readonly value: unknown };
}

/** A stretch of the answer's sound, and the words it speaks. */
export interface Piece {
  readonly text: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One thing the user said, and what became of it. */
export interface TurnView {
  readonly id: string;
  readonly source: string;
  readonly startedAt: string;
  readonly user?: { readonly text: string; readonly stableChars: number; readonly isFinal: boolean };
  /** As far as the language model has written it, or all that was spoken where none was asked. */
  readonly answer: string;
  readonly pieces: readonly Piece[];
  /** When the answer began to sound, on the viewer's clock. */
  readonly soundingSinceMs?: number;
  /** What was truly heard, once that is known. */
  readonly heard?: string;
  readonly thoughts: string;
  readonly tools: readonly ToolView[];
  readonly errors: readonly string[];
  /** How it ended; absent while it goes on. */
  readonly end?: string;
  readonly trace?: LatencyTraceData;
}

/** Turns that are shown; older ones are in the event log. */
const TURNS_KEPT = 200;

/** The turns after one more event. `nowMs`: the viewer's clock. */
export function applyToTurns(
  turns: readonly TurnView[],
  event: ParleyEvent,
  nowMs: number,
): readonly TurnView[] {
  const { turn_id: id } = event;
  if (id === undefined) {
    return event.type === "voice_speaking"
      ? sounding(turns, event as ParleyEvent<"voice_speaking">, nowMs)
      : turns;
  }
  const known = turns.findLastIndex((turn) => turn.id === id);
  const before = turns[known] ?? begun(event, id);
  const after = changed(before, event, nowMs);
  if (known < 0) return [...turns, after].slice(-TURNS_KEPT);
  return after === before ? turns : turns.with(known, after);
}

/** How much of an answer has been heard by now: what playback said, or else by its clock. */
export function heardSoFar({ heard, pieces, soundingSinceMs }: TurnView, nowMs: number): string {
  if (heard !== undefined) return heard;
  if (soundingSinceMs === undefined) return "";
  const soundedMs = nowMs - soundingSinceMs;
  return pieces.filter((piece) => piece.untilMs <= soundedMs).map((piece) => piece.text).join(" ").trim();
}

/** Splits an answer into what was heard of it and what was not: both tell the same words, in other spacing. */
export function splitHeard(answer: string, heard: string): { readonly heard: string; readonly rest: string } {
  let at = 0;
  for (const letter of heard.replace(/\s+/g, "")) {
    const found = answer.indexOf(letter, at);
    if (found < 0) break;
    at = found + 1;
  }
  return { heard: answer.slice(0, at), rest: answer.slice(at) };
}

function begun({ timestamp }: ParleyEvent, id: string): TurnView {
  return {
    id,
    source: "text",
    startedAt: timestamp,
    answer: "",
    pieces: [],
    thoughts: "",
    tools: [],
    errors: [],
  };
}

function changed(turn: TurnView, event: ParleyEvent, nowMs: number): TurnView {
  switch (event.type) {
    case "turn_start":
      return { ...turn, source: event.data.source, startedAt: event.timestamp };
    case "turn_end":
      return { ...turn, end: event.data.reason };
    case "stt_progress":
      return {
        ...turn,
        user: { text: event.data.text, stableChars: event.data.stable_chars, isFinal: false },
      };
    case "stt_result":
      return { ...turn, user: { text: event.data.text, stableChars: event.data.text.length, isFinal: true } };
    case "message": {
      const { role, text } = event.data;
      if (role === "user") return { ...turn, user: { text, stableChars: text.length, isFinal: true } };
      return { ...turn, heard: text };
    }
    case "thought":
      return { ...turn, thoughts: turn.thoughts + event.data.text };
    case "llm_progress":
      return { ...turn, answer: turn.answer + event.data.delta };
    case "tts_progress": {
      const { text, offset_ms, audio_ms } = event.data;
      return {
        ...turn,
        pieces: [...turn.pieces, { text, fromMs: offset_ms, untilMs: offset_ms + audio_ms }],
      };
    }
    case "tts_result":
      return { ...turn, heard: event.data.spoken_text, answer: turn.answer || event.data.text };
    case "voice_speaking":
      return sounding([turn], event, nowMs)[0]!;
    case "tool_call":
      return {
        ...turn,
        tools: [...turn.tools, { callId: event.data.call_id, name: event.data.name, args: event.data.args }],
      };
    case "tool_result":
      return withOutcome(turn, event.data.call_id, { ok: true, value: event.data.result });
    case "tool_error":
      return withOutcome(turn, event.data.call_id, { ok: false, value: event.data.message });
    case "stt_error":
    case "llm_error":
    case "tts_error":
    case "error":
      return { ...turn, errors: [...turn.errors, event.data.message] };
    case "latency_trace":
      return { ...turn, trace: event.data };
    default:
      return turn;
  }
}

function withOutcome(turn: TurnView, callId: string, outcome: NonNullable<ToolView["outcome"]>): TurnView {
  return { ...turn, tools: turn.tools.map((tool) => tool.callId === callId ? { ...tool, outcome } : tool) };
}

/** The assistant began to speak: the newest turn's sound counts from now. */
function sounding(
  turns: readonly TurnView[],
  { data }: ParleyEvent<"voice_speaking">,
  nowMs: number,
): readonly TurnView[] {
  const newest = turns.at(-1);
  if (!newest || data.source !== "assistant" || !data.speaking || newest.heard !== undefined) return turns;
  return turns.with(-1, { ...newest, soundingSinceMs: nowMs });
}
