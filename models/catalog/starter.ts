/** What ships with the project: small, offline, without a GPU. */
import type { CatalogEntry } from "../catalog.ts";

const shipped = (path: string) => new URL(`../starter/${path}`, import.meta.url).href;
const inside = {
  files: [],
  variants: [{ dtype: "int8", runsOn: "any", files: [], megabytes: 0 }],
} satisfies Pick<CatalogEntry, "files" | "variants">;

/** The starter models. */
export const starter: readonly CatalogEntry[] = [
  {
    ...inside,
    name: "silero",
    task: "vad",
    summary: "hears voice in any language within 32 ms, at next to no cost",
    licence: "MIT",
    languages: ["und"],
    engine: "silero",
    options: { model: shipped("vad/silero_vad_v5.onnx") },
    card: shipped("vad/README.md"),
  },
  {
    ...inside,
    name: "silence",
    task: "turn",
    summary: "you have finished when you have been silent for long enough",
    licence: "MIT",
    languages: ["und"],
    engine: "silence",
    options: {},
  },
  {
    ...inside,
    name: "starter-turn",
    task: "turn",
    summary: "knows from the words whether you have finished: waits while you look for the next one",
    licence: "MIT",
    languages: ["en"],
    engine: "word_turn",
    options: { model: shipped("turn/words.json") },
  },
  {
    ...inside,
    name: "starter-stt",
    task: "stt",
    summary: "what people say to an assistant, within milliseconds; open English poorly",
    licence: "MIT",
    languages: ["en"],
    engine: "ctc",
    options: { model: shipped("stt/"), word_model: "words.arpa" },
    card: shipped("stt/README.md"),
  },
  {
    ...inside,
    name: "starter-llm",
    task: "llm",
    summary: "time, timers, sums, memories and small talk, in several turns; nothing else",
    licence: "MIT",
    languages: ["en"],
    engine: "transformers",
    // A third of the tokens is for the answer. It was trained on tools that fail only as far as the server tells of it.
    options: {
      model: shipped("llm/"),
      context_tokens: 384,
      speak_tool_errors: true,
      plain_words: true,
    },
    card: shipped("llm/README.md"),
  },
  {
    ...inside,
    name: "flite",
    task: "tts",
    summary: "four old-fashioned voices that speak at once",
    licence: "BSD-3-Clause",
    languages: ["en-US", "en-GB"],
    engine: "flite",
    options: {},
  },
];
