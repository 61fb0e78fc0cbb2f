/** The settings of models: which to use, where they are kept, and what stands in for them. */
import { z } from "zod";

const dtype = z.enum(["fp32", "fp16", "q8", "int8", "q4", "q4f16"]);

const named = {
  name: z.string().optional().describe("a model of `deno task models`, in the place of the profile's"),
  engine: z.string().optional().describe("an engine, in the place of a model"),
};

const local = {
  ...named,
  dtype: dtype.optional().describe("precision of the weights; by default what fits the memory"),
};

const standIns = {
  stand_ins: z.array(z.string()).default([]).describe(
    "models that take the turn when it fails or is too slow, in this order, before the starter's",
  ),
};

const remote = {
  base_url: z.string().optional().describe("OpenAI-compatible server, such as http://localhost:11434/v1"),
  model: z.string().optional().describe("the model's name there"),
  api_key_env: z.string().optional().describe("name of the environment variable that holds the key"),
  api_key_file: z.string().optional().describe("file that holds the key"),
  timeout_ms: z.number().min(100).optional().describe("longest wait for the server's next word"),
};

const wyoming = {
  host: z.string().optional().describe("engine wyoming: where it runs"),
  port: z.number().int().min(1).max(65_535).optional().describe("engine wyoming: its port"),
};

const further = z.record(z.string(), z.unknown()).default({}).describe("further settings of the engine");

/** The table `[models]`. */
export const modelSettings = z.strictObject({
  profile: z.string().default("auto").describe(
    "which set of models: auto (the best that is here), starter, light, balanced, best or server",
  ),
  folder: z.string().optional().describe(
    "where models are kept; by default where the system keeps such things",
  ),
  auto_pull: z.boolean().default(false).describe("fetch what is missing in the background (`--pull`)"),
  fallback: z.boolean().default(true).describe(
    "let the starter models take the turn when others fail or are too slow",
  ),
  patience_ms: z.number().min(100).default(8000).describe("how long others may take before that happens"),
  device: z.enum(["auto", "cpu", "wasm", "webgpu", "cuda", "coreml", "dml"]).default("auto").describe(
    "what models run on",
  ),
  threads: z.number().int().min(1).optional().describe(
    "processor threads of a model; by default half of them",
  ),
  vad: z.strictObject({ ...named, options: further }).prefault({}),
  turn: z.strictObject({ ...named, options: further }).prefault({}),
  stt: z.strictObject({ ...local, ...standIns, ...remote, ...wyoming, options: further }).prefault({}),
  llm: z.strictObject({ ...local, ...standIns, ...remote, options: further }).prefault({}),
  tts: z.strictObject({ ...local, ...standIns, ...remote, ...wyoming, options: further }).prefault({}),
});

/** What is set of models. */
export type ModelSettings = z.output<typeof modelSettings>;
