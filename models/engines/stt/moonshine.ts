/** Speech-to-text with any Moonshine model, which takes no longer over short audio than it must. */
import type { Tensor } from "@huggingface/transformers";
import { z } from "zod";
import { LISTENING_RATE_HZ, type SpeechToText } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, loadPretrained, locateModel, modelOptions } from "../transformers_source.ts";
import { GrowingWindow, type Reading } from "./growing_window.ts";
import { guardDecoding, withoutLoop } from "./guarded_decoding.ts";
import { transcribeLive } from "./live_transcript.ts";
import { afterSpace, wordsOf } from "./spoken_words.ts";

const options = modelOptions.extend({
  /** New audio after which the utterance is read again. */
  step_ms: z.number().min(100).default(320),
  /** A reading whose tokens are on average less likely than this is of nothing but noise. */
  min_confidence: z.number().min(0).max(1).default(0.37),
});

/** Its authors' limit, against text that goes on without end (Jeffries et al. 2024). */
const TOKENS_PER_SECOND = 6.5;
const MORE_TOKENS = 4;
/** The decoder is given its start alone. */
const PROMPT_LENGTH = 1;

/** The engine. */
export const moonshine = defineEngine({
  task: "stt",
  options,
  runs: "worker",
  async load({ step_ms, min_confidence, ...settings }): Promise<SpeechToText> {
    const library = await importTransformers(settings.device);
    const { AutoProcessor, AutoTokenizer, MoonshineForConditionalGeneration, env } = library;
    const id = await locateModel(settings.model, env);
    const [processor, tokenizer, model] = await Promise.all([
      AutoProcessor.from_pretrained(id, { revision: settings.revision }),
      AutoTokenizer.from_pretrained(id, { revision: settings.revision }),
      loadPretrained(settings, (options) => MoonshineForConditionalGeneration.from_pretrained(id, options)),
    ]);
    const endId = endOf(model.generation_config?.eos_token_id ?? Reflect.get(model.config, "eos_token_id"));

    async function read(samples: Float32Array, signal: AbortSignal): Promise<Reading> {
      const guard = guardDecoding(library, { signal, promptLength: PROMPT_LENGTH, endId });
      const seconds = samples.length / LISTENING_RATE_HZ;
      const output = await model.generate({
        ...await processor(samples),
        ...guard.parameters,
        max_new_tokens: Math.ceil(TOKENS_PER_SECOND * seconds) + MORE_TOKENS,
      }) as Tensor;
      signal.throwIfAborted();
      const ids = (output.tolist() as bigint[][])[0]!.slice(PROMPT_LENGTH).filter((id) =>
        Number(id) !== endId
      );
      const text = tokenizer.decode([...withoutLoop(ids)], { skip_special_tokens: true });
      return {
        words: wordsOf(afterSpace(text)).map((word) => ({ text: word })),
        confidence: guard.confidence(),
      };
    }

    return {
      transcribe(audio, { signal }) {
        const utterance = new GrowingWindow({
          minConfidence: min_confidence,
          quietEdges: true,
          read: (samples) => read(samples, signal),
        });
        return transcribeLive(audio, { utterance, stepMs: step_ms, signal });
      },
      async [Symbol.asyncDispose]() {
        await model.dispose();
      },
    };
  },
});

/** Configurations name one token that ends the text, or several. */
function endOf(ids: unknown): number {
  const [id] = [ids].flat();
  if (typeof id === "number") return id;
  throw new ParleyError("MODEL_ERROR", "The model's config.json has no eos_token_id: choose another model.", {
    recoverable: false,
  });
}
