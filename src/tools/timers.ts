/** Timers of one session. */
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { durationAdjective } from "./spoken/durations.ts";

/** A timer that runs. */
export interface Timer {
  readonly timerId: string;
  /** How it is called in speech: "ten minute timer". */
  readonly name: string;
  /** When it ends, on the clock of {@linkcode TimersOptions}. */
  readonly endsAtMs: number;
}

/** A timer and how long it still runs. */
export interface RunningTimer extends Timer {
  readonly leftMs: number;
}

/** How {@linkcode createTimers} is set up. */
export interface TimersOptions {
  readonly clock: Clock;
  /** The session's: aborting it cancels every timer. */
  readonly signal: AbortSignal;
  /** Called once when a timer has run out, with what to say: "Your ten minute timer is done." */
  readonly onDone: (timer: Timer, text: string) => void;
}

/** Starts, lists and cancels timers. */
export interface Timers {
  /** Throws `VALIDATION_ERROR` outside one second to 24 hours, `CONFLICT` when too many run. */
  start(durationMs: number): Timer;
  /** Those that run and the time each has left, the one that ends first at the start. */
  list(): readonly RunningTimer[];
  /** Throws `NOT_FOUND` when no such timer runs. */
  cancel(timerId: string): Timer;
}

/** Nobody keeps more in mind; a model that goes round in circles soon would. */
const MAX_TIMERS = 20;
const SHORTEST_MS = 1000;
const LONGEST_MS = 24 * 3_600_000;

/** Makes a session's timers. They hold nothing once the signal is aborted. */
export function createTimers({ clock, signal, onDone }: TimersOptions): Timers {
  const running = new Map<string, { readonly timer: Timer; readonly controller: AbortController }>();
  let started = 0;

  async function run(timer: Timer, durationMs: number, controller: AbortController): Promise<void> {
    try {
      await clock.sleep(durationMs, AbortSignal.any([signal, controller.signal]));
    } catch {
      return; // Only an abort ends a sleep early: the timer is cancelled.
    } finally {
      running.delete(timer.timerId);
    }
    // The abort may have come between the end of the sleep and here.
    if (!signal.aborted && !controller.signal.aborted) onDone(timer, `Your ${timer.name} is done.`);
  }

  return {
    start(durationMs) {
      signal.throwIfAborted();
      if (!(durationMs >= SHORTEST_MS && durationMs <= LONGEST_MS)) {
        throw new ParleyError("VALIDATION_ERROR", "A timer runs for one second to 24 hours.");
      }
      if (running.size >= MAX_TIMERS) {
        throw new ParleyError("CONFLICT", `${MAX_TIMERS} timers are running already; cancel one first.`);
      }
      const name = `${durationAdjective(durationMs)} timer`;
      const timer = { timerId: `timer-${++started}`, name, endsAtMs: clock.now() + durationMs };
      const controller = new AbortController();
      running.set(timer.timerId, { timer, controller });
      run(timer, durationMs, controller);
      return timer;
    },
    list: () =>
      [...running.values()]
        .map(({ timer }) => ({ ...timer, leftMs: Math.max(0, timer.endsAtMs - clock.now()) }))
        .toSorted((a, b) => a.leftMs - b.leftMs),
    cancel(timerId) {
      const found = running.get(timerId);
      if (!found) throw new ParleyError("NOT_FOUND", `There is no timer "${timerId}".`);
      found.controller.abort();
      running.delete(timerId);
      return found.timer;
    },
  };
}
