/** How fast the starter engines are, each alone. */
import { loadEngines } from "../../models/host.ts";
import { type AudioFrame, durationMs } from "../../pipeline/audio.ts";
import type { LanguageModel, Message, SpeechToText, TextToSpeech } from "../../pipeline/engines.ts";
import { fixture } from "../support/virtual_audio.ts";
import { SPOKEN } from "./spoken.ts";
import { type Figure, latencyFigures } from "./report.ts";

const SENTENCES = [
  "It is three forty two in the afternoon.",
  "Your timer is set for ten minutes.",
  "Why did the bicycle fall over? It was two tired.",
  "I can tell the time and date, set timers, do sums, remember things and tell jokes.",
];
/** Requests of one conversation, which all are answered in words. */
const QUESTIONS = [
  "who are you",
  "tell me a joke please",
  "what can you do",
  "how are you",
  "another one",
  "tell me a fun fact",
  "what is the capital of france",
  "tell me about the moon",
  "thank you",
  "good night",
];
/** So long, in turns, that the starter model's 256 tokens of context are full at the end. */
const CONVERSATION = 14;
const CONVERSATIONS = 4;
/** Answers of a few words say little of how fast the next word comes. */
const LONG_ANSWER_TOKENS = 8;
const ROUNDS = 5;
const SYSTEM_PROMPT =
  "You are Parley, a helpful voice assistant. Answer in one or two short spoken sentences.";

/** Real-time factors of speech-to-text and synthesis, and how soon and how fast the language model answers. */
export async function engineFigures(): Promise<Figure[]> {
  const { signal } = new AbortController();
  await using engines = await loadEngines({}, { signal });
  return [
    await listeningFigure(engines.stt, signal),
    await speakingFigure(engines.tts, signal),
    ...await answeringFigures(engines.llm, signal),
  ];
}

async function listeningFigure(stt: SpeechToText, signal: AbortSignal): Promise<Figure> {
  const recordings = await Promise.all(SPOKEN.map((name) => fixture(`speech/${name}.wav`)));
  const listening = await clocked(ROUNDS, async () => {
    for (const { samples, sampleRateHz } of recordings) {
      const frame = { samples: samples.slice(), sampleRateHz, startMs: 0, gap: false };
      for await (const _ of stt.transcribe(once(frame), { signal }));
    }
  });
  const heardMs = recordings.reduce((sum, recording) => sum + durationMs(recording), 0);
  return realTimeFactor("speech-to-text", listening / heardMs, 0.02);
}

async function speakingFigure(tts: TextToSpeech, signal: AbortSignal): Promise<Figure> {
  let spokenMs = 0;
  const speaking = await clocked(ROUNDS, async () => {
    spokenMs = 0;
    for (const sentence of SENTENCES) {
      for await (const { frame } of tts.synthesize(sentence, { signal })) spokenMs += durationMs(frame);
    }
  });
  return realTimeFactor("text-to-speech", speaking / spokenMs, 0.05);
}

function realTimeFactor(task: string, value: number, limit: number): Figure {
  return { name: `${task}, real-time factor`, value, unit: "", limit, over: `${ROUNDS} rounds` };
}

/** Over conversations that grow until the model's context is full. */
async function answeringFigures(llm: LanguageModel, signal: AbortSignal): Promise<Figure[]> {
  const firstTokens: number[] = [];
  const eachNext: number[] = [];
  for (let first = 0; first < CONVERSATIONS; first++) {
    const messages: Message[] = [{ role: "system", content: SYSTEM_PROMPT }];
    for (let turn = 0; turn < CONVERSATION; turn++) {
      messages.push({ role: "user", content: QUESTIONS[(first + turn) % QUESTIONS.length]! });
      const { text, firstMs, restMs, tokens } = await answered(llm, messages, signal);
      messages.push({ role: "assistant", content: text });
      firstTokens.push(firstMs);
      if (tokens > LONG_ANSWER_TOKENS) eachNext.push(restMs / (tokens - 1));
    }
  }
  return [
    ...latencyFigures("language model, first token", firstTokens, {
      p50: 30,
      p95: 30,
      over: `answers, ${CONVERSATIONS} conversations`,
    }),
    // 300 tokens a second.
    ...latencyFigures("language model, each next token", eachNext, {
      p50: 3.3,
      over: "answers, of each the mean",
    }),
  ];
}

async function answered(llm: LanguageModel, messages: readonly Message[], signal: AbortSignal) {
  const startMs = performance.now();
  let [text, firstMs, tokens] = ["", 0, 0];
  for await (const part of llm.generate(messages, { signal })) {
    firstMs ||= performance.now() - startMs;
    if (part.type === "text") text += part.delta;
    if (part.type === "end") tokens = part.usage?.outputTokens ?? 0;
  }
  return { text, firstMs, restMs: performance.now() - startMs - firstMs, tokens };
}

/** Milliseconds of the median round. */
async function clocked(rounds: number, work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

async function* once(frame: AudioFrame): AsyncIterable<AudioFrame> {
  yield frame;
}
