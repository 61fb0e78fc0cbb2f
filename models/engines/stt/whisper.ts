/** Speech-to-text with any Whisper model, loaded by transformers.js as from a hub. */
import { z } from "zod";
import { LISTENING_RATE_HZ, type SpeechToText } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, loadPretrained, locateModel, modelOptions } from "../transformers_source.ts";
import { GrowingWindow } from "./growing_window.ts";
import { transcribeLive } from "./live_transcript.ts";
import { WhisperReader } from "./whisper_reader.ts";

const options = modelOptions.extend({
  /** Language of calls that name none, such as "en". Default: found out from each utterance. */
  language: z.string().min(1).optional(),
  /** New audio after which the utterance is read again. */
  step_ms: z.number().min(100).default(500),
  /**
   * A reading whose tokens are on average less likely than this is of nothing but noise: exp(−1), below which OpenAI's
   * own program takes a reading for failed.
   */
  min_confidence: z.number().min(0).max(1).default(0.37),
});

/** Sound of this length is enough to tell its language once and for all. */
const LANGUAGE_SAMPLES = LISTENING_RATE_HZ;

/** The engine. */
export const whisper = defineEngine({
  task: "stt",
  options,
  runs: "worker",
  async load({ step_ms, min_confidence, language: ownLanguage, ...settings }): Promise<SpeechToText> {
    const library = await importTransformers(settings.device);
    const { AutoProcessor, AutoTokenizer, WhisperForConditionalGeneration, env } = library;
    const id = await locateModel(settings.model, env);
    const [processor, tokenizer, loaded] = await Promise.all([
      AutoProcessor.from_pretrained(id, { revision: settings.revision }),
      AutoTokenizer.from_pretrained(id, { revision: settings.revision }),
      loadPretrained(settings, (options) => WhisperForConditionalGeneration.from_pretrained(id, options)),
    ]);
    const model = loaded as InstanceType<typeof WhisperForConditionalGeneration>;
    let reader: WhisperReader;
    try {
      reader = new WhisperReader({ library, model, processor, tokenizer });
      reader.languageOf(ownLanguage);
    } catch (error) {
      await model.dispose();
      throw error;
    }
    return {
      async *transcribe(audio, { signal, language: asked = ownLanguage }) {
        let language = reader.languageOf(asked);
        const utterance = new GrowingWindow({
          minConfidence: min_confidence,
          quietEdges: false,
          async read(samples) {
            const reading = await reader.read(samples, { signal, language });
            if (samples.length >= LANGUAGE_SAMPLES) language ??= reading.language;
            return reading;
          },
        });
        yield* transcribeLive(audio, { utterance, stepMs: step_ms, signal });
      },
      async [Symbol.asyncDispose]() {
        await model.dispose();
      },
    };
  },
});
