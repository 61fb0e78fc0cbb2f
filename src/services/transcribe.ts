/** Speech-to-text of a whole recording. */
import { type AudioFrame, durationMs } from "../../pipeline/audio.ts";
import type { SpeechToText, TimedWord, Transcript } from "../../pipeline/engines.ts";

/** What was said in one piece of a recording. Times are from the recording's start. */
export interface HeardPiece {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Undefined where the engine does not tell the times of words. */
  readonly words?: readonly TimedWord[];
  readonly language?: string;
  /** 0…1, where the engine knows it. */
  readonly confidence?: number;
}

/** What becomes known on the way: text that is not going to change, and pieces that are over. */
export type Heard =
  | { readonly type: "delta"; readonly delta: string }
  | ({ readonly type: "piece" } & HeardPiece);

/** How a recording is heard. */
export interface TranscribeOptions {
  readonly stt: SpeechToText;
  readonly language?: string;
  readonly signal: AbortSignal;
}

/** Hears the pieces one after the other. Deltas joined are the pieces' texts joined by spaces. */
export async function* transcribe(
  pieces: AsyncIterable<AudioFrame>,
  options: TranscribeOptions,
): AsyncIterable<Heard> {
  let separator = "";
  for await (const frame of pieces) {
    for await (const heard of transcribePiece(frame, options)) {
      if (heard.type === "delta") {
        yield { type: "delta", delta: separator + heard.delta };
        separator = "";
        continue;
      }
      yield heard;
      if (heard.text) separator = " ";
    }
  }
}

async function* transcribePiece(
  frame: AudioFrame,
  { stt, language, signal }: TranscribeOptions,
): AsyncIterable<Heard> {
  let told = "";
  const call = { signal, ...(language !== undefined && { language }) };
  for await (const transcript of stt.transcribe(only(frame), call)) {
    const { text, final, stableChars } = transcript;
    const settled = final ? text : text.slice(0, stableChars);
    if (settled.length > told.length && settled.startsWith(told)) {
      yield { type: "delta", delta: settled.slice(told.length) };
      told = settled;
    }
    if (final) yield { type: "piece", ...pieceOf(transcript, frame) };
  }
}

async function* only<T>(item: T): AsyncIterable<T> {
  yield await Promise.resolve(item);
}

function pieceOf({ text, words, language, confidence }: Transcript, frame: AudioFrame): HeardPiece {
  const { startMs } = frame;
  return {
    text,
    startMs,
    endMs: startMs + durationMs(frame),
    ...(words && {
      words: words.map((word) => ({
        word: word.word,
        startMs: startMs + word.startMs,
        endMs: startMs + word.endMs,
      })),
    }),
    ...(language !== undefined && { language }),
    ...(confidence !== undefined && { confidence }),
  };
}
