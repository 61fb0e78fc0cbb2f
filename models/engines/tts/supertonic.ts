/**
 * Supertonic, a very fast diffusion model, loaded by transformers.js as from a hub.
 *
 * It was never run on real weights: there were none to be had when it was written. It follows the library's own
 * text-to-audio pipeline, and its tests run it on graphs that have the interface and nothing else of the model.
 */
import { z } from "zod";
import type { TextToSpeech } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, loadPretrained, locateModel, modelOptions } from "../transformers_source.ts";
import { modelFolder, readModelFile, wholeModel, wrongModel } from "./model_files.ts";
import { inPieces } from "./pieces.ts";
import { StyleVoices } from "./style_voices.ts";

const USUAL_VOICES = ["F1", "M1"];

/** What of the model's config.json must be known before it is loaded. */
const config = z.object({
  model_type: z.literal("supertonic"),
  sampling_rate: z.number().int().min(8000).max(192_000),
  /** A voice is a table with so many columns. */
  style_dim: z.number().int().min(1),
});

/** The engine. The folder must be on this disk, for its voices. */
export const supertonic = defineEngine({
  task: "tts",
  options: modelOptions.extend({
    /** The voice of calls that name none. Default: F1, or else the first that is there. */
    voice: z.string().min(1).optional(),
    /** How often the sound is refined: more sounds better and takes longer. */
    steps: z.number().int().min(1).max(100).default(5),
    /** 2 is twice as fast. */
    speed: z.number().min(0.5).max(2).default(1.05),
  }),
  runs: "worker",
  async load({ voice, steps, speed, ...settings }): Promise<TextToSpeech> {
    const { folder, name } = await modelFolder(settings.model);
    const { sampling_rate, style_dim } = configOf(await readModelFile({ folder, name }, "config.json"), name);
    const voices = await StyleVoices.open({ folder, name, voice, usual: USUAL_VOICES, numbers: style_dim });
    const { AutoTokenizer, SupertonicForConditionalGeneration, Tensor, env } = await importTransformers(
      settings.device,
    );
    const id = await locateModel(folder, env);
    const [tokenizer, model] = await wholeModel(name, () =>
      Promise.all([
        AutoTokenizer.from_pretrained(id),
        loadPretrained(
          settings,
          (options) => SupertonicForConditionalGeneration.from_pretrained(id, options),
        ),
      ]));
    return inPieces({
      voices: voices.names,
      sampleRateHz: sampling_rate,
      async speak(piece, { voice }) {
        const letters = tokenizer(piece, { padding: true, truncation: true });
        if (letters.input_ids.size === 0) return undefined;
        const style = await voices.style(voice);
        const { waveform, durations } = await (model as typeof model & Speaker).generate_speech({
          ...letters,
          style: new Tensor("float32", style, [1, style.length / style_dim, style_dim]),
          num_inference_steps: steps,
          speed,
        });
        // What comes after the duration only fills the last block.
        return waveform.data.slice(0, Math.ceil(durations.data[0]!));
      },
      dispose: () => model.dispose(),
    });
  },
});

/** What of the model's class its loader's type does not tell. */
interface Speaker {
  generate_speech(inputs: object): Promise<Record<"waveform" | "durations", { readonly data: Float32Array }>>;
}

function configOf(json: Uint8Array, name: string): z.output<typeof config> {
  try {
    return config.parse(JSON.parse(new TextDecoder().decode(json)));
  } catch (cause) {
    throw wrongModel(name, "is no Supertonic model: its config.json says otherwise.", cause);
  }
}
