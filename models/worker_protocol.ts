/** What the main thread and an engine's worker say to each other, typed once for both sides. */
import type {
  Engines,
  LlmPart,
  Message,
  PausedSpeech,
  SpeechChunk,
  Task,
  TextToSpeech,
  ToolSpec,
  Transcript,
  TurnDetector,
} from "../pipeline/engines.ts";
import type { AudioFrame } from "../pipeline/audio.ts";
import { type ErrorCode, ParleyError, toParleyError } from "../pipeline/errors.ts";

/** What can be asked of engines, and what each verb gives, one or many times. */
export interface Verbs {
  probability: { request: { readonly stream: number; readonly frame: AudioFrame }; output: number };
  completion: { request: { readonly speech: PausedSpeech }; output: number };
  transcribe: { request: { readonly language?: string }; output: Transcript };
  generate: {
    request: { readonly messages: readonly Message[]; readonly tools?: readonly ToolSpec[] };
    output: LlmPart;
  };
  synthesize: { request: { readonly text: string; readonly voice?: string }; output: SpeechChunk };
}

/** Names a verb. */
export type Verb = keyof Verbs;
/** One call's question. */
export type Request<V extends Verb = Verb> = {
  [Each in V]: { readonly verb: Each } & Verbs[Each]["request"];
}[V];
/** One piece of a call's answer. */
export type Output<V extends Verb = Verb> = Verbs[V]["output"];

/** What of an engine is known without asking it, as its interface has it. */
export interface EngineFacts {
  readonly turn?: Pick<TurnDetector, "readsWords">;
  readonly llm?: Pick<Engines["llm"], "model">;
  readonly tts?: Pick<TextToSpeech, "voices" | "sampleRateHz">;
}

/** Main thread → worker. `call` numbers count from 1 in each worker. */
export type ToWorker =
  | { readonly type: "load"; readonly task: Task; readonly engine: string; readonly options: unknown }
  | { readonly type: "call"; readonly call: number; readonly request: Request }
  | { readonly type: "audio"; readonly call: number; readonly frame: AudioFrame }
  | { readonly type: "audio_end"; readonly call: number }
  /** The consumer has taken an output: there is room for one more. */
  | { readonly type: "credit"; readonly call: number }
  | { readonly type: "abort"; readonly call: number }
  /** A voice-activity stream is no longer needed. It came into being with the first frame that named it. */
  | { readonly type: "close_stream"; readonly stream: number }
  | { readonly type: "dispose" };

/** Worker → main thread. Every call gets exactly one `end`, last. */
export type FromWorker =
  | { readonly type: "ready"; readonly facts: EngineFacts }
  | { readonly type: "load_failed"; readonly error: ErrorMessage }
  | { readonly type: "output"; readonly call: number; readonly output: Output }
  | { readonly type: "end"; readonly call: number; readonly error?: ErrorMessage };

/** What a worker is started with. */
export interface WorkerData {
  readonly abortWords: SharedArrayBuffer;
}

/**
 * Outputs that a call may be ahead of its consumer: enough that a token stream never waits for a round trip
 * (0.2 ms), little enough to throw away (a second of speech).
 */
export const OUTPUT_WINDOW = 8;

/** An error on its way between threads. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly recoverable: boolean;
}

/** Paths and file URLs, which runtimes like to put into their messages. */
const PATH = /(?:file:\/\/)?(?:\/[^\s/"':]+){2,}\/?|[A-Za-z]:\\[^\s"']+/g;

/** What may be told of an error: a `MODEL_ERROR` unless it says otherwise, without paths. */
export function toErrorMessage(error: unknown): ErrorMessage {
  const { code, message, recoverable } = toParleyError(error, "MODEL_ERROR");
  return { code, message: message.replace(PATH, "…"), recoverable };
}

/** The other end of {@linkcode toErrorMessage}. */
export function fromErrorMessage({ code, message, recoverable }: ErrorMessage): ParleyError {
  return new ParleyError(code, message, { recoverable });
}

/** How many calls can have been aborted and still be at work. */
const WORDS = 1024;

/** Shared memory in which the main thread marks aborted calls: a thread too busy to receive messages can read it. */
export class AbortWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Marks a call as aborted. A word holds the call's number, so that none need ever be cleared. */
  raise(call: number): void {
    Atomics.store(this.#words, call % this.#words.length, call);
  }

  isRaised(call: number): boolean {
    return Atomics.load(this.#words, call % this.#words.length) === call;
  }
}
