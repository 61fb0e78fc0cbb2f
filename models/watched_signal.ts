/** An abort signal that a busy thread sees change. */

/** A signal, and the way to abort it when a message arrives. */
export interface WatchedSignal {
  readonly signal: AbortSignal;
  abort(): void;
}

/**
 * A signal whose `aborted` and `throwIfAborted()` also ask `isAborted`, and abort it in passing where that
 * says so: loops that never let the event loop run still stop. Listeners are told at that moment.
 */
export function watchedSignal(isAborted: () => boolean): WatchedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let aborted = false;
  const abort = () => {
    if (aborted) return;
    aborted = true; // First, since abort() itself reads `signal.aborted`.
    controller.abort();
  };
  const look = (): boolean => {
    if (!aborted && isAborted()) abort();
    return Reflect.get(AbortSignal.prototype, "aborted", signal);
  };
  Object.defineProperties(signal, {
    aborted: { get: look },
    throwIfAborted: {
      value: () => {
        if (look()) throw signal.reason;
      },
    },
  });
  return { signal, abort };
}
