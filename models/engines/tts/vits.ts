/** VITS models that read letters, such as the thousand languages of Meta's MMS, loaded by transformers.js as from a hub. */
import type { TextToSpeech } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, loadPretrained, locateModel, modelOptions } from "../transformers_source.ts";
import { wholeModel, wrongModel } from "./model_files.ts";
import { inPieces } from "./pieces.ts";

/** The engine. Its one voice is called as the model is. */
export const vits = defineEngine({
  task: "tts",
  options: modelOptions,
  runs: "worker",
  async load(settings): Promise<TextToSpeech> {
    const { AutoTokenizer, VitsModel, env } = await importTransformers(settings.device);
    const id = await locateModel(settings.model, env);
    const name = id.split("/").at(-1)!;
    const [tokenizer, model] = await wholeModel(name, () =>
      Promise.all([
        AutoTokenizer.from_pretrained(id, { revision: settings.revision }),
        loadPretrained(settings, (options) => VitsModel.from_pretrained(id, options)),
      ]));
    const problem = problemOf(tokenizer.config, model.config);
    if (problem !== undefined) {
      await model.dispose();
      throw wrongModel(name, problem);
    }
    const letters = lettersOf(tokenizer.get_vocab());
    return inPieces({
      voices: [name],
      sampleRateHz: Number(Reflect.get(model.config, "sampling_rate")),
      async speak(piece) {
        // Without a letter that it knows there would be nothing but the blank before it.
        if (![...piece.toLowerCase()].some((letter) => letters.has(letter))) return undefined;
        const { waveform } = await model(tokenizer(piece));
        return waveform.data;
      },
      dispose: () => model.dispose(),
    });
  },
});

function lettersOf(vocabulary: Map<string, number> | Record<string, number>): Set<string> {
  const tokens = vocabulary instanceof Map ? [...vocabulary.keys()] : Object.keys(vocabulary);
  return new Set(tokens.filter((token) => /^[\p{L}\p{N}]$/u.test(token)));
}

/** What keeps this engine from speaking with a model. */
function problemOf(tokenizer: { readonly is_uroman?: boolean }, model: object): string | undefined {
  if (tokenizer.is_uroman) {
    return "reads its language in Latin letters only, which nothing here turns it into.";
  }
  const rate: unknown = Reflect.get(model, "sampling_rate");
  if (typeof rate !== "number") return "does not say the rate of its sound: it is no VITS model.";
}
