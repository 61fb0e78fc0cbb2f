/** An engine in a worker that is replaced when it dies. */
import { systemClock } from "../pipeline/clock.ts";
import type { CallOptions } from "../pipeline/engines.ts";
import type { ParleyError } from "../pipeline/errors.ts";
import { type EngineCallOptions, EngineThread, type EngineThreadOptions, unloaded } from "./engine_thread.ts";
import { unlessAborted } from "./unless_aborted.ts";
import type { EngineFacts, Output, Request } from "./worker_protocol.ts";

/** How a worker is kept. */
export interface EngineWorkerOptions extends Omit<EngineThreadOptions, "onEnd"> {
  /** Told when a thread has ended on its own and another is on its way. */
  readonly onRestart: (error: ParleyError) => void;
  /** Told when that other one is loaded. */
  readonly onRestarted: () => void;
}

/** The second try comes at once, the third after this, each later one after twice the wait before. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/** Where calls go: to the thread there is, or the one being loaded in its place. */
export class EngineWorker implements AsyncDisposable {
  /** What is known of the engine. Every thread loads the same, so this does not change. */
  readonly facts: EngineFacts;
  readonly #options: EngineWorkerOptions;
  readonly #closed = new AbortController();
  #loading: Promise<EngineThread>;
  #thread: EngineThread;
  #failures = 0;

  /** Loads the engine. Rejects, leaving nothing behind, when it cannot be loaded or the signal aborts. */
  static async start(options: EngineWorkerOptions, { signal }: CallOptions): Promise<EngineWorker> {
    signal.throwIfAborted();
    const onEnd = (error: ParleyError) => void (worker && worker.#replace(error));
    const thread = new EngineThread({ ...options, onEnd });
    let worker: EngineWorker | undefined;
    try {
      const facts = await unlessAborted(thread.facts, signal);
      return worker = new EngineWorker(thread, { ...options, facts });
    } catch (error) {
      await thread[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    thread: EngineThread,
    { facts, ...options }: EngineWorkerOptions & { facts: EngineFacts },
  ) {
    this.facts = facts;
    this.#options = options;
    this.#thread = thread;
    this.#loading = Promise.resolve(thread);
  }

  /**
   * Asks the engine; where it is being restarted, once it is back. An abort rejects at once with the signal's
   * reason. A thread that dies, or a restart that fails, is a `MODEL_ERROR`.
   */
  async *call<R extends Request>(request: R, options: EngineCallOptions): AsyncIterable<Output<R["verb"]>> {
    options.signal.throwIfAborted();
    const thread = await unlessAborted(this.#loading, options.signal);
    yield* thread.call(request, options);
    this.#failures = 0;
  }

  /** Lets the engine forget a voice-activity stream. */
  closeStream(stream: number): void {
    this.#thread.closeStream(stream);
  }

  /** Unloads the engine. Calls under way fail with `UNAVAILABLE`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(unloaded());
    await this.#thread[Symbol.asyncDispose]();
  }

  #replace(error: ParleyError): void {
    if (this.#closed.signal.aborted) return;
    this.#options.onRestart(error);
    this.#loading = this.#restart(waitMs(this.#failures++));
    this.#loading.catch(() => {}); // Callers hear of it; without any there is nobody to tell.
  }

  async #restart(waitMs: number): Promise<EngineThread> {
    if (waitMs > 0) await systemClock.sleep(waitMs, this.#closed.signal);
    this.#thread = new EngineThread({ ...this.#options, onEnd: (error) => this.#replace(error) });
    await this.#thread.facts;
    this.#options.onRestarted();
    return this.#thread;
  }
}

function waitMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}
