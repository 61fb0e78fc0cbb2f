/** What an engine is: four small interfaces. Engines live in `models/`; the pipeline knows only these. */
import type { AudioFrame } from "./audio.ts";

/** What every call takes. An aborted call rejects with the signal's reason at once. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

/** The sample rate at which voice activity and speech recognition hear. */
export const LISTENING_RATE_HZ = 16_000;
/** Samples in one voice-activity frame: 32 ms, the size Silero v5 is trained for. */
export const VAD_FRAME_SAMPLES = 512;

/** Says of each frame how likely it holds speech. */
export interface VoiceActivityDetector extends AsyncDisposable {
  /** A detector with its own memory of what came before, for one microphone. */
  open(): VoiceActivityStream;
}

/** One microphone's voice activity. Frames must be given in order, one call after the other. */
export interface VoiceActivityStream extends Disposable {
  /** Probability, 0…1, that `frame` ({@linkcode VAD_FRAME_SAMPLES} at {@linkcode LISTENING_RATE_HZ}) holds speech. */
  probability(frame: AudioFrame, call: CallOptions): Promise<number>;
}

/** A pause, and what was said before it. */
export interface PausedSpeech {
  /** The utterance up to now at {@linkcode LISTENING_RATE_HZ}, the pause at its end. */
  readonly audio: Float32Array;
  /** What has been understood of it, to its end; absent while the newest transcript lacks what was said last. */
  readonly text?: string;
}

/** Says of a pause whether the user has finished. */
export interface TurnDetector extends AsyncDisposable {
  /** It judges by the text: it is asked once there is one, and again when that changes. Default: false. */
  readonly readsWords?: boolean;
  /**
   * Probability, 0…1, that what was said is complete. Undefined where the engine leaves that to the length of the
   * silence.
   */
  completion(speech: PausedSpeech, call: CallOptions): Promise<number | undefined>;
}

/** A word and when it was said, in milliseconds from the start of the utterance's audio. */
export interface TimedWord {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What has been understood so far of one utterance. */
export interface Transcript {
  readonly text: string;
  /** How many leading characters of `text` later transcripts will not change. */
  readonly stableChars: number;
  /** No more will come. */
  readonly final: boolean;
  /** How much audio, from the utterance's start, this takes account of. */
  readonly audioMs: number;
  readonly language?: string;
  /** 0…1, where the engine knows it. */
  readonly confidence?: number;
  /** The engine, which knows what its confidence means, takes the text for too likely to be wrong to be acted upon. */
  readonly doubtful?: boolean;
  readonly words?: readonly TimedWord[];
}

/** Turns one utterance into text while it is being spoken. */
export interface SpeechToText extends AsyncDisposable {
  /**
   * Yields transcripts, each replacing the one before, as `audio` arrives at {@linkcode LISTENING_RATE_HZ};
   * the last has `final: true` and comes after `audio` has ended. Empty audio gives one final empty transcript.
   */
  transcribe(
    audio: AsyncIterable<AudioFrame>,
    call: CallOptions & { readonly language?: string },
  ): AsyncIterable<Transcript>;
}

/** A request of the language model to run a tool. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  /** As the model gave them: not yet validated. */
  readonly args: unknown;
}

/** One entry of a conversation as a language model reads it. */
export type Message =
  | { readonly role: "system" | "user"; readonly content: string }
  | { readonly role: "assistant"; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly name: string; readonly content: string };

/** What a language model is told about a tool. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Tokens read and written by one generation. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** How many of the input tokens were known from an earlier generation and not read again. */
  readonly cachedInputTokens?: number;
  readonly outputTokens: number;
}

/** A piece of what a language model answers. `end` comes once, last. */
export type LlmPart =
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "thought"; readonly delta: string }
  | ({ readonly type: "tool_call" } & ToolCall)
  | { readonly type: "end"; readonly reason: "stop" | "length" | "tool_calls"; readonly usage: TokenUsage };

/** Answers a conversation, token by token. */
export interface LanguageModel extends AsyncDisposable {
  /** The model's name, as clients are told. */
  readonly model: string;
  generate(
    messages: readonly Message[],
    call: CallOptions & { readonly tools?: readonly ToolSpec[] },
  ): AsyncIterable<LlmPart>;
}

/** A piece of synthesised speech. */
export interface SpeechChunk {
  readonly frame: AudioFrame;
  /** How many leading characters of the text are spoken once this chunk has sounded. */
  readonly textEnd: number;
}

/** Speaks text. */
export interface TextToSpeech extends AsyncDisposable {
  /** The names that `voice` may take; the first is the default. */
  readonly voices: readonly string[];
  /** The rate of every frame it makes. */
  readonly sampleRateHz: number;
  /** Yields the speech of `text` (a sentence) in order. An unknown `voice` throws `NOT_FOUND`. */
  synthesize(text: string, call: CallOptions & { readonly voice?: string }): AsyncIterable<SpeechChunk>;
}

/** One engine of each kind: what a pipeline needs. */
export interface Engines {
  readonly vad: VoiceActivityDetector;
  readonly turn: TurnDetector;
  readonly stt: SpeechToText;
  readonly llm: LanguageModel;
  readonly tts: TextToSpeech;
}

/** The engines of one turn. They stay what they are, and loaded, until it is disposed of. */
export interface EngineLease extends Engines, Disposable {}

/** Where a conversation gets its engines from: they may be exchanged at any time, which no turn notices. */
export interface EnginePool {
  /** What a turn that began now would get. */
  readonly current: Engines;
  /** `tasks`: whose engines stay loaded until it is disposed of. Default: all. */
  lease(tasks?: readonly Task[]): EngineLease;
}

/** What engines are for. */
export type Task = keyof Engines;
