/** Speech to text: one utterance's audio in, transcripts out, told as they come. */
import type { AudioFrame } from "../audio.ts";
import type { SpeechToText, Transcript } from "../engines.ts";
import { toParleyError } from "../errors.ts";
import type { ListeningMode } from "../events.ts";
import type { Turn } from "../turn.ts";

/** What {@linkcode transcribe} needs to know. */
export interface TranscribeOptions {
  readonly stt: SpeechToText;
  readonly mode: ListeningMode;
  readonly language?: string;
}

/** Yields each transcript of `audio`, the last one final. A failing engine is told as an error of the stage. */
export async function* transcribe(
  audio: AsyncIterable<AudioFrame>,
  turn: Turn,
  { stt, mode, language }: TranscribeOptions,
): AsyncIterable<Transcript> {
  turn.emit({ type: "stt.start", mode, source: turn.source }, turn.startMs);
  let shown = "";
  try {
    for await (
      const transcript of stt.transcribe(audio, { signal: turn.signal, ...(language && { language }) })
    ) {
      const { text, stableChars, audioMs } = transcript;
      if (!transcript.final && text !== shown) {
        turn.emit({ type: "stt.progress", text, stableChars, audioMs });
        shown = text;
      }
      if (transcript.final) turn.emit(resultOf(transcript));
      yield transcript;
    }
  } catch (error) {
    turn.signal.throwIfAborted();
    const { code, message, recoverable } = toParleyError(error, "MODEL_ERROR");
    turn.emit({ type: "stage.error", stage: "stt", code, message, recoverable });
    throw error;
  }
}

function resultOf({ text, audioMs, language, confidence, words }: Transcript) {
  return {
    type: "stt.result",
    text,
    audioMs,
    ...(language !== undefined && { language }),
    ...(confidence !== undefined && { confidence }),
    ...(words !== undefined && { words }),
  } as const;
}
