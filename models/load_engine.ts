/** One engine by its name and settings: loaded and warm, in a worker or here. */
import { z } from "zod";
import type { CallOptions, Engines, Task } from "../pipeline/engines.ts";
import { ParleyError, toParleyError } from "../pipeline/errors.ts";
import { type EngineSpec, findEngine, type Registry } from "./engine_spec.ts";
import { EngineWorker } from "./engine_worker.ts";
import { type ChainOptions, Link } from "./fallback/breaker.ts";
import { CHAINS } from "./fallback/chains.ts";
import { type EngineChoice, nameOf } from "./profiles.ts";
import { REGISTRY } from "./registry.ts";
import { REMOTE_ENGINES } from "./remote_engines.ts";
import { toErrorMessage } from "./worker_protocol.ts";

/** What happens to an engine. A failed one is being restarted; it is `ready` again when it is back. */
export type EngineEvent =
  | { readonly type: "loading"; readonly task: Task; readonly engine: string }
  | { readonly type: "ready"; readonly task: Task; readonly engine: string; readonly loadMs: number }
  | { readonly type: "failed"; readonly task: Task; readonly engine: string; readonly error: ParleyError }
  /** It could not take a turn, which the next of its chain took. */
  | { readonly type: "replaced"; readonly task: Task; readonly engine: string; readonly error: ParleyError };

/** How engines are loaded. */
export interface LoadOptions extends CallOptions {
  readonly onEvent?: (event: EngineEvent) => void;
  /** How long an engine in a worker may go on after an abort before it is ended and restarted. Default: 2 s. */
  readonly deafMs?: number;
  /** How long an engine that has others to stand in for it may take. Default: 8 s. */
  readonly patienceMs?: number;
  /** Where engines come from: a registry, and the module that serves it in workers. Default: the project's. */
  readonly catalogue?: { readonly registry: Registry; readonly workerUrl: URL };
}

/** As long as livekit/agents-js gives its inference processes, after measuring. */
const DEAF_MS = 2000;
/** Longer than a language model on a slow machine takes to read a long prompt; nobody waits longer for an answer. */
const PATIENCE_MS = 8000;

/**
 * Loads one engine. Aborting the signal while it loads unloads it again and rejects with its reason; afterwards it
 * means nothing. An unknown name is `NOT_FOUND`, wrong settings are `VALIDATION_ERROR`, what cannot be loaded is
 * `MODEL_ERROR`.
 */
export async function loadEngine<K extends Task>(
  task: K,
  choice: EngineChoice,
  options: LoadOptions,
): Promise<Engines[K]> {
  const { fallback = [] } = choice;
  if (fallback.length === 0 || task === "vad" || task === "turn") {
    return await loadAlone(task, choice, options);
  }
  return await loadChain(task, [choice, ...fallback], options);
}

/** Throws `NOT_FOUND`, saying which there are, where there is no such engine. */
export function requireEngine(
  task: Task,
  { engine }: EngineChoice,
  { catalogue = PROJECT }: LoadOptions,
): void {
  findEngine(catalogue.registry, task, engine);
}

/** Loads all that may stand in for one another. */
async function loadChain<K extends Task>(
  task: K,
  choices: readonly EngineChoice[],
  options: LoadOptions,
): Promise<Engines[K]> {
  const { onEvent = () => {}, patienceMs = PATIENCE_MS } = options;
  await using loaded = new AsyncDisposableStack();
  const links: Link<Engines[K]>[] = [];
  for (const choice of choices) {
    const engine = loaded.use(await loadAlone(task, choice, options));
    links.push(new Link(engine, nameOf(choice)));
  }
  loaded.move();
  // The table pairs each task with its engines, which a parameter of the type loses.
  const chain = CHAINS[task as Exclude<Task, "vad" | "turn">] as unknown as (
    links: readonly Link<Engines[K]>[],
    options: ChainOptions,
  ) => Engines[K];
  return chain(links, {
    patienceMs,
    now: () => performance.now(),
    onFailure: (engine, error) => onEvent({ type: "replaced", task, engine, error }),
  });
}

async function loadAlone<K extends Task>(
  task: K,
  choice: EngineChoice,
  { signal, onEvent = () => {}, deafMs = DEAF_MS, catalogue = PROJECT }: LoadOptions,
): Promise<Engines[K]> {
  const { engine } = choice;
  const spec = findEngine(catalogue.registry, task, engine);
  const settings = settingsOf(spec, choice);
  let startedAtMs = performance.now();
  const ready = () => onEvent({ type: "ready", task, engine, loadMs: performance.now() - startedAtMs });
  onEvent({ type: "loading", task, engine });
  if (spec.runs === "inline") {
    const loaded = await loadInline(spec, settings, signal);
    ready();
    return loaded;
  }
  const worker = await EngineWorker.start({
    task,
    engine,
    settings,
    workerUrl: catalogue.workerUrl,
    deafMs,
    onRestart(error) {
      startedAtMs = performance.now();
      onEvent({ type: "failed", task, engine, error });
    },
    onRestarted: ready,
  }, { signal });
  ready();
  return REMOTE_ENGINES[task](worker);
}

async function loadInline<K extends Task>(
  spec: EngineSpec<K>,
  settings: unknown,
  signal: AbortSignal,
): Promise<Engines[K]> {
  try {
    return await spec.load(settings, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, recoverable } = toErrorMessage(error);
    throw new ParleyError(code, message, { recoverable, cause: toParleyError(error) });
  }
}

const PROJECT = { registry: REGISTRY, workerUrl: new URL("./worker.ts", import.meta.url) };

function settingsOf(spec: EngineSpec, { engine, options = {} }: EngineChoice): unknown {
  const parsed = spec.options.safeParse(options);
  if (parsed.success) return parsed.data;
  const problem = z.prettifyError(parsed.error).replaceAll(/\s+/g, " ");
  const message = `Wrong options of the ${spec.task} engine "${engine}": ${problem}`;
  throw new ParleyError("VALIDATION_ERROR", message, { recoverable: false });
}
