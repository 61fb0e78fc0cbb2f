/** The answering half of a turn: language model, sentences, speech and playback, each working ahead of the next. */
import { durationMs, type Loudspeaker } from "./audio.ts";
import { runAhead } from "./channel.ts";
import type { LanguageModel, Message, TextToSpeech } from "./engines.ts";
import { think } from "./stages/llm.ts";
import { play } from "./stages/playback.ts";
import { sentences } from "./stages/sentences.ts";
import { speak } from "./stages/tts.ts";
import type { Toolbox } from "./tools.ts";
import type { Attempt } from "./turn.ts";

/** What an answer is made with. */
export interface AnswerOptions {
  readonly llm: LanguageModel;
  readonly tts: TextToSpeech;
  readonly tools: Toolbox;
  readonly loudspeaker: Loudspeaker;
  readonly voice?: string;
}

/** Sentences that may wait for synthesis: one being fetched while one is spoken. */
const SENTENCES_AHEAD = 2;
/** Speech that may wait for the loudspeaker: enough to bridge a slow sentence, little enough to throw away. */
const SPEECH_AHEAD_MS = 600;

/** Answers `messages`, appending to them what the model did on the way. Resolves when all has been heard. */
export async function answer(messages: Message[], attempt: Attempt, options: AnswerOptions): Promise<void> {
  await say(think(messages, attempt, options), attempt, options);
}

/** Speaks a stream of text. Resolves when all has been heard. */
export async function say(
  text: AsyncIterable<string>,
  attempt: Attempt,
  { tts, loudspeaker, voice }: AnswerOptions,
): Promise<void> {
  const { signal } = attempt;
  const ready = runAhead(sentences(text), { capacity: SENTENCES_AHEAD, signal });
  const speech = runAhead(speak(ready, attempt, { tts, ...(voice && { voice }) }), {
    capacity: SPEECH_AHEAD_MS,
    cost: (piece) => durationMs(piece.frame),
    signal,
  });
  await play(speech, attempt, { loudspeaker, sampleRateHz: tts.sampleRateHz });
}
