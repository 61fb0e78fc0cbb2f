/**
 * The facts of a session: everything that stages and the conversation have to tell. The wire protocol, the
 * traces and the metrics are views of these. Times not named otherwise are on the session's clock.
 */
import type { AudioFrame } from "./audio.ts";
import type { TimedWord, TokenUsage } from "./engines.ts";
import type { ErrorCode } from "./errors.ts";

/** Why a turn's signal was aborted. Aborting it is the only way to cancel a turn. */
export type AbortReason = "barge_in" | "command" | "superseded" | "session_closed";

/** How the user's words reach the assistant. */
export type TurnSource = "voice" | "text" | "demo";
/** How a turn ended. */
export type TurnEndReason = "completed" | "interrupted" | "cancelled" | "no_speech" | "error";
/** What the conversation is doing. */
export type ConversationState = "idle" | "listening" | "thinking" | "speaking";
/** Who decides that the user has finished: a key, or endpointing. */
export type ListeningMode = "push_to_talk" | "continuous";
/** The stages whose failure a turn can survive telling about. */
export type StageName = "stt" | "llm" | "tts";

/** Points in time that latency is measured between. */
export const MARK_NAMES = [
  "speech_end",
  "endpoint",
  "stt_final",
  "llm_first_token",
  "tts_first_audio",
  "playback_start",
] as const;
/** One of {@linkcode MARK_NAMES}. */
export type MarkName = typeof MARK_NAMES[number];

/** A stretch of work within a turn, in milliseconds from the turn's start. */
export interface TraceSpan {
  readonly stage: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Where the time of one turn went. */
export interface LatencyTrace {
  /** Last voiced sample of the user → first sample of the answer; absent where the user did not speak. */
  readonly voiceToVoiceMs?: number;
  readonly spans: readonly TraceSpan[];
  /** Milliseconds from the turn's start. */
  readonly marks: Readonly<Partial<Record<MarkName, number>>>;
}

/** What happens within a turn. */
export type TurnFact =
  | { readonly type: "turn.start"; readonly source: TurnSource }
  | { readonly type: "turn.end"; readonly reason: TurnEndReason }
  /** In a pause: how complete a turn detector takes what was said to be, 0…1. */
  | { readonly type: "turn.progress"; readonly completion: number }
  | { readonly type: "stt.start"; readonly mode: ListeningMode; readonly source: TurnSource }
  | {
    readonly type: "stt.progress";
    readonly text: string;
    readonly stableChars: number;
    readonly audioMs: number;
  }
  | {
    readonly type: "stt.result";
    readonly text: string;
    readonly audioMs: number;
    readonly language?: string;
    readonly confidence?: number;
    readonly words?: readonly TimedWord[];
  }
  | { readonly type: "llm.start"; readonly model: string }
  | { readonly type: "llm.progress"; readonly delta: string }
  | { readonly type: "llm.thought"; readonly text: string }
  | {
    readonly type: "llm.result";
    readonly text: string;
    readonly finishReason: "stop" | "length" | "tool_calls";
    readonly usage: TokenUsage;
  }
  | { readonly type: "tool.call"; readonly callId: string; readonly name: string; readonly args: unknown }
  | {
    readonly type: "tool.progress";
    readonly callId: string;
    readonly name: string;
    readonly output: string;
  }
  | {
    readonly type: "tool.result";
    readonly callId: string;
    readonly name: string;
    readonly result: unknown;
    readonly durationMs: number;
  }
  | {
    readonly type: "tool.error";
    readonly callId: string;
    readonly name: string;
    readonly code: ErrorCode;
    readonly message: string;
  }
  | { readonly type: "memory.store"; readonly memoryId: string; readonly text: string }
  | {
    readonly type: "memory.recall";
    readonly query: string;
    readonly items: readonly { readonly memoryId: string; readonly text: string; readonly score: number }[];
  }
  | { readonly type: "tts.start"; readonly voice: string; readonly sampleRateHz: number }
  | {
    readonly type: "tts.progress";
    /** The words that this audio speaks. */
    readonly text: string;
    readonly chunk: number;
    readonly offsetMs: number;
    /** The sound itself; it reaches clients that asked for audio and is not kept. */
    readonly frame: AudioFrame;
  }
  | {
    readonly type: "playback.end";
    /** Everything that was synthesised. */
    readonly text: string;
    /** What was truly heard. */
    readonly spokenText: string;
    readonly heardMs: number;
    readonly interrupted: boolean;
  }
  | { readonly type: "message"; readonly role: "user" | "assistant"; readonly text: string }
  | {
    readonly type: "stage.error";
    readonly stage: StageName;
    readonly code: ErrorCode;
    readonly message: string;
    readonly recoverable: boolean;
  }
  /** A point for the latency trace. Not sent. */
  | { readonly type: "trace.mark"; readonly name: MarkName }
  /** An answer prepared ahead and thrown away. Not sent by itself. */
  | { readonly type: "attempt.discarded"; readonly startedAtMs: number }
  | { readonly type: "latency.trace"; readonly trace: LatencyTrace };

/** What happens beside turns. */
export type SessionFact =
  | { readonly type: "ready"; readonly models: Readonly<Record<string, string>>; readonly loadMs: number }
  | {
    readonly type: "status";
    readonly state: ConversationState;
    readonly muted: boolean;
    readonly detail?: string;
  }
  | {
    /** How loud the microphone is, 0 to 1, a value a frame. Only worth telling while it is so. */
    readonly type: "voice.level";
    readonly levels: readonly number[];
  }
  | {
    readonly type: "voice.activity";
    readonly source: "user" | "assistant";
    readonly speaking: boolean;
    readonly atMs: number;
  }
  | {
    readonly type: "error";
    readonly code: ErrorCode;
    readonly message: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };

/** Everything that can happen in a session. */
export type Fact = TurnFact | SessionFact;

/** Only progress may be coalesced or dropped for a slow reader; results, errors and ends never. */
export function isDroppable(fact: Fact): boolean {
  return fact.type.endsWith(".progress");
}
