/** The models that Parley knows: where each comes from, what it weighs, what it is good at and which engine runs it. */
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { ParleyError } from "../pipeline/errors.ts";
import { languageModels } from "./catalog/language_models.ts";
import { speechToText } from "./catalog/speech_to_text.ts";
import { starter } from "./catalog/starter.ts";
import { textToSpeech } from "./catalog/text_to_speech.ts";
import { turnDetection } from "./catalog/turn_detection.ts";
import type { EngineChoice } from "./profiles.ts";

const file = z.strictObject({
  /** Within the repository, and within the model's folder on this disk. */
  path: z.string().min(1),
  /** As public manifests pin them; what is not known here, the hub tells when it is fetched. */
  bytes: z.number().int().positive().optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/).optional(),
  /** Fetched where the repository has it. */
  optional: z.literal(true).optional(),
});

/** How a model's weights are stored: one of these is fetched. */
const variant = z.strictObject({
  /** As transformers.js names precisions. */
  dtype: z.enum(["fp32", "fp16", "q8", "int8", "q4", "q4f16"]),
  /** What it runs well on. Half precision is slow, or not there at all, on processors. */
  runsOn: z.enum(["any", "gpu"]),
  /** Beside those that every variant needs. */
  files: z.array(file),
  /** What all that is fetched for it weighs, rounded, as listings and manifests give it. */
  megabytes: z.number().int().min(0),
});

const model = z.strictObject({
  /** What it is asked for by, in settings and commands. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/).max(60),
  task: z.enum(["vad", "turn", "stt", "llm", "tts"]),
  /** One line: what it is good at. */
  summary: z.string().min(10),
  /** SPDX, or the licence's own name where it has none there. */
  licence: z.string().min(2),
  /** BCP 47. */
  languages: z.array(z.string().min(2)).min(1),
  /** Of the registry. */
  engine: z.string(),
  /** The engine's settings beyond the folder, precision and device. */
  options: z.record(z.string(), z.unknown()),
  /** Where it comes from; nothing for what ships with the project. */
  source: z.strictObject({
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    /** A commit where one is known; `main` is pinned by the hub's checksums at the time it is fetched. */
    revision: z.string().regex(/^(?:[0-9a-f]{40}|main)$/),
  }).optional(),
  /** Its model card as a file: URL, where that ships with the project. */
  card: z.string().startsWith("file:").optional(),
  files: z.array(file),
  /** Best first. */
  variants: z.array(variant).min(1),
}).refine(
  ({ variants }) => new Set(variants.map(({ dtype }) => dtype)).size === variants.length,
  "each precision once",
);

/** One model of the catalogue. */
export type CatalogModel = z.output<typeof model>;
/** One way in which a model's weights are stored. */
export type Variant = CatalogModel["variants"][number];
/** A file of a model. */
export type CatalogFile = CatalogModel["files"][number];

/** What a file under `catalog/` gives for each model. */
export type CatalogEntry = z.input<typeof model>;

/** Every model, checked. */
export const CATALOG: readonly CatalogModel[] = z.array(model).parse([
  ...starter,
  ...turnDetection,
  ...speechToText,
  ...languageModels,
  ...textToSpeech,
]);

/** The model of that name, for that task if one is given. Throws `NOT_FOUND`, saying which there are. */
export function findModel(name: string, task?: CatalogModel["task"]): CatalogModel {
  const fitting = CATALOG.filter((model) => task === undefined || model.task === task);
  const found = fitting.find((model) => model.name === name);
  if (found) return found;
  const known = fitting.map((model) => model.name).join(", ");
  const what = task === undefined ? "model" : `${task} model`;
  throw new ParleyError("NOT_FOUND", `There is no ${what} "${name}"; there are ${known}.`, {
    recoverable: false,
  });
}

/** Every file of the model that this variant needs. */
export function filesOf(model: CatalogModel, variant: Variant): readonly CatalogFile[] {
  return [...model.files, ...variant.files];
}

/** Besides its weights a model needs the runtime (about 60 MB) and room to compute in (a quarter of the weights). */
const RUNTIME_BYTES = 60_000_000;
const WORKING_SHARE = 1.25;

/** An estimate of the memory that the variant needs when loaded. */
export function memoryBytes(model: CatalogModel, variant: Variant): number {
  if (!model.source) return RUNTIME_BYTES;
  return Math.round(variant.megabytes * 1e6 * WORKING_SHARE) + RUNTIME_BYTES;
}

/** What a machine has to run models with. */
export interface Machine {
  /** Bytes that models may fill. */
  readonly memoryBytes: number;
  readonly gpu: boolean;
}

/** The best variant that fits the machine; undefined where none does. */
export function fittingVariant(model: CatalogModel, machine: Machine): Variant | undefined {
  return model.variants.find((variant) =>
    (variant.runsOn === "any" || machine.gpu) && memoryBytes(model, variant) <= machine.memoryBytes
  );
}

/** What is fetched of a model: the precision that is asked for, or the best that fits, or the smallest. */
export function variantToFetch(model: CatalogModel, machine: Machine, dtype?: Variant["dtype"]): Variant {
  if (dtype !== undefined) return variantOf(model, dtype);
  const smallest = model.variants.toSorted((a, b) => a.megabytes - b.megabytes)[0]!;
  return fittingVariant(model, machine) ?? smallest;
}

/** The variant of that precision. Throws `VALIDATION_ERROR`, saying which there are. */
export function variantOf({ name, variants }: CatalogModel, dtype: Variant["dtype"]): Variant {
  const found = variants.find((variant) => variant.dtype === dtype);
  if (found) return found;
  const known = variants.map((variant) => variant.dtype).join(", ");
  const message = `There is no ${dtype} of the model "${name}"; set dtype to one of: ${known}.`;
  throw new ParleyError("VALIDATION_ERROR", message, { recoverable: false });
}

/** The engine and its settings for a model whose files are in `folder`. */
export function choiceOf(model: CatalogModel, variant: Variant, folder: string): EngineChoice {
  const { engine, options, source } = model;
  if (!source) return { engine, options };
  const url = pathToFileURL(folder).href;
  return { engine, options: { model: `${url}/`, dtype: variant.dtype, ...options } };
}
