/** Speech-to-text with any CTC model that takes raw audio, loaded by transformers.js as from a hub. */
import { join } from "node:path";
import { z } from "zod";
import type { SpeechToText } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import {
  importTransformers,
  loadPretrained,
  localFolder,
  locateModel,
  modelOptions,
} from "../transformers_source.ts";
import { searchBeam } from "./beam_search.ts";
import { type CtcLogits, type CtcVocabulary, decodeCtc } from "./ctc_decode.ts";
import { GrowingUtterance } from "./growing_utterance.ts";
import { transcribeLive } from "./live_transcript.ts";
import { parseArpa, type WordModel } from "./word_model.ts";

const options = modelOptions.extend({
  /** New audio after which the utterance is read again. */
  step_ms: z.number().min(40).default(160),
  /**
   * An utterance whose words are on average less sure than this is nothing but noise.
   */
  min_confidence: z.number().min(0).max(1).default(0.35),
  /** Whether the model is given sound with quiet around it, always as much; some were trained on any audio. */
  quiet_edges: z.boolean().default(true),
  /** File of the model's folder, in ARPA's format, that knows which words follow which; without it each sound counts alone. */
  word_model: z.string().min(1).optional(),
  /**
   * With a word model, in the place of `min_confidence`: how much likelier than silence the sound must make what was
   * read, as a natural logarithm. Of 300 tones, hums, knocks and clatters four make more with the starter model (three
   * are tones of 100 and 150 Hz), and all recordings of the tests at least 14; single words in voices that it never heard
   * less one time in eight.
   */
  min_evidence: z.number().min(0).default(7),
  /** With a word model: what is less sure than this is doubtful, and better asked for again than acted upon. */
  doubt_below: z.number().min(0).max(1).default(0.35),
});

/** The engine. */
export const ctc = defineEngine({
  task: "stt",
  options,
  runs: "worker",
  async load(
    { step_ms, min_confidence, quiet_edges, word_model, min_evidence, doubt_below, ...settings },
  ): Promise<SpeechToText> {
    const { AutoModelForCTC, AutoProcessor, AutoTokenizer, env } = await importTransformers(settings.device);
    const id = await locateModel(settings.model, env);
    const [processor, tokenizer, model] = await Promise.all([
      AutoProcessor.from_pretrained(id, { revision: settings.revision }),
      AutoTokenizer.from_pretrained(id, { revision: settings.revision }),
      loadPretrained(settings, (options) => AutoModelForCTC.from_pretrained(id, options)),
    ]);
    const vocabulary = vocabularyOf(tokenizer);
    const words = word_model === undefined ? undefined : await readWordModel(settings.model, word_model);
    const read = async (samples: Float32Array): Promise<CtcLogits> => {
      const { logits } = await model(await processor(samples));
      return { data: logits.data, frames: logits.dims[1] };
    };
    const decode = (logits: CtcLogits) =>
      words
        ? searchBeam(logits, { vocabulary, words, minEvidence: min_evidence })
        : decodeCtc(logits, vocabulary);
    return {
      transcribe(audio, { signal }) {
        const utterance = new GrowingUtterance({
          read,
          decode,
          minConfidence: words ? 0 : min_confidence,
          doubtBelow: words ? doubt_below : 0,
          quietEdges: quiet_edges,
        });
        return transcribeLive(audio, { utterance, stepMs: step_ms, signal });
      },
      async [Symbol.asyncDispose]() {
        await model.dispose();
      },
    };
  },
});

async function readWordModel(model: string, file: string): Promise<WordModel> {
  const path = join(await localFolder(model), file);
  const text = await Deno.readTextFile(path).catch((cause) => {
    throw new ParleyError("NOT_FOUND", `The recogniser's word model ${file} is not there.`, { cause });
  });
  return parseArpa(text);
}

/** What of a transformers.js tokenizer decoding needs. */
interface Tokenizer {
  get_vocab(): Map<string, number> | Record<string, number>;
  readonly pad_token_id?: number | null;
  readonly config: { readonly word_delimiter_token?: string };
}

/** What SentencePiece puts before a word. */
const SENTENCE_PIECE_SPACE = "\u2581";

/**
 * What the tokens of a CTC model mean. Models of the hub use the padding token as the blank; where the vocabulary names
 * none it is the token after all others.
 */
export function vocabularyOf(tokenizer: Tokenizer): CtcVocabulary {
  const vocabulary = tokenizer.get_vocab();
  const tokens: string[] = [];
  for (const [token, id] of vocabulary instanceof Map ? vocabulary : Object.entries(vocabulary)) {
    tokens[id] = /^<.+>$/.test(token) ? "" : token; // Marks such as <unk> are nothing that was said.
  }
  const sentencePieces = tokens.some((token) => token.startsWith(SENTENCE_PIECE_SPACE));
  return {
    tokens,
    blankId: tokenizer.pad_token_id ?? tokens.length,
    wordDelimiter: sentencePieces ? SENTENCE_PIECE_SPACE : tokenizer.config.word_delimiter_token ?? "|",
  };
}
