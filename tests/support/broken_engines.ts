/** Engines that misbehave on demand, and well-behaved ones to see what reaches them. */
import process from "node:process";
import { z } from "zod";
import { durationMs } from "../../pipeline/audio.ts";
import type {
  CallOptions,
  LlmPart,
  Message,
  SpeechToText,
  TextToSpeech,
  TurnDetector,
  VoiceActivityDetector,
} from "../../pipeline/engines.ts";
import { silence } from "../../models/engines/turn/silence.ts";
import { wordTurn } from "../../models/engines/turn/word_turn.ts";
import { defineEngine, type Registry } from "../../models/engine_spec.ts";

const options = z.strictObject({
  /** Shared memory: [how often the engine was loaded, parts it has made, calls that ended in it]. */
  seen: z.instanceof(Int32Array).optional(),
  /** Which loads fail, counted from 1. */
  failingLoads: z.array(z.number()).default([]),
});
const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() };
const end: LlmPart = { type: "end", reason: "stop", usage: { inputTokens: 0, outputTokens: 0 } };

/** Does what the last message says. */
const obedient = defineEngine({
  task: "llm",
  options,
  runs: "worker",
  load({ seen = new Int32Array(3), failingLoads }) {
    const load = Atomics.add(seen, 0, 1) + 1;
    if (failingLoads.includes(load)) throw new Error("Cannot open /home/somebody/secret/model.onnx");
    return Promise.resolve({
      ...dispose,
      model: "obedient",
      async *generate(messages: readonly Message[], { signal }: CallOptions): AsyncIterable<LlmPart> {
        try {
          yield { type: "text", delta: `load ${load}` };
          const command = messages.at(-1)!.content;
          if (command === "die") process.exit(1);
          if (command === "throw later") {
            setTimeout(() => {
              throw new Error("Nobody caught this");
            });
          }
          if (command === "throw") throw new Error("Cannot read /home/somebody/secret/tokenizer.json");
          while (command === "spin") signal.throwIfAborted();
          if (command === "block") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          if (command === "throw later" || command === "wait deaf") await new Promise(() => {});
          for (let part = 0; command === "count" && part < 100; part++) {
            Atomics.add(seen, 1, 1);
            yield { type: "text", delta: `${part}` };
          }
          yield end;
        } finally {
          Atomics.add(seen, 2, 1);
        }
      },
    });
  },
});

/** Says how loud the loudest sample was since the stream was opened. */
const peak = defineEngine({
  task: "vad",
  options: z.strictObject({}),
  runs: "worker",
  load: () =>
    Promise.resolve<VoiceActivityDetector>({
      ...dispose,
      open() {
        let loudest = 0;
        return {
          probability({ samples }) {
            loudest = Math.max(loudest, ...samples);
            return Promise.resolve(loudest);
          },
          [Symbol.dispose]: () => {},
        };
      },
    }),
});

/** Takes everything loud for complete. */
const loudness = defineEngine({
  task: "turn",
  options: z.strictObject({}),
  runs: "worker",
  load: () =>
    Promise.resolve<TurnDetector>({
      ...dispose,
      completion: ({ audio }) => Promise.resolve(Math.max(...audio)),
    }),
});

/** Transcribes the length of what it hears. */
const ruler = defineEngine({
  task: "stt",
  options: z.strictObject({}),
  runs: "worker",
  load: () =>
    Promise.resolve<SpeechToText>({
      ...dispose,
      async *transcribe(audio) {
        let audioMs = 0;
        for await (const frame of audio) {
          audioMs += durationMs(frame);
          yield { text: `${audioMs}`, stableChars: 0, final: false, audioMs };
        }
        yield { text: `${audioMs}`, stableChars: 0, final: true, audioMs };
      },
    }),
});

/** Speaks one sample a character; "NaN" is not a number. */
const typewriter = defineEngine({
  task: "tts",
  options: z.strictObject({}),
  runs: "worker",
  load: () =>
    Promise.resolve<TextToSpeech>({
      ...dispose,
      voices: ["clack"],
      sampleRateHz: 1000,
      async *synthesize(text) {
        const samples = new Float32Array(text.length).fill(text === "NaN" ? NaN : 0.5);
        yield { frame: { samples, sampleRateHz: 1000, startMs: 0, gap: false }, textEnd: text.length };
      },
    }),
});

/** Runs where it was loaded, like everything that only waits for a network. */
const here = defineEngine({ ...obedient, runs: "inline" });

/** The engines, in the shape of the project's own registry. */
export const BROKEN_REGISTRY = {
  vad: { peak },
  turn: { silence, word_turn: wordTurn, loudness },
  stt: { ruler },
  llm: { obedient, here },
  tts: { typewriter },
} as const satisfies Registry;
