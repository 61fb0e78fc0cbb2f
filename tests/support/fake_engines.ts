/** Engines whose answers a test writes down. They speak stream time: what they say depends on the audio alone. */
import { type AudioFrame, durationMs } from "../../pipeline/audio.ts";
import type {
  EnginePool,
  Engines,
  LlmPart,
  Message,
  PausedSpeech,
  Transcript,
} from "../../pipeline/engines.ts";
import { LISTENING_RATE_HZ } from "../../pipeline/engines.ts";

/** What the fakes do. Everything has a default. */
export interface FakeScript {
  /** What speech-to-text has understood once an utterance's audio is `audioMs` long. */
  readonly hear?: (audioMs: number) => string;
  /** How far its transcripts are behind the audio. Default: not at all. */
  readonly behindMs?: number;
  /** Whether it doubts that. */
  readonly doubts?: () => boolean;
  /** How complete the turn detector takes what it hears in a pause to be. Default: it has no opinion. */
  readonly complete?: (speech: PausedSpeech) => number | undefined | Promise<number | undefined>;
  /** Whether that is by the words. */
  readonly readsWords?: boolean;
  /** What the language model answers. */
  readonly reply?: (
    messages: readonly Message[],
    signal: AbortSignal,
  ) => AsyncIterable<LlmPart> | Iterable<LlmPart>;
  /** Milliseconds of sound a spoken character takes. */
  readonly characterMs?: number;
  /** What synthesis throws at a sentence, if anything. */
  readonly failSpeech?: (sentence: string) => Error | undefined;
}

/** A pool that always has the same engines. */
export function fixedPool(engines: Engines): EnginePool {
  return { current: engines, lease: () => ({ ...engines, [Symbol.dispose]: () => {} }) };
}

export const FAKE_SPEECH_RATE_HZ = 8000;

/** Voice is any frame whose first sample is not zero; transcripts, answers and speech come from the script. */
export function fakeEngines(script: FakeScript = {}): Engines {
  const { hear = () => "hello", reply = () => text("Hello there."), characterMs = 50, failSpeech } = script;
  const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() };
  return {
    vad: {
      ...dispose,
      open: () => ({
        probability: (frame) => Promise.resolve(frame.samples[0] === 0 ? 0 : 1),
        [Symbol.dispose]: () => {},
      }),
    },
    turn: {
      ...dispose,
      readsWords: script.readsWords ?? false,
      completion: async (speech) => await script.complete?.(speech),
    },
    stt: {
      ...dispose,
      async *transcribe(audio, { signal }): AsyncIterable<Transcript> {
        let audioMs = 0;
        for await (const frame of audio) {
          signal.throwIfAborted();
          audioMs += durationMs(frame);
          const heard = hear(audioMs);
          yield { text: heard, stableChars: 0, final: false, audioMs: audioMs - (script.behindMs ?? 0) };
        }
        const heard = hear(audioMs);
        yield {
          text: heard,
          stableChars: heard.length,
          final: true,
          audioMs,
          doubtful: script.doubts?.() ?? false,
        };
      },
    },
    llm: {
      ...dispose,
      model: "fake-llm",
      async *generate(messages, { signal }) {
        for await (const part of reply(messages, signal)) {
          signal.throwIfAborted();
          yield part;
        }
      },
    },
    tts: {
      ...dispose,
      voices: ["fake", "other"],
      sampleRateHz: FAKE_SPEECH_RATE_HZ,
      async *synthesize(sentence, { signal }) {
        const failure = failSpeech?.(sentence);
        if (failure) throw failure;
        for (const { index, 0: word } of sentence.matchAll(/\S+\s*/g)) {
          signal.throwIfAborted();
          const samples = new Float32Array(word.length * characterMs * FAKE_SPEECH_RATE_HZ / 1000).fill(0.1);
          yield {
            frame: { samples, sampleRateHz: FAKE_SPEECH_RATE_HZ, startMs: 0, gap: false },
            textEnd: index + word.length,
          };
        }
      },
    },
  };
}

/** An answer of one text, token by token. */
export function* text(answer: string): Iterable<LlmPart> {
  const tokens = answer.match(/\S+\s*/g) ?? [];
  for (const delta of tokens) yield { type: "text", delta };
  yield { type: "end", reason: "stop", usage: { inputTokens: 1, outputTokens: tokens.length } };
}

/** A call of one tool. */
export function* call(name: string, args: unknown): Iterable<LlmPart> {
  yield { type: "tool_call", callId: `call-${name}`, name, args };
  yield { type: "end", reason: "tool_calls", usage: { inputTokens: 1, outputTokens: 1 } };
}

/** `ms` of voice (or silence) in frames of 32 ms, beginning at `startMs`. */
export function sound(voiced: boolean, ms: number, startMs: number): AudioFrame[] {
  const frames: AudioFrame[] = [];
  for (let at = 0; at < ms; at += 32) {
    const samples = new Float32Array(512).fill(voiced ? 0.5 : 0);
    frames.push({ samples, sampleRateHz: LISTENING_RATE_HZ, startMs: startMs + at, gap: false });
  }
  return frames;
}
