/** What the language model may do beside speaking. The tools themselves live in `src/tools/`. */
import type { CallOptions, ToolSpec } from "./engines.ts";
import type { TurnFact } from "./events.ts";

/** What a running tool is given. */
export interface ToolContext extends CallOptions {
  /** Tells clients what the tool does meanwhile. */
  progress(output: string): void;
  /** Tells of something that happened beside the result, such as a memory stored. */
  emit(fact: TurnFact): void;
}

/** Something the assistant can do. */
export interface Tool {
  readonly spec: ToolSpec;
  /** Changes nothing, so it may run ahead of the decision that the user has finished. */
  readonly pure: boolean;
  /**
   * Does it. `args` is what the model gave: the tool validates it and throws `VALIDATION_ERROR` where it is
   * wrong. The result must be JSON; the model answers from it.
   */
  run(args: unknown, context: ToolContext): Promise<unknown>;
}

/** Tools by name. */
export type Toolbox = ReadonlyMap<string, Tool>;
