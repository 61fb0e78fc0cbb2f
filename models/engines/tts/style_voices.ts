/** Voices that are files beside a model: numbers that say how it is to sound. */
import { join } from "node:path";
import { ParleyError } from "../../../pipeline/errors.ts";
import { findVoice } from "../remote/speech.ts";
import { readModelFile, wrongModel } from "./model_files.ts";

/** Where they are, and what they must be. */
export interface StyleVoicesOptions {
  readonly folder: string;
  /** What the model is called. */
  readonly name: string;
  /** The default; without it the first of the usual ones that is there, or else of all. */
  readonly voice: string | undefined;
  readonly usual: readonly string[];
  /** Whether a voice of that name can be used. Default: every one. */
  readonly usable?: (voice: string) => boolean;
  /** A voice is so many numbers, or a multiple of them where `exact` is not set. */
  readonly numbers: number;
  readonly exact?: boolean;
}

/** The `voices/*.bin` of a model, read when they are needed. */
export class StyleVoices {
  /** The default first. */
  readonly names: readonly string[];
  readonly #options: StyleVoicesOptions;
  readonly #read = new Map<string, Promise<Float32Array>>();

  private constructor(names: readonly string[], options: StyleVoicesOptions) {
    this.names = names;
    this.#options = options;
  }

  /** Rejects with `NOT_FOUND` where the chosen voice, or any at all, is not there, with `MODEL_ERROR` where it is damaged. */
  static async open(options: StyleVoicesOptions): Promise<StyleVoices> {
    const names = await namesIn(options);
    const { voice = options.usual.find((usual) => names.includes(usual)) ?? names[0]! } = options;
    findVoice(names, voice);
    const voices = new StyleVoices([voice, ...names.filter((name) => name !== voice)], options);
    await voices.style(voice);
    return voices;
  }

  /** The numbers of a voice. Rejects with `MODEL_ERROR`. */
  style(voice: string): Promise<Float32Array> {
    const read = this.#read.get(voice) ?? this.#load(voice);
    this.#read.set(voice, read);
    return read;
  }

  async #load(voice: string): Promise<Float32Array> {
    const { name, numbers, exact = false } = this.#options;
    const bytes = await readModelFile(this.#options, join("voices", `${voice}.bin`));
    const wanted = numbers * Float32Array.BYTES_PER_ELEMENT;
    const whole = exact ? bytes.length === wanted : bytes.length > 0 && bytes.length % wanted === 0;
    if (!whole) throw wrongModel(name, `has a damaged voice: "${voice}"; fetch it again.`);
    return new Float32Array(bytes.buffer);
  }
}

async function namesIn({ folder, name, usable = () => true }: StyleVoicesOptions): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(join(folder, "voices"))).catch(() => []);
  const names = files.map((file) => file.name).filter((file) => file.endsWith(".bin"))
    .map((file) => file.slice(0, -".bin".length)).filter(usable).sort();
  if (names.length > 0) return names;
  const message = `The voice model "${name}" has no voices that can be used here; fetch some of them.`;
  throw new ParleyError("NOT_FOUND", message, { recoverable: false });
}
