/** `deno task models eval`: how good the starter models are, measured through the engines that serve them. */
import { evaluateAnswering } from "../../models/eval/answering.ts";
import { evaluateHearing } from "../../models/eval/hearing.ts";
import { requirePrograms } from "../../models/eval/program.ts";
import { type EvaluationFigures, reportOf } from "../../models/eval/report.ts";
import { readRequests } from "../../models/eval/requests.ts";
import { everyNth, needFfmpeg, recordedSets, spokenSets, type TestSet } from "../../models/eval/test_sets.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { assistantParts } from "./eval_assistant.ts";
import { hearingStepMs, loadAnswering, loadHearing } from "./eval_engines.ts";
import { type EvalValues, readEvalFlags } from "./eval_flags.ts";
import type { Screen } from "./terminal.ts";

/** What it works with. */
export interface EvaluateOptions {
  /** Where the figures go; how far it has come goes to standard error. */
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

const PARTS = ["stt", "llm", "all"] as const;
type Part = typeof PARTS[number];

/** With `--quick`. */
const QUICK_STEP = 10;

/** Measures the part that is named, everything where none is, and writes its figures. */
export async function evaluate(
  names: readonly string[],
  flags: EvalValues,
  { screen, signal }: EvaluateOptions,
): Promise<void> {
  const part = partOf(names);
  const { recordings, requests: asked, quick, json } = readEvalFlags(flags);
  const step = quick ? QUICK_STEP : 1;
  const requests = part === "stt" ? [] : everyNth(await readRequests(asked), step);
  const sets = part === "llm" ? [] : await setsOf(recordings, { signal, step });
  using progress = new Progress();
  const onProgress = progress.update.bind(progress);
  await using loaded = new AsyncDisposableStack();
  const stt = part === "llm" ? undefined : loaded.use(await loadHearing({ signal }));
  const llm = part === "stt" ? undefined : loaded.use(await loadAnswering({ signal }));
  const figures: EvaluationFigures = {
    ...(stt &&
      { hearing: await evaluateHearing({ stt, stepMs: hearingStepMs(), sets, signal, onProgress }) }),
    ...(llm && {
      answering: await evaluateAnswering({
        ...assistantParts(signal),
        llm,
        ...(stt && { stt }),
        requests,
        signal,
        onProgress,
      }),
    }),
  };
  progress.end();
  screen.write(reportOf(figures));
  if (json !== undefined) await writeJson(json, figures);
}

function partOf([name = "all", ...others]: readonly string[]): Part {
  const part = PARTS.find((part) => part === name);
  if (part !== undefined && others.length === 0) return part;
  const given = [name, ...others].join(" ");
  const message = `There is nothing to evaluate as "${given}"; it is one of ${PARTS.join(", ")}.`;
  throw new ParleyError("VALIDATION_ERROR", message);
}

async function setsOf(
  recordings: string | undefined,
  { signal, step }: { readonly signal: AbortSignal; readonly step: number },
): Promise<readonly TestSet[]> {
  const recorded = recordings === undefined ? [] : await recordedSets(recordings);
  const decoder = recordings !== undefined && await needFfmpeg(recordings) ? ["ffmpeg" as const] : [];
  await requirePrograms(["espeak-ng", "flite", ...decoder], { signal });
  return [...await spokenSets(), ...recorded]
    .map((set) => ({ ...set, utterances: everyNth(set.utterances, step) }));
}

async function writeJson(file: string, figures: EvaluationFigures): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(figures, null, 2) + "\n").catch((cause) => {
    throw new ParleyError("UNAVAILABLE", "That file cannot be written; name one elsewhere.", { cause });
  });
}

/** How far it has come, on standard error: a line that is rewritten, or where it cannot be, one for each set. */
class Progress implements Disposable {
  readonly #interactive = Deno.stderr.isTerminal();
  #open = false;

  update(name: string, done: number, total: number): void {
    const text = `${name}: ${done} of ${total}`;
    if (this.#interactive) this.#write(`\r\x1b[K${text}`);
    else if (done === total) this.#write(`${text}\n`);
    this.#open = this.#interactive;
  }

  end(): void {
    if (this.#open) this.#write("\r\x1b[K");
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
