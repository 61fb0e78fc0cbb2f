/** Kokoro, a small model that speaks very naturally, loaded by transformers.js as from a hub. */
import { z } from "zod";
import { concatSamples } from "../../../pipeline/audio.ts";
import type { CallOptions, TextToSpeech } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, loadPretrained, locateModel, modelOptions } from "../transformers_source.ts";
import { kokoroPhonemes, languageOf, shares } from "./kokoro_phonemes.ts";
import { modelFolder, wholeModel } from "./model_files.ts";
import { inPieces, type PieceSpeaker } from "./pieces.ts";
import { loadSpeller, type Speller } from "./spelling.ts";
import { StyleVoices } from "./style_voices.ts";

const SAMPLE_RATE_HZ = 24_000;
/** A voice is one style for each count of phonemes that a text may have. */
const STYLE_SIZE = 256;
const STYLES = 510;
/** The model takes 510; some room for what is added. */
const MOST_PHONEMES = 500;
/** Every text has one more before and one after its phonemes. */
const END_TOKENS = 2;
/** Those that its makers grade best, in this order. */
const USUAL_VOICES = ["af_heart", "af_bella", "bf_emma", "am_michael", "am_fenrir"];

/** The engine. The folder must be on this disk, for its voices. */
export const kokoro = defineEngine({
  task: "tts",
  options: modelOptions.extend({
    /** The voice of calls that name none. Default: the best that is there. */
    voice: z.string().min(1).optional(),
  }),
  runs: "worker",
  async load({ voice, ...settings }): Promise<TextToSpeech> {
    const { folder, name } = await modelFolder(settings.model);
    const speller = await loadSpeller();
    const speaks = (voice: string) => speller.knows(languageOf(voice) ?? "");
    const voices = await StyleVoices.open({
      folder,
      name,
      voice,
      usual: USUAL_VOICES,
      usable: speaks,
      numbers: STYLES * STYLE_SIZE,
      exact: true,
    });
    const { AutoTokenizer, StyleTextToSpeech2Model, Tensor, env } = await importTransformers(settings.device);
    const id = await locateModel(folder, env);
    const [tokenizer, model] = await wholeModel(name, () =>
      Promise.all([
        AutoTokenizer.from_pretrained(id),
        loadPretrained(settings, (options) => StyleTextToSpeech2Model.from_pretrained(id, options)),
      ]));
    const sound = async (phonemes: string, styles: Float32Array): Promise<Float32Array> => {
      const { input_ids } = tokenizer(phonemes);
      const style = styleOf(styles, input_ids.dims[1]! - END_TOKENS);
      const { waveform } = await model({
        input_ids,
        style: new Tensor("float32", style, [1, STYLE_SIZE]),
        speed: new Tensor("float32", [1], [1]),
      });
      return waveform.data;
    };
    return inPieces(new Kokoro({ voices, speller, sound, dispose: () => model.dispose() }));
  },
});

function styleOf(styles: Float32Array, phonemes: number): Float32Array {
  const row = Math.min(phonemes, STYLES - 1);
  return styles.slice(row * STYLE_SIZE, (row + 1) * STYLE_SIZE);
}

interface Parts {
  readonly voices: StyleVoices;
  readonly speller: Speller;
  /** The sound of at most so many phonemes as the model takes. */
  readonly sound: (phonemes: string, styles: Float32Array) => Promise<Float32Array>;
  readonly dispose: () => Promise<unknown>;
}

class Kokoro implements PieceSpeaker {
  readonly sampleRateHz = SAMPLE_RATE_HZ;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get voices(): readonly string[] {
    return this.#parts.voices.names;
  }

  async speak(
    piece: string,
    { signal, voice }: CallOptions & { readonly voice: string },
  ): Promise<Float32Array | undefined> {
    const { voices, speller, sound } = this.#parts;
    const language = languageOf(voice)!;
    const phonemes = kokoroPhonemes(await speller.spell(piece, language), language);
    if (phonemes === "") return undefined;
    const styles = await voices.style(voice);
    const sounds: Float32Array[] = [];
    for (const share of shares(phonemes, MOST_PHONEMES)) {
      signal.throwIfAborted();
      sounds.push(await sound(share, styles));
    }
    return concatSamples(sounds);
  }

  dispose(): Promise<unknown> {
    return this.#parts.dispose();
  }
}
