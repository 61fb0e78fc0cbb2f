/** Asking engines one after the other until one begins to answer. */
import { ParleyError, toParleyError } from "../../pipeline/errors.ts";
import { askable, type ChainOptions, type Link } from "./breaker.ts";

/** A call of one engine of the chain. */
export type StartCall<E, T> = (engine: E, signal: AbortSignal) => AsyncIterable<T>;

/**
 * What the first engine that begins in time gives. An engine that fails before its first output, or gives none
 * within the chain's patience, is left for the next. Once something was given, nobody else is asked: an answer
 * is never begun twice. Throws the last engine's error when none begins.
 */
export async function* firstAnswer<E, T>(
  links: readonly Link<E>[],
  start: StartCall<E, T>,
  { signal, patienceMs, now, onFailure }: ChainOptions & { readonly signal: AbortSignal },
): AsyncIterable<T> {
  const asked = askable(links, now());
  for (const [index, link] of asked.entries()) {
    signal.throwIfAborted();
    const last = index === asked.length - 1;
    using attempt = new Attempt(signal, last ? Infinity : patienceMs);
    let began = false;
    try {
      for await (const output of start(link.engine, attempt.signal)) {
        attempt.began();
        began = true;
        yield output;
      }
      link.succeeded();
      return;
    } catch (error) {
      signal.throwIfAborted();
      link.failed(now());
      if (began || last) throw error;
      onFailure(link.name, toParleyError(error, "MODEL_ERROR"));
    }
  }
}

/** One engine's time to begin. */
class Attempt implements Disposable {
  readonly signal: AbortSignal;
  readonly #ending = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal, patienceMs: number) {
    this.signal = AbortSignal.any([signal, this.#ending.signal]);
    if (patienceMs < Infinity) this.#timer = setTimeout(() => this.#ending.abort(tooSlow()), patienceMs);
  }

  began(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#ending.abort(); // Whatever the engine is still doing is not wanted any more.
  }
}

/** What an engine is left with that takes too long. */
export function tooSlow(): ParleyError {
  return new ParleyError("TIMEOUT", "The engine took too long; the next one was asked.");
}
