/** Letting an engine that could not be loaded take over once it can be: a server that was started later than this one. */
import { systemClock } from "../../pipeline/clock.ts";
import type { CallOptions, Task } from "../../pipeline/engines.ts";
import type { Absent, Exchanged, LoadedEngines } from "../../models/host.ts";

/** The first wait; each later one is twice the one before. */
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 300_000;

/** How it is waited. */
export interface ComeBackOptions extends CallOptions {
  readonly engines: Pick<LoadedEngines, "names" | "exchange">;
  /** Lets no other exchange of the task come between. Default: there is none. */
  readonly inTurn?: <T>(task: Task, work: () => Promise<T>) => Promise<T>;
  readonly firstWaitMs?: number;
}

/**
 * Tries to load the engine, less and less often, until it can be or somebody has chosen another in the meantime.
 * Returns what the exchange took, undefined where there was none. Rejects with the signal's reason.
 */
export async function comeBack(
  { task, choice }: Absent,
  { engines, signal, inTurn = (_task, work) => work(), firstWaitMs = FIRST_WAIT_MS }: ComeBackOptions,
): Promise<Exchanged | undefined> {
  const standIn = engines.names[task];
  for (let waitMs = firstWaitMs;; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    await systemClock.sleep(waitMs, signal);
    try {
      return await inTurn(
        task,
        async () =>
          engines.names[task] === standIn ? await engines.exchange(task, choice, { signal }) : undefined,
      );
    } catch {
      signal.throwIfAborted();
    }
  }
}
