/** `deno task models`: what there is, what fits, and bringing it here or away. */
import { CATALOG, type CatalogModel, findModel, fittingVariant, memoryBytes } from "../../models/catalog.ts";
import { PROFILES } from "../../models/profiles.ts";
import { modelsNamed, modelsOf } from "../../models/selection.ts";
import { exportModels, importModels } from "../../models/store/bundle.ts";
import { pullModel } from "../../models/store/pull.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import type { CommandLine } from "../config.ts";
import { variantToPull } from "../models/list_models.ts";
import { type Surroundings, surroundingsOf } from "../models/wishes.ts";
import { evaluate } from "./eval.ts";
import { ProgressLine } from "./progress_line.ts";
import { type Screen, standardScreen } from "./terminal.ts";

/** What a subcommand works with. */
interface Desk extends Surroundings {
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly flags: CommandLine["own"];
}

interface Subcommand {
  readonly usage: string;
  /** What stays of it when it is interrupted. */
  readonly kept?: string;
  /** Flags beside the settings are for it. */
  readonly hasFlags?: true;
  run(names: readonly string[], desk: Desk): Promise<void>;
}

const KEPT = "What has come is kept: the same command goes on from there.";

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  list: { usage: "list", run: (_names, desk) => list(desk) },
  show: { usage: "show NAME", run: show },
  pull: { usage: "pull NAME|PROFILE …", kept: KEPT, run: pull },
  remove: { usage: "remove NAME …", run: remove },
  export: { usage: "export FILE NAME|PROFILE …", run: exportTo },
  import: { usage: "import FILE", run: importFrom },
  eval: {
    hasFlags: true,
    usage: "eval [stt|llm|all] [--recordings FOLDER] [--quick] [--json FILE]",
    run: (names, { flags, screen, signal }) => evaluate(names, flags, { screen, signal }),
  },
};

/** What a process that was interrupted ends with. */
const INTERRUPTED = 130;

/** Beside the arguments. */
export interface ModelsOptions {
  /** Default: standard output. */
  readonly screen?: Screen;
  /** Those of `eval`. Default: none. */
  readonly flags?: CommandLine["own"];
}

/** Does what the arguments say: `list` where they say nothing. Returns the exit code. */
export async function models(
  config: CommandLine["config"],
  [name = "list", ...names]: readonly string[],
  { screen = standardScreen(), flags = {} }: ModelsOptions = {},
): Promise<number> {
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!subcommand) {
    const usages = Object.values(SUBCOMMANDS).map(({ usage }) => `deno task models ${usage}`).join("\n  ");
    throw new ParleyError("VALIDATION_ERROR", `There is no "models ${name}"; there are\n  ${usages}`);
  }
  const [flag] = Object.keys(flags);
  if (flag !== undefined && !subcommand.hasFlags) {
    throw new ParleyError("VALIDATION_ERROR", `--${flag} is for \`deno task models eval\` alone.`);
  }
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    const surroundings = surroundingsOf(config.models, Deno.env.toObject());
    await subcommand.run(names, { ...surroundings, screen, flags, signal: interrupted.signal });
    return 0;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    screen.write(`\nInterrupted. ${subcommand.kept ?? ""}`.trimEnd() + "\n");
    return INTERRUPTED;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

const TASK_TITLES = {
  vad: "Voice activity",
  turn: "Turn detection",
  stt: "Speech to text",
  llm: "Language models",
  tts: "Text to speech",
} as const;

async function list(desk: Desk): Promise<void> {
  const { screen, machine, store } = desk;
  const isHere = async (model: CatalogModel) => !model.source || (await store.variants(model)).length > 0;
  screen.write("✓ is here · - is more than this machine has memory for now\n\nProfiles\n");
  for (const [name, { summary }] of Object.entries(PROFILES)) {
    const parts = modelsOf(name);
    const here = (await Promise.all(parts.map(isHere))).every(Boolean);
    const fits = parts.every((model) => fittingVariant(model, machine));
    screen.write(row({ here, fits, name, megabytes: megabytesOf(parts, desk), summary }));
  }
  for (const [task, title] of Object.entries(TASK_TITLES)) {
    screen.write(`\n${title}\n`);
    for (const model of CATALOG.filter((model) => model.task === task)) {
      const fits = fittingVariant(model, machine) !== undefined;
      const summary = `${model.summary} (${languagesOf(model)})`;
      const here = await isHere(model);
      screen.write(row({ here, fits, name: model.name, megabytes: megabytesOf([model], desk), summary }));
    }
  }
  screen.write(
    `\nModels may use ${(machine.memoryBytes / 1e9).toFixed(1)} GB of this machine's memory` +
      `${machine.gpu ? " and its graphics processor" : ""}. Bring some here: deno task models pull light\n`,
  );
}

interface Row {
  readonly here: boolean;
  readonly fits: boolean;
  readonly name: string;
  readonly megabytes: number;
  readonly summary: string;
}

function row({ here, fits, name, megabytes, summary }: Row): string {
  const size = megabytes > 0 ? `${megabytes} MB` : "ships";
  return `${here ? "✓" : fits ? " " : "-"} ${name.padEnd(28)}${size.padStart(8)}  ${summary}\n`;
}

