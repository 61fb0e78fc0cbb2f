/** Speech-to-text with any CTC model that takes raw audio, loaded by transformers.js as from a hub. */
import { z } from "zod";
import { type AudioFrame, concatSamples } from "../../../pipeline/audio.ts";
import { LISTENING_RATE_HZ, type SpeechToText, type Transcript } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, locateModel, quietSession } from "../transformers_source.ts";
import type { CtcLogits, CtcVocabulary } from "./ctc_decode.ts";
import { GrowingUtterance } from "./growing_utterance.ts";

const options = z.object({
  /** A folder in Hugging Face layout, or a hub's name. */
  model: z.string(),
  revision: z.string().default("main"),
  dtype: z.enum(["fp32", "fp16", "q8", "q4"]).default("fp32"),
  threads: z.number().int().min(1).default(1),
  /** New audio after which the utterance is read again. */
  step_ms: z.number().min(40).default(160),
  /**
   * Silence put behind what is read. A model trained on whole utterances reads the last word right only with
   * some after it: on the 40 fixtures at two levels, 224 ms after the last voice, 160 ms of it raise the share
   * that is right from 52 to 76 of 80, and that is then the same text 176 ms later in 78 (57 without).
   */
  pad_ms: z.number().min(0).default(160),
  /** An utterance whose words are on average less sure than this is nothing but noise. */
  min_confidence: z.number().min(0).max(1).default(0.2),
});

/** Reads a stretch of audio at 16 kHz. */
export type ReadAudio = (samples: Float32Array) => Promise<CtcLogits>;

/** The engine. */
export const ctc = defineEngine({
  task: "stt",
  options,
  runs: "worker",
  async load(
    { model: source, revision, dtype, threads, step_ms, pad_ms, min_confidence },
  ): Promise<SpeechToText> {
    const { AutoModelForCTC, AutoProcessor, env } = await importTransformers();
    const id = await locateModel(source, env);
    const [processor, model] = await Promise.all([
      AutoProcessor.from_pretrained(id, { revision }),
      AutoModelForCTC.from_pretrained(id, { revision, dtype, session_options: quietSession(threads) }),
    ]);
    if (!processor.tokenizer) throw new ParleyError("MODEL_ERROR", `The model "${id}" has no tokenizer.`);
    const vocabulary = vocabularyOf(processor.tokenizer);
    const read: ReadAudio = async (samples) => {
      const { logits } = await model(await processor(samples));
      return { data: logits.data, frames: logits.dims[1] };
    };
    return {
      transcribe: (audio, { signal }) =>
        transcribe(audio, {
          utterance: new GrowingUtterance({ read, vocabulary, padMs: pad_ms, minConfidence: min_confidence }),
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

async function* transcribe(
  audio: AsyncIterable<AudioFrame>,
  { utterance, stepSamples, signal }: TranscribeOptions,
): AsyncIterable<Transcript> {
  const heard = new Heard(audio);
  while (await heard.atLeast(stepSamples)) {
    signal.throwIfAborted();
    yield await utterance.read(heard.take());
  }
  signal.throwIfAborted();
  yield await utterance.finish(heard.take());
}

/** Collects audio while inference runs, so that a slow model reads more at a time and never falls behind. */
class Heard {
  #parts: Float32Array[] = [];
  #samples = 0;
  #ended = false;
  #error: unknown;
  #wake = Promise.withResolvers<void>();

  constructor(audio: AsyncIterable<AudioFrame>) {
    this.#collect(audio);
  }

  /** Waits for so many samples; false when the audio ends before that. Throws what the audio throws. */
  async atLeast(samples: number): Promise<boolean> {
    while (this.#samples < samples && !this.#ended) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    if (this.#error !== undefined) throw this.#error;
    return !this.#ended;
  }

  /** Everything collected since the last time. */
  take(): Float32Array {
    const all = concatSamples(this.#parts);
    this.#parts = [];
    this.#samples = 0;
    return all;
  }

  async #collect(audio: AsyncIterable<AudioFrame>): Promise<void> {
    try {
      for await (const { samples } of audio) {
        this.#parts.push(samples);
        this.#samples += samples.length;
        this.#wake.resolve();
      }
    } catch (error) {
      this.#error = error;
    }
    this.#ended = true;
    this.#wake.resolve();
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
