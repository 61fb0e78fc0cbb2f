/** Text to speech: sentences in, pieces of speech out. */
import { type AudioFrame, durationMs } from "../audio.ts";
import type { TextToSpeech } from "../engines.ts";
import { toParleyError } from "../errors.ts";
import type { Scope } from "../turn.ts";

/** Some speech and the words it speaks. */
export interface SpeechPiece {
  readonly frame: AudioFrame;
  /** With the white space that follows them, so that pieces joined give the whole text. */
  readonly text: string;
}

/** What {@linkcode speak} works with. */
export interface SpeakOptions {
  readonly tts: TextToSpeech;
  readonly voice?: string;
}

/** Yields the speech of each sentence in order. A failing engine is told as an error of the stage. */
export async function* speak(
  sentences: AsyncIterable<string>,
  scope: Scope,
  { tts, voice }: SpeakOptions,
): AsyncIterable<SpeechPiece> {
  let chunk = 0;
  let offsetMs = 0;
  for await (const sentence of sentences) {
    if (chunk === 0 && offsetMs === 0) {
      scope.emit({ type: "tts.start", voice: voice ?? tts.voices[0]!, sampleRateHz: tts.sampleRateHz });
    }
    for await (const piece of synthesize(sentence, scope, { tts, ...(voice && { voice }) })) {
      scope.emit({ type: "tts.progress", text: piece.text, chunk, offsetMs, frame: piece.frame });
      chunk++;
      offsetMs += durationMs(piece.frame);
      yield piece;
    }
  }
}

async function* synthesize(sentence: string, scope: Scope, { tts, voice }: SpeakOptions) {
  try {
    const text = sentence + " ";
    let textStart = 0;
    for await (
      const { frame, textEnd } of tts.synthesize(sentence, { signal: scope.signal, ...(voice && { voice }) })
    ) {
      const end = textEnd >= sentence.length ? text.length : textEnd;
      yield { frame, text: text.slice(textStart, end) };
      textStart = end;
    }
  } catch (error) {
    scope.signal.throwIfAborted();
    const { code, message, recoverable } = toParleyError(error, "MODEL_ERROR");
    scope.emit({ type: "stage.error", stage: "tts", code, message, recoverable });
    throw error;
  }
}
