/** Language models that transformers.js runs. */
import type { CatalogEntry } from "../catalog.ts";
import { fromRepository, type Repository } from "./build.ts";

const FILES = ["tokenizer.json", "tokenizer_config.json"];
const OPTIONAL = ["generation_config.json", "chat_template.jinja"];

interface Described
  extends
    Pick<CatalogEntry, "name" | "summary" | "licence" | "languages">,
    Pick<Repository, "id" | "megabytes"> {
  readonly options?: CatalogEntry["options"];
}

function chat({ id, megabytes, options = {}, ...rest }: Described): CatalogEntry {
  return {
    ...rest,
    task: "llm",
    engine: "transformers",
    options: { max_new_tokens: 512, temperature: 0.6, ...options },
    ...fromRepository({ id, megabytes, graphs: ["model"], files: FILES, optional: OPTIONAL }),
  };
}

/** Calls of tools are written in other ways than ours by these, so they are offered none. */
const WITHOUT_TOOLS = { tools: false };
const EUROPEAN = ["en", "de", "fr", "it", "pt", "es"];
const QWEN = ["en", "zh", ...EUROPEAN.slice(1), "ru", "ja", "ko", "ar"];

/** Models that answer. */
export const languageModels: readonly CatalogEntry[] = [
  chat({
    name: "smollm2-135m",
    summary: "small talk in English; facts are often made up",
    licence: "Apache-2.0",
    languages: ["en"],
    id: "HuggingFaceTB/SmolLM2-135M-Instruct",
    megabytes: { q8: 140, q4: 185, q4f16: 121, fp32: 543 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "smollm2-360m",
    summary: "short answers in English, on small machines",
    licence: "Apache-2.0",
    languages: ["en"],
    id: "HuggingFaceTB/SmolLM2-360M-Instruct",
    megabytes: { q8: 367, q4: 390, q4f16: 275, fp32: 1452 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "smollm2-1.7b",
    summary: "good English for its size",
    licence: "Apache-2.0",
    languages: ["en"],
    id: "HuggingFaceTB/SmolLM2-1.7B-Instruct",
    megabytes: { q4: 1415, q4f16: 1111, q8: 1717 },
    // It was taught tools, but by a system message of its own: its chat template leaves them out.
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "qwen3-0.6b",
    summary: "the smallest here that uses tools, in many languages",
    licence: "Apache-2.0",
    languages: QWEN,
    id: "onnx-community/Qwen3-0.6B-ONNX",
    megabytes: { q8: 627, q4: 929, q4f16: 579 },
    options: { thinking: false },
  }),
  chat({
    name: "qwen3-1.7b",
    summary: "tools and sense, in many languages, for fast machines",
    licence: "Apache-2.0",
    languages: QWEN,
    id: "onnx-community/Qwen3-1.7B-ONNX",
    megabytes: { q4: 2157, q4f16: 1436, q8: 1752 },
    options: { thinking: false },
  }),
  chat({
    name: "qwen3-4b",
    summary: "the best of these, for machines with a GPU",
    licence: "Apache-2.0",
    languages: QWEN,
    id: "onnx-community/Qwen3-4B-ONNX",
    megabytes: { q4f16: 2843 },
    options: { thinking: false },
  }),
  chat({
    name: "lfm2-350m",
    summary: "made for processors, as its makers say",
    licence: "LFM Open License 1.0",
    languages: ["en", "ar", "zh", "fr", "de", "ja", "ko", "es"],
    id: "onnx-community/LFM2-350M-ONNX",
    megabytes: { q4: 289, q4f16: 260 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "lfm2-1.2b",
    summary: "the same, and knows more",
    licence: "LFM Open License 1.0",
    languages: ["en", "ar", "zh", "fr", "de", "ja", "ko", "es"],
    id: "onnx-community/LFM2-1.2B-ONNX",
    megabytes: { q4: 859, q4f16: 765 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "gemma-3-270m",
    summary: "follows instructions at the smallest size",
    licence: "Gemma",
    languages: ["en"],
    id: "onnx-community/gemma-3-270m-it-ONNX",
    megabytes: { q4: 344, q4f16: 294 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "gemma-3-1b",
    summary: "natural conversation in many languages",
    licence: "Gemma",
    languages: [...EUROPEAN, "ja", "ko", "zh", "nl", "pl"],
    id: "onnx-community/gemma-3-1b-it-ONNX",
    megabytes: { q4: 880, q4f16: 784, q8: 1022 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "llama-3.2-1b",
    summary: "natural conversation, for machines of middle size",
    licence: "Llama 3.2 Community License",
    languages: [...EUROPEAN, "hi", "th"],
    id: "onnx-community/Llama-3.2-1B-Instruct-ONNX",
    megabytes: { q4: 1701, q4f16: 1050 },
    options: WITHOUT_TOOLS,
  }),
  chat({
    name: "llama-3.2-3b",
    summary: "natural conversation, for machines with a GPU",
    licence: "Llama 3.2 Community License",
    languages: [...EUROPEAN, "hi", "th"],
    id: "onnx-community/Llama-3.2-3B-Instruct-ONNX",
    megabytes: { q4f16: 2420 },
    options: WITHOUT_TOOLS,
  }),
];
