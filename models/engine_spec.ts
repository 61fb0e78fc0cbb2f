/** What a file under `engines/<task>/` exports: how one engine is configured, where it runs and how it is loaded. */
import type { z } from "zod";
import type { CallOptions, Engines, Task } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";

/**
 * One engine before it is loaded. The file that defines it is imported on the main thread, so npm runtimes
 * (onnxruntime, transformers, …) are imported inside {@linkcode EngineSpec.load} and nowhere else.
 */
export interface EngineSpec<K extends Task = Task, O extends z.ZodType = z.ZodType> {
  readonly task: K;
  /** The engine's settings with their defaults. What it gives must survive `structuredClone`. */
  readonly options: O;
  /** `worker` for everything that computes; `inline` for what only waits for a network. */
  readonly runs: "worker" | "inline";
  /**
   * Loads the engine. Failing to is a `MODEL_ERROR`, or `NOT_FOUND` where a file is missing. In every call a
   * loop that works without awaiting must look at `signal.aborted` (or `throwIfAborted()`) now and then: inside
   * a worker those read shared memory, so they change even while the thread is too busy to receive messages.
   */
  load(options: z.output<O>, call: CallOptions): Promise<Engines[K]>;
}

/** Gives an engine's definition its types. */
export function defineEngine<K extends Task, O extends z.ZodType>(spec: EngineSpec<K, O>): EngineSpec<K, O> {
  return spec;
}

/** Every engine there is, by task and name. */
export type Registry = { readonly [K in Task]: { readonly [name: string]: EngineSpec<K> } };

/** The engine of that name. Throws `NOT_FOUND`, saying which there are. */
export function findEngine<K extends Task>(registry: Registry, task: K, name: string): EngineSpec<K> {
  const engines = registry[task];
  const engine = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (engine) return engine;
  const known = Object.keys(engines).join(", ");
  throw new ParleyError("NOT_FOUND", `There is no ${task} engine "${name}"; choose one of: ${known}`, {
    recoverable: false,
  });
}