function languagesOf({ languages }: CatalogModel): string {
  if (languages.includes("und")) return "any language";
  const shown = languages.slice(0, 4).join(", ");
  return languages.length > 4 ? `${shown} and ${languages.length - 4} more` : shown;
}

function megabytesOf(models: readonly CatalogModel[], surroundings: Surroundings): number {
  return models.reduce((sum, model) => sum + variantToPull(model, surroundings).megabytes, 0);
}

async function show([name = ""]: readonly string[], { screen, machine, store }: Desk): Promise<void> {
  const model = findModel(name);
  const { source, summary, licence, languages, task, engine, variants, card } = model;
  const here = await store.variants(model);
  screen.write(`${name}: ${summary}\n\n`);
  const facts = {
    task: TASK_TITLES[task].toLowerCase(),
    engine,
    languages: languages.join(", "),
    licence,
    source: source ? `${source.repository} at ${source.revision.slice(0, 12)}` : "ships with Parley",
  };
  for (const [key, value] of Object.entries(facts)) screen.write(`  ${key.padEnd(12)}${value}\n`);
  if (card !== undefined) screen.write(`\n${await readCard(card)}`);
  if (!source) return;
  screen.write("\n");
  for (const variant of variants) {
    const memory = `about ${Math.round(memoryBytes(model, variant) / 1e6)} MB of memory`;
    const notes = [
      ...(variant.runsOn === "gpu" ? ["for a graphics processor"] : []),
      ...(variant === fittingVariant(model, machine) ? ["what this machine would take"] : []),
      ...(here.includes(variant) ? ["is here"] : []),
    ];
    screen.write(`  ${variant.dtype.padEnd(6)}${variant.megabytes} MB to fetch, ${memory}`);
    screen.write(notes.length > 0 ? `: ${notes.join(", ")}\n` : "\n");
  }
}

/** A model card as people read it: without what it says of itself to programs. */
async function readCard(url: string): Promise<string> {
  return (await Deno.readTextFile(new URL(url))).replace(/^---\n[\s\S]*?\n---\n+/, "");
}

/** Names of models and of profiles, as the models they stand for. */
function named(names: readonly string[]): CatalogModel[] {
  if (names.length === 0) {
    throw new ParleyError("VALIDATION_ERROR", "Name a model or a profile: `deno task models` lists them.");
  }
  return [...new Set(names.flatMap(modelsNamed))];
}

/** Those of them that were fetched: what ships is on every machine and cannot be carried or taken away. */
function fetched(names: readonly string[]): CatalogModel[] {
  const wanted = named(names).filter(({ source }) => source);
  if (wanted.length > 0) return wanted;
  throw new ParleyError(
    "VALIDATION_ERROR",
    `${names.join(", ")} ships with Parley; name a model that is fetched.`,
  );
}

async function pull(names: readonly string[], desk: Desk): Promise<void> {
  const { screen, store, hub } = desk;
  const wanted = named(names).filter(({ source }) => source);
  const failed = new AbortController();
  const signal = AbortSignal.any([desk.signal, failed.signal]);
  using progress = new ProgressLine(screen);
  const pulls = wanted.map(async (model) => {
    const variant = variantToPull(model, desk);
    try {
      await pullModel(model, variant, {
        store,
        hub,
        signal,
        onProgress: (bytes) => progress.update(model.name, bytes),
      });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
    progress.line(`✓ ${model.name} (${variant.dtype}) is here`);
  });
  await Promise.allSettled(pulls);
  await Promise.all(pulls);
  for (const model of wanted) {
    if (fittingVariant({ ...model, variants: [variantToPull(model, desk)] }, desk.machine)) continue;
    const why = "needs more memory than models may use now, or a graphics processor";
    progress.line(`${model.name} ${why}: it is loaded only where a setting names it or its profile.`);
  }
  progress.line(
    names.length === 1 && Object.hasOwn(PROFILES, names[0]!)
      ? "`deno task start` uses the best profile that is here."
      : "Choose it with --models-stt-name, --models-llm-name or --models-tts-name.",
  );
}

async function remove(names: readonly string[], { screen, store }: Desk): Promise<void> {
  for (const model of fetched(names)) {
    using _lock = await store.lock(model);
    await store.remove(model);
    screen.write(`${model.name} is gone.\n`);
  }
}

async function exportTo([path, ...names]: readonly string[], { screen, store, signal }: Desk): Promise<void> {
  if (path === undefined) throw new ParleyError("VALIDATION_ERROR", "Name the file to write.");
  const wanted = fetched(names);
  await exportModels(wanted, path, { store, signal });
  screen.write(`${wanted.map(({ name }) => name).join(", ")} → ${path}\n`);
}

async function importFrom([path]: readonly string[], { screen, store, signal }: Desk): Promise<void> {
  if (path === undefined) throw new ParleyError("VALIDATION_ERROR", "Name the file to read.");
  const names = await importModels(path, { store, signal });
  screen.write(`${names.join(", ")} ${names.length === 1 ? "is" : "are"} here.\n`);
}
