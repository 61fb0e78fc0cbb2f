/** The models' side of the house as the rest sees it: engines by configuration, loaded and warm. */
import { z } from "zod";
import type { CallOptions, Engines, Task } from "../pipeline/engines.ts";
import { ParleyError, toParleyError } from "../pipeline/errors.ts";
import { type EngineSpec, findEngine, type Registry } from "./engine_spec.ts";
import { EngineWorker } from "./engine_worker.ts";
import { type EngineChoice, type EnginesConfig, type EngineSelection, selectEngines } from "./profiles.ts";
import { REGISTRY } from "./registry.ts";
import { REMOTE_ENGINES } from "./remote_engines.ts";
import { toErrorMessage } from "./worker_protocol.ts";

/** What happens to an engine. A failed one is being restarted; it is `ready` again when it is back. */
export type EngineEvent =
  | { readonly type: "loading"; readonly task: Task; readonly engine: string }
  | { readonly type: "ready"; readonly task: Task; readonly engine: string; readonly loadMs: number }
  | { readonly type: "failed"; readonly task: Task; readonly engine: string; readonly error: ParleyError };

/** How engines are loaded. */
export interface LoadOptions extends CallOptions {
  readonly onEvent?: (event: EngineEvent) => void;
  /** How long an engine in a worker may go on after an abort before it is ended and restarted. Default: 2 s. */
  readonly deafMs?: number;
  /** Where engines come from: a registry, and the module that serves it in workers. Default: the project's. */
  readonly catalogue?: { readonly registry: Registry; readonly workerUrl: URL };
}

/** Engines that work. Disposing them ends their workers. */
export interface LoadedEngines extends Engines, AsyncDisposable {
  /** Which engine does each task. */
  readonly names: Readonly<Record<Task, string>>;
}

/** As long as livekit/agents-js gives its inference processes, after measuring. */
const DEAF_MS = 2000;

/**
 * Loads the engines of a configuration side by side. Aborting the signal while they load unloads them again
 * and rejects with its reason; afterwards it means nothing. Unknown names are `NOT_FOUND`, wrong settings
 * `VALIDATION_ERROR`, an engine that cannot be loaded `MODEL_ERROR`; then none is left loaded.
 */
export async function loadEngines(config: EnginesConfig, options: LoadOptions): Promise<LoadedEngines> {
  const selection = selectEngines(config);
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  await using loaded = new AsyncDisposableStack();
  const load = async <K extends Task>(task: K): Promise<Engines[K]> => {
    try {
      return loaded.use(await loadEngine(task, selection[task], { ...options, signal }));
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const loading = [load("vad"), load("stt"), load("llm"), load("tts")] as const;
  await Promise.allSettled(loading); // So that nothing is still loading when a failure is told.
  signal.throwIfAborted();
  const [vad, stt, llm, tts] = await Promise.all(loading);
  const engines = loaded.move();
  return {
    vad,
    stt,
    llm,
    tts,
    names: namesOf(selection),
    [Symbol.asyncDispose]: () => engines.disposeAsync(),
  };
}

/** Loads one engine; like {@linkcode loadEngines} in everything else. */
export async function loadEngine<K extends Task>(
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

function namesOf({ vad, stt, llm, tts }: EngineSelection): Record<Task, string> {
  return { vad: vad.engine, stt: stt.engine, llm: llm.engine, tts: tts.engine };
}
