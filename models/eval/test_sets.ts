/** What the recogniser is tried on: fixed texts in voices it never heard, and recordings of people it never heard. */
import type { CallOptions } from "../../pipeline/engines.ts";
import { inNoisyRoom } from "./noisy_room.ts";
import { type Recording, testRecordings } from "./recordings.ts";
import { needsDecoder, readSound } from "./sound.ts";
import { espeakVoice, fliteVoice, speak, type Voice } from "./speech.ts";

/** Something said, and how it sounds. */
export interface Utterance {
  readonly text: string;
  /** 16 kHz. Rejects as {@linkcode speak} and {@linkcode readSound} do. */
  sound(call: CallOptions): Promise<Float32Array>;
}

/** Utterances that one figure is about. */
export interface TestSet {
  readonly name: string;
  readonly utterances: readonly Utterance[];
  /** Made worse on purpose: it says nothing of how much confidence is worth. */
  readonly noisy: boolean;
  /** Whole sentences, which are also listened to as they grow. */
  readonly streamed: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  "speech-commands": "single words of people, Speech Commands",
  "wake-words": "wake words of people",
  "speechocean762": "read sentences of people, speechocean762",
  "librispeech-test-other": "read sentences of people, LibriSpeech test-other",
  "alphanumeric": "letters and digits of people",
  "lj": "read sentences, LJ Speech",
};
const SINGLE_WORDS = new Set(["speech-commands", "wake-words", "alphanumeric"]);

/** Texts of this folder in voices of espeak-ng and flite that nothing is trained on. */
export async function spokenSets(): Promise<readonly TestSet[]> {
  const [requests, general] = await Promise.all(["sentences.txt", "general.txt"].map(readLines));
  const set = (name: string, texts: readonly string[], voiceOf: (index: number) => Voice): TestSet => ({
    name,
    utterances: texts.map((text, index) => ({ text, sound: (call) => speak(text, voiceOf(index), call) })),
    noisy: false,
    streamed: voiceOf === espeakVoice,
  });
  return [
    set("requests in espeak-ng's held-out voices", requests!, espeakVoice),
    set("requests in flite's rms", requests!, fliteVoice),
    set("general English in flite's rms", general!, fliteVoice),
  ];
}

/** The test recordings of every collection in the folder, as they are and in a noisy room. Rejects as {@linkcode testRecordings}. */
export async function recordedSets(folder: string): Promise<readonly TestSet[]> {
  const collections = [...await testRecordings(folder)];
  const sets = (noisy: boolean) =>
    collections.map(([collection, recordings]): TestSet => ({
      name: (NAMES[collection] ?? collection) + (noisy ? ", in a room with noise at 10 dB" : ""),
      utterances: recordings.map((recording, index) => heard(recording, noisy ? index : undefined)),
      noisy,
      streamed: !noisy && !SINGLE_WORDS.has(collection),
    }));
  return [...sets(false), ...sets(true)];
}

/** Whether ffmpeg is needed to read them. Rejects as {@linkcode testRecordings}. */
export async function needFfmpeg(folder: string): Promise<boolean> {
  return [...(await testRecordings(folder)).values()].flat().some(({ path }) => needsDecoder(path));
}

/** Every `step`th utterance of each set, from the first. */
export function everyNth<T>(items: readonly T[], step: number): readonly T[] {
  return items.filter((_, index) => index % step === 0);
}

function heard({ path, text }: Recording, noiseSeed: number | undefined): Utterance {
  return {
    text,
    async sound(call) {
      const samples = await readSound(path, call);
      return noiseSeed === undefined ? samples : inNoisyRoom(samples, noiseSeed);
    },
  };
}

async function readLines(name: string): Promise<readonly string[]> {
  return (await Deno.readTextFile(new URL(name, import.meta.url))).split("\n").filter(Boolean);
}
