/** Speech-to-text with any CTC model that takes raw audio, loaded by transformers.js as from a hub. */
import { z } from "zod";
import { type AudioFrame, concatSamples } from "../../../pipeline/audio.ts";
import { type Channel, channel } from "../../../pipeline/channel.ts";
import { LISTENING_RATE_HZ, type SpeechToText, type Transcript } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, loadPretrained, locateModel, modelOptions } from "../transformers_source.ts";
import type { CtcLogits, CtcVocabulary } from "./ctc_decode.ts";
import { GrowingUtterance } from "./growing_utterance.ts";

const options = modelOptions.extend({
  /** New audio after which the utterance is read again. */
  step_ms: z.number().min(40).default(160),
  /**
   * An utterance whose words are on average less sure than this is nothing but noise. The starter model is at most
   * 0.33 sure of coughs, knocks and tones, and at least 0.7 of a sentence that it reads right.
   */
  min_confidence: z.number().min(0).max(1).default(0.35),
});

/** The engine. */
export const ctc = defineEngine({
  task: "stt",
  options,
  runs: "worker",
  async load({ step_ms, min_confidence, ...settings }): Promise<SpeechToText> {
    const { AutoModelForCTC, AutoProcessor, env } = await importTransformers(settings.device);
    const id = await locateModel(settings.model, env);
    const [processor, model] = await Promise.all([
      AutoProcessor.from_pretrained(id, { revision: settings.revision }),
      loadPretrained(settings, (options) => AutoModelForCTC.from_pretrained(id, options)),
    ]);
    if (!processor.tokenizer) throw new ParleyError("MODEL_ERROR", `The model "${id}" has no tokenizer.`);
    const vocabulary = vocabularyOf(processor.tokenizer);
    const read = async (samples: Float32Array): Promise<CtcLogits> => {
      const { logits } = await model(await processor(samples));
      return { data: logits.data, frames: logits.dims[1] };
    };
    return {
      transcribe: (audio, { signal }) =>
        transcribe(audio, {
          utterance: new GrowingUtterance({ read, vocabulary, minConfidence: min_confidence }),
          stepSamples: step_ms * LISTENING_RATE_HZ / 1000,
          signal,
        }),
      async [Symbol.asyncDispose]() {
        await model.dispose();
      },
    };
  },
});

interface TranscribeOptions {
  readonly utterance: GrowingUtterance;
  readonly stepSamples: number;
  readonly signal: AbortSignal;
}

/** Takes all that has come whenever it reads, so that a slow model reads more at a time and never falls behind. */
async function* transcribe(
  audio: AsyncIterable<AudioFrame>,
  { utterance, stepSamples, signal }: TranscribeOptions,
): AsyncIterable<Transcript> {
  const heard = channel<AudioFrame>({ capacity: Infinity, signal });
  collect(audio, heard);
  let fresh: Float32Array[] = [];
  let freshSamples = 0;
  for await (const { samples } of heard) {
    fresh.push(samples);
    freshSamples += samples.length;
    if (freshSamples < stepSamples || heard.size > 0) continue;
    yield await utterance.read(concatSamples(fresh));
    fresh = [];
    freshSamples = 0;
  }
  yield await utterance.finish(concatSamples(fresh));
}

async function collect(audio: AsyncIterable<AudioFrame>, heard: Channel<AudioFrame>): Promise<void> {
  try {
    for await (const frame of audio) {
      if (!heard.trySend(frame)) break;
    }
    heard.close();
  } catch (error) {
    heard.close(error);
  }
}

/** What of a transformers.js tokenizer decoding needs. */
interface Tokenizer {
  get_vocab(): Map<string, number> | Record<string, number>;
  readonly pad_token_id?: number;
  readonly config: { readonly word_delimiter_token?: string };
}

function vocabularyOf(tokenizer: Tokenizer): CtcVocabulary {
  const vocabulary = tokenizer.get_vocab();
  const tokens: string[] = [];
  for (const [token, id] of vocabulary instanceof Map ? vocabulary : Object.entries(vocabulary)) {
    tokens[id] = token;
  }
  return {
    tokens,
    // CTC models of the hub use the padding token as the blank.
    blankId: tokenizer.pad_token_id ?? 0,
    wordDelimiter: tokenizer.config.word_delimiter_token ?? "|",
  };
}
