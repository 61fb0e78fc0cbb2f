/** How fast the starter engines are, each alone. */
import { loadEngines } from "../../models/host.ts";
import { type AudioFrame, durationMs } from "../../pipeline/audio.ts";
import { fixture } from "../support/virtual_audio.ts";
import { SPOKEN } from "./spoken.ts";
import { type Figure, latencyFigures } from "./report.ts";

const SENTENCES = [
  "It is three forty two in the afternoon.",
  "Your timer is set for ten minutes.",
  "Why did the bicycle fall over? It was two tired.",
  "I can tell the time and date, set timers, do sums, remember things and tell jokes.",
];
const QUESTIONS = ["who are you", "tell me a joke please", "what can you do", "thank you", "good night"];
const ROUNDS = 5;

/** Real-time factors of speech-to-text and synthesis, and the time to the language model's first token. */
export async function engineFigures(): Promise<Figure[]> {
  const { signal } = new AbortController();
  await using engines = await loadEngines({}, { signal });

  const recordings = await Promise.all(SPOKEN.map((name) => fixture(`speech/${name}.wav`)));
  const listening = await clocked(ROUNDS, async () => {
    for (const { samples, sampleRateHz } of recordings) {
      const frame = { samples: samples.slice(), sampleRateHz, startMs: 0, gap: false };
      for await (const _ of engines.stt.transcribe(once(frame), { signal }));
    }
  });
  const heardMs = recordings.reduce((sum, recording) => sum + durationMs(recording), 0);

  let spokenMs = 0;
  const speaking = await clocked(ROUNDS, async () => {
    spokenMs = 0;
    for (const sentence of SENTENCES) {
      for await (const { frame } of engines.tts.synthesize(sentence, { signal })) {
        spokenMs += durationMs(frame);
      }
    }
  });

  const firstTokens: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const content of QUESTIONS) {
      const startMs = performance.now();
      let first: number | undefined;
      for await (const _ of engines.llm.generate([{ role: "user", content }], { signal })) {
        first ??= performance.now() - startMs;
      }
      firstTokens.push(first!);
    }
  }
  const over = `${ROUNDS} rounds`;
  return [
    { name: "speech-to-text, real-time factor", value: listening / heardMs, unit: "", limit: 0.02, over },
    { name: "text-to-speech, real-time factor", value: speaking / spokenMs, unit: "", limit: 0.05, over },
    ...latencyFigures("language model, first token", firstTokens, { p50: 30, over: "answers" }),
  ];
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
