/** The engines that work now, and the exchange of one for another while turns go on. */
import type { CallOptions, EngineLease, EnginePool, Engines, Task } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";
import { loadEngine, type LoadOptions, requireEngine } from "./load_engine.ts";
import { type EngineChoice, nameOf } from "./profiles.ts";

/** An engine, who uses it, and how it ends. */
class Slot<K extends Task> {
  readonly #ended = Promise.withResolvers<void>();
  #users = 0;
  #retired = false;

  constructor(readonly engine: Engines[K], readonly name: string) {}

  use(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    this.#endIfDone();
  }

  /** Unloads the engine as soon as nobody uses it any more; resolves when it is unloaded. */
  retire(): Promise<void> {
    this.#retired = true;
    this.#endIfDone();
    return this.#ended.promise;
  }

  /** Unloads the engine now: calls under way fail. */
  async end(): Promise<void> {
    this.#users = 0;
    await this.retire();
  }

  #endIfDone(): void {
    if (!this.#retired || this.#users > 0) return;
    this.#users = Infinity; // It ends once.
    this.engine[Symbol.asyncDispose]().then(this.#ended.resolve, this.#ended.reject);
  }
}

const TASKS = ["vad", "stt", "llm", "tts"] as const satisfies readonly Task[];

type Slots = { readonly [K in Task]: Slot<K> };

/** What an exchange took. */
export interface Exchanged {
  readonly name: string;
  readonly loadMs: number;
}

/** An engine that could not be loaded. */
export interface Absent {
  readonly task: Task;
  readonly choice: EngineChoice;
}

/** A mistake in the settings is no failure that passes: whoever made it is to know. */
function isStoodInFor(error: unknown): error is ParleyError {
  return error instanceof ParleyError && error.code !== "VALIDATION_ERROR";
}

/** Engines that work, each of which can be exchanged. Disposing the pool ends their workers. */
export class LoadedEngines implements EnginePool, Engines, AsyncDisposable {
  readonly #options: LoadOptions;
  readonly #exchanges = new Map<Task, Promise<unknown>>();
  readonly #retired = new Set<Slot<Task>>();
  readonly #closed = new AbortController();
  /** Chosen, and could not be loaded when the pool was: another stands in. */
  readonly absent: readonly Absent[];
  #slots: Slots;

  /**
   * Side by side. Where one cannot be loaded, the first of those that may stand in for it is; where none may, or what
   * was asked for makes no sense, none is left loaded.
   */
  static async load(
    choices: { readonly [K in Task]: EngineChoice },
    options: LoadOptions,
  ): Promise<LoadedEngines> {
    // A name that nobody knows is a mistake as well, and not to be had by waiting.
    for (const task of TASKS) requireEngine(task, choices[task], options);
    const failed = new AbortController();
    const signal = AbortSignal.any([options.signal, failed.signal]);
    await using loaded = new AsyncDisposableStack();
    const absent: Absent[] = [];
    const loadOne = async <K extends Task>(task: K, choice: EngineChoice): Promise<Slot<K>> => {
      const engine = loaded.use(await loadEngine(task, choice, { ...options, signal }));
      return new Slot<K>(engine, nameOf(choice));
    };
    const load = async <K extends Task>(task: K): Promise<Slot<K>> => {
      const choice = choices[task];
      try {
        return await loadOne(task, choice);
      } catch (error) {
        const [standIn] = choice.fallback ?? [];
        if (!standIn || signal.aborted || !isStoodInFor(error)) {
          failed.abort(error);
          throw error;
        }
        options.onEvent?.({ type: "replaced", task, engine: nameOf(choice), error });
        absent.push({ task, choice });
        return await loadOne(task, standIn);
      }
    };
    const loading = [load("vad"), load("turn"), load("stt"), load("llm"), load("tts")] as const;
    await Promise.allSettled(loading); // So that nothing is still loading when a failure is told.
    signal.throwIfAborted();
    const [vad, turn, stt, llm, tts] = await Promise.all(loading);
    loaded.move();
    return new LoadedEngines({ vad, turn, stt, llm, tts }, { ...options, absent });
  }

  private constructor(slots: Slots, { absent, ...options }: LoadOptions & Pick<LoadedEngines, "absent">) {
    this.#slots = slots;
    this.#options = options;
    this.absent = absent;
  }

  get vad() {
    return this.#slots.vad.engine;
  }

  get turn() {
    return this.#slots.turn.engine;
  }

  get stt() {
    return this.#slots.stt.engine;
  }

  get llm() {
    return this.#slots.llm.engine;
  }

  get tts() {
    return this.#slots.tts.engine;
  }

  get current(): Engines {
    return this;
  }

  /** Which model does each task. */
  get names(): Readonly<Record<Task, string>> {
    const { vad, turn, stt, llm, tts } = this.#slots;
    return { vad: vad.name, turn: turn.name, stt: stt.name, llm: llm.name, tts: tts.name };
  }

  lease(tasks: readonly Task[] = TASKS): EngineLease & Pick<LoadedEngines, "names"> {
    const slots = tasks.map((task) => this.#slots[task]);
    for (const slot of slots) slot.use();
    const { vad, turn, stt, llm, tts, names } = this;
    let released = false;
    return {
      vad,
      turn,
      stt,
      llm,
      tts,
      names,
      [Symbol.dispose]() {
        if (!released) { for (const slot of slots) slot.release(); }
        released = true;
      },
    };
  }

  /**
   * Loads the engine beside the one there is and puts it in its place: turns that begin from then on use it, turns
   * under way keep what they have, and the old one is unloaded after the last of them. When it cannot be loaded,
   * the old one stays. Exchanges for one task come one after the other.
   */
  exchange<K extends Task>(task: K, choice: EngineChoice, { signal }: CallOptions): Promise<Exchanged> {
    const before = this.#exchanges.get(task);
    const exchange = (async () => {
      await before?.catch(() => {});
      const ending = AbortSignal.any([signal, this.#closed.signal]);
      const startedMs = performance.now();
      const engine = await loadEngine(task, choice, { ...this.#options, signal: ending });
      this.#put(task, new Slot<K>(engine, nameOf(choice)));
      return { name: nameOf(choice), loadMs: performance.now() - startedMs };
    })();
    this.#exchanges.set(task, exchange);
    exchange.catch(() => {}); // Whoever asked hears of it.
    return exchange;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort("session_closed");
    await Promise.allSettled(this.#exchanges.values());
    await Promise.all([...Object.values(this.#slots), ...this.#retired].map((slot) => slot.end()));
  }

  #put<K extends Task>(task: K, fresh: Slot<K>): void {
    // A task's own slot is of its kind, whatever the compiler makes of the union of all.
    const old = this.#slots[task] as unknown as Slot<Task>;
    this.#slots = { ...this.#slots, [task]: fresh };
    this.#retired.add(old);
    old.retire().catch(() => {}).then(() => this.#retired.delete(old));
  }
}
