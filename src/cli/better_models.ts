/** What a start says and does about models that would be better than those that run. */
import type { CatalogModel } from "../../models/catalog.ts";
import { modelsOf } from "../../models/selection.ts";
import type { App } from "../app.ts";
import type { Config } from "../config_schema.ts";
import type { EventBody } from "../protocol/events.ts";
import type { Terminal } from "./terminal.ts";

/** What is offered to somebody who has nothing but the starter models. */
const OFFER = "light";
const OFFER_IN_WORDS = "better ears and a natural voice";

/** What can be asked at a terminal. */
export interface Question {
  /** Whether somebody sits there. */
  readonly isAnswerable: boolean;
  /** The next line that is typed. */
  answer(): Promise<string>;
}

/**
 * Fetches what is missing where the settings say so, and otherwise tells of it; asks about the offer once, ever.
 * Nothing here waits for the network: fetching goes on beside the conversation.
 */
export async function offerBetterModels(
  { models }: {
    readonly models: Pick<App["models"], "missing" | "runsStarter" | "megabytesOf" | "firstTime" | "adopt">;
  },
  { models: settings }: Config,
  { terminal, question }: { readonly terminal: Terminal; readonly question: Question },
): Promise<void> {
  const isOffer = settings.profile === "auto" && models.missing.length === 0 && models.runsStarter;
  const wanted = isOffer ? modelsOf(OFFER).filter(({ source }) => source) : models.missing;
  if (wanted.length === 0) return;
  if (settings.auto_pull) return adopt(wanted);
  const weight = `${wanted.reduce((sum, model) => sum + models.megabytesOf(model), 0)} MB`;
  if (!isOffer) {
    const names = wanted.map(({ name }) => name);
    const flags = wanted.flatMap(({ task }) => {
      const dtype = task === "vad" || task === "turn" ? undefined : settings[task].dtype;
      return dtype === undefined ? [] : [`--models-${task}-dtype`, dtype];
    });
    const command = `deno task models pull ${[...names, ...flags].join(" ")}`;
    terminal.line(`  missing     ${names.join(", ")} (${weight}): \`${command}\` or --pull`);
    return;
  }
  terminal.line(`  models      ${OFFER_IN_WORDS}: --pull, or \`deno task models pull ${OFFER}\` (${weight})`);
  if (!question.isAnswerable || !await models.firstTime("offer")) return;
  terminal.line(`Fetch them now, while you talk? They take over as they come. [y/N]`);
  if (/^\s*(y|yes)\s*$/i.test(await question.answer())) adopt(wanted);

  function adopt(wanted: readonly CatalogModel[]): void {
    terminal.line(`Fetching ${wanted.map(({ name }) => name).join(", ")}; each takes over when it is here.`);
    models.adopt(wanted);
  }
}

/** Tells the terminal what happens to models. */
export function modelNews(terminal: Terminal): (event: EventBody) => void {
  const told = new Map<string, number>();
  return (event) => {
    if (event.type === "model_ready") terminal.line(`${event.data.name} is ready.`);
    if (event.type === "model_error") terminal.line(`${event.data.name}: ${event.data.message}`);
    if (event.type !== "model_progress") return;
    const { name, loaded_bytes, total_bytes = loaded_bytes } = event.data;
    const fifth = Math.floor(loaded_bytes / total_bytes * 5);
    if (fifth === (told.get(name) ?? 0)) return;
    told.set(name, fifth);
    terminal.line(`${name}: ${fifth * 20} % of ${Math.round(total_bytes / 1e6)} MB`);
  };
}

/** The person at this process's terminal. */
export function standardQuestion(): Question {
  return {
    isAnswerable: Deno.stdin.isTerminal() && Deno.stdout.isTerminal(),
    async answer() {
      const buffer = new Uint8Array(256);
      const bytes = await Deno.stdin.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, bytes ?? 0));
    },
  };
}
