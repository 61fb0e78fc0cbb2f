/** Who is cut off, and who waits: the starter's turn detector against silence alone, both hearing the same. */
import { loadEngine } from "../../models/host.ts";
import { resample } from "../../models/resample.ts";
import { starterChoice } from "../../models/selection.ts";
import { concatSamples } from "../../pipeline/audio.ts";
import { type Engines, LISTENING_RATE_HZ } from "../../pipeline/engines.ts";
import { readWav } from "../../src/audio/wav.ts";
import { configSchema } from "../../src/config_schema.ts";
import { firstChoices, toConversation } from "../../src/session_settings.ts";
import { heardTurns } from "../support/heard_turns.ts";
import { type Figure, latencyFigures } from "./report.ts";

/** Voices of espeak-ng that no starter model was trained on. */
const VOICES = ["en-us+Michael", "en-us+f5", "en-gb+m7"];
/** People pause before the word they look for. */
const HESITANT = [
  ["set a timer for", "ten minutes"],
  ["what is the capital of", "france"],
  ["remember that my", "name is anna"],
  ["remind me to", "call the dentist"],
  ["what's the weather in", "london"],
  ["what is twenty five plus", "seventeen"],
  ["turn off the lights in the", "kitchen"],
  ["can you tell me a", "joke please"],
  ["what time is it in", "tokyo"],
  ["do you remember where i", "parked"],
  ["add milk and", "bread to my shopping list"],
  ["how many days until", "next friday"],
] as const;
/** What could have been all. */
const AFTERTHOUGHTS = [
  ["what time is it", "in tokyo"],
  ["tell me a joke", "please"],
  ["set a timer for ten minutes", "please"],
  ["what's the weather", "in london"],
] as const;
const WHOLE = [
  "what time is it",
  "set a timer for ten minutes",
  "tell me a joke please",
  "what is six times seven",
  "remember that my name is anna",
  "what day is it today",
  "turn off the lights in the kitchen",
  "how are you today",
];

const DEFAULTS = configSchema.parse({});
const { endpointing } = toConversation(firstChoices(DEFAULTS), DEFAULTS, new Map());
const PAUSE_MS = 700;
const SHORT_PAUSE_MS = 300;

/** What is spoken: the parts, silence between them. */
interface Utterance {
  readonly parts: readonly string[];
  readonly pauseMs: number;
  readonly voice: string;
}

/** What one of the two made of an utterance. */
interface Heard {
  /** It ended a turn before all had been said. */
  readonly cutOff: boolean;
  /** From the end of the last sound to the end of the turn. */
  readonly endMs: number;
}

/** Cut-offs and waits of both. */
export async function turnTakingFigures(): Promise<Figure[]> {
  const signal = new AbortController().signal;
  await using vad = await loadEngine("vad", starterChoice("vad"), { signal });
  await using stt = await loadEngine("stt", starterChoice("stt"), { signal });
  await using silence = await loadEngine("turn", { engine: "silence" }, { signal });
  await using words = await loadEngine("turn", starterChoice("turn"), { signal });
  const sets = {
    [`${PAUSE_MS} ms of pause in mid-sentence`]: spoken(HESITANT, PAUSE_MS),
    [`${SHORT_PAUSE_MS} ms of pause before an afterthought`]: spoken(AFTERTHOUGHTS, SHORT_PAUSE_MS),
    "a whole sentence": spoken(WHOLE.map((text) => [text]), 0),
  };
  const figures: Figure[] = [];
  for (const [name, utterances] of Object.entries(sets)) {
    const sounds = await Promise.all(utterances.map(soundOf));
    for (const [by, turn] of [["silence", silence], ["words", words]] as const) {
      const heard = await Promise.all(sounds.map((sound) => judged(sound, { vad, stt, turn })));
      figures.push(...figuresOf(`${name}: by ${by}`, heard));
    }
  }
  return figures;
}

function figuresOf(name: string, heard: readonly Heard[]): Figure[] {
  const whole = heard.filter(({ cutOff }) => !cutOff);
  const share = 100 * (heard.length - whole.length) / heard.length;
  return [
    { name: `${name}, cut off`, value: share, unit: "%", over: `${heard.length} utterances` },
    ...(whole.length > 0
      ? latencyFigures(`${name}, end known after`, whole.map(({ endMs }) => endMs), { over: "ends" })
      : []),
  ];
}

async function judged(
  samples: Float32Array,
  ears: Pick<Engines, "vad" | "turn" | "stt">,
): Promise<Heard> {
  const turns = await heardTurns(samples, { ears, endpointing });
  return {
    cutOff: turns.length !== 1,
    endMs: turns.at(-1)!.endMs - samples.length * 1000 / LISTENING_RATE_HZ,
  };
}

function spoken(texts: readonly (readonly string[])[], pauseMs: number): Utterance[] {
  return texts.flatMap((parts) => VOICES.map((voice) => ({ parts, pauseMs, voice })));
}

/** The parts one after the other. */
async function soundOf({ parts, pauseMs, voice }: Utterance): Promise<Float32Array> {
  const sounds = await Promise.all(parts.map((part) => speech(part, voice)));
  const pause = new Float32Array(pauseMs * LISTENING_RATE_HZ / 1000);
  return concatSamples(sounds.flatMap((sound, index) => index > 0 ? [pause, sound] : [sound]));
}

/** From its first sound to its last. */
async function speech(text: string, voice: string): Promise<Float32Array> {
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  const { success } = await new Deno.Command("espeak-ng", {
    args: ["-v", voice, "-s", "150", "-w", path, text],
  })
    .output();
  if (!success) throw new Error("espeak-ng could not speak");
  const { samples, sampleRateHz } = await readWav(path);
  await Deno.remove(path);
  const heard = (await resample(samples, sampleRateHz, LISTENING_RATE_HZ)).map((sample) => 0.8 * sample);
  const sounding = (sample: number) => Math.abs(sample) > 0.005;
  return heard.slice(heard.findIndex(sounding), heard.findLastIndex(sounding) + 1);
}
