/** Recognisers that transformers.js runs. */
import type { CatalogEntry } from "../catalog.ts";
import { fromRepository, type Repository } from "./build.ts";

const TOKENIZER = ["preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"];
const GENERATION = ["generation_config.json", ...TOKENIZER];
const ENCODER_DECODER = ["encoder_model", "decoder_model_merged"];

/** The languages Whisper was trained on for more than a thousand hours (Radford et al. 2022, appendix E). */
const WHISPER_LANGUAGES = "en zh de es ru fr pt ko ja tr pl it sv nl ca fi id".split(" ");

type Megabytes = Repository["megabytes"];

function moonshine(size: string, megabytes: Megabytes, summary: string): CatalogEntry {
  return {
    name: `moonshine-${size}`,
    task: "stt",
    summary,
    licence: "MIT",
    languages: ["en"],
    engine: "moonshine",
    options: {},
    ...fromRepository({
      id: `onnx-community/moonshine-${size}-ONNX`,
      megabytes,
      graphs: ENCODER_DECODER,
      files: GENERATION,
    }),
  };
}

function whisper(size: string, megabytes: Megabytes, summary: string): CatalogEntry {
  const english = size.endsWith(".en");
  return {
    name: `whisper-${size}`,
    task: "stt",
    summary,
    licence: "MIT",
    languages: english ? ["en"] : WHISPER_LANGUAGES,
    engine: "whisper",
    options: {},
    ...fromRepository({
      // These give the cross attentions from which the times of words are read.
      id: `onnx-community/whisper-${size}_timestamped`,
      megabytes,
      graphs: ENCODER_DECODER,
      files: GENERATION,
    }),
  };
}

/** Models that understand speech. */
export const speechToText: readonly CatalogEntry[] = [
  moonshine("tiny", { q8: 32, fp32: 113 }, "English, made for live speech: short sentences cost little"),
  moonshine("base", { q8: 67, fp32: 251 }, "English, live, clearly better than its tiny sister"),
  whisper("tiny.en", { q8: 44, fp32: 154 }, "English of any kind, on small machines"),
  whisper("base.en", { q8: 80, fp32: 294 }, "English of any kind, fewer mistakes"),
  whisper("small.en", { q8: 252, fp32: 943 }, "English with accents and noise, for fast machines"),
  whisper("tiny", { q8: 44, fp32: 154 }, "many languages, found by itself, on small machines"),
  whisper("base", { q8: 80, fp32: 294 }, "many languages, found by itself"),
  whisper("small", { q8: 252, fp32: 943 }, "many languages, well, for fast machines"),
  {
    name: "parakeet-ctc-0.6b",
    task: "stt",
    summary: "accurate English, for fast machines",
    licence: "CC-BY-4.0",
    languages: ["en"],
    engine: "ctc",
    options: { min_confidence: 0, quiet_edges: false },
    ...fromRepository({
      id: "onnx-community/parakeet-ctc-0.6b-ONNX",
      megabytes: { int8: 613, fp32: 2401 },
      graphs: ["model"],
      files: TOKENIZER,
    }),
  },
];
