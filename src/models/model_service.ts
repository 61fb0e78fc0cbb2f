/** The server's models: which there are, which work, fetching others and exchanging them while it talks. */
import type { Task } from "../../pipeline/engines.ts";
import { toParleyError } from "../../pipeline/errors.ts";
import { type CatalogModel, findModel } from "../../models/catalog.ts";
import { type Absent, type EngineEvent, LoadedEngines } from "../../models/host.ts";
import {
  choiceFor,
  modelsNamed,
  type Selection,
  selectModels,
  starterSelection,
} from "../../models/selection.ts";
import { pullModel, type PullProgress } from "../../models/store/pull.ts";
import type { EventBody, EventData } from "../protocol/events.ts";
import type { ModelsPort } from "../sessions/ports.ts";
import { comeBack } from "./come_back.ts";
import { isHere, listModels, type OwnEngine, ownEngines, variantToPull } from "./list_models.ts";
import type { ModelSettings } from "./settings.ts";
import { type Surroundings, surroundingsOf } from "./wishes.ts";

/** What the service works with. */
export interface ModelServiceOptions {
  readonly settings: ModelSettings;
  readonly environment: Readonly<Record<string, string>>;
  /** The server's. */
  readonly signal: AbortSignal;
  /** Told what happens to models. */
  readonly tell: (event: EventBody) => void;
  /** Told when a model was exchanged for another. */
  readonly onExchange: () => void;
}

/** Progress is told this often at most. */
const PROGRESS_MS = 250;

/** What events call a model. */
type Named = Pick<OwnEngine, "task" | "name">;

function isOfCatalogue(model: CatalogModel | OwnEngine): model is CatalogModel {
  return "variants" in model;
}

/** Models, from the hub to the turn. */
export class ModelService implements ModelsPort, AsyncDisposable {
  readonly engines: LoadedEngines;
  /** Wished for and not here: a starter model does its task. */
  readonly missing: readonly CatalogModel[];
  /** They can be gone back to. */
  readonly #own: readonly OwnEngine[];
  readonly #options: ModelServiceOptions;
  readonly #surroundings: Surroundings;
  readonly #closed = new AbortController();
  /** The server's, until the service ends. */
  readonly #signal: AbortSignal;
  readonly #pulls = new Map<string, Promise<void>>();
  readonly #work = new Set<Promise<void>>();
  /** Which model was asked for last: one that comes after it does not take its place. */
  readonly #wanted = new Map<Task, string>();
  readonly #turns = new Map<Task, Promise<unknown>>();

  /** Loads what can be loaded now. Rejects with `VALIDATION_ERROR`, `NOT_FOUND` or `MODEL_ERROR`. */
  static async start(options: ModelServiceOptions): Promise<ModelService> {
    const { settings, environment, signal } = options;
    const surroundings = surroundingsOf(settings, environment);
    const selection = await selectModels(surroundings.wishes, surroundings);
    const engines = await LoadedEngines.load(selection.choices, {
      signal,
      patienceMs: settings.patience_ms,
      onEvent: (event) => tellOf(event, options.tell),
    });
    const service = new ModelService(options, { engines, surroundings, selection });
    for (const absent of engines.absent) service.#await(absent);
    return service;
  }

  private constructor(
    options: ModelServiceOptions,
    { engines, surroundings, selection: { choices, missing } }: {
      readonly engines: LoadedEngines;
      readonly surroundings: Surroundings;
      readonly selection: Selection;
    },
  ) {
    this.engines = engines;
    this.missing = missing;
    this.#own = ownEngines(choices);
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closed.signal]);
    this.#surroundings = surroundings;
  }

  async list(): Promise<EventData<"models">["models"]> {
    return await listModels({ names: this.engines.names, own: this.#own }, this.#surroundings);
  }

  load({ task, name }: Parameters<ModelsPort["load"]>[0]): void {
    const own = this.#own.find((own) => own.task === task && own.name === name);
    const model = own ?? findModel(name, task);
    this.#wanted.set(task, name);
    this.#begin(model, async () => {
      try {
        if (isOfCatalogue(model)) await this.#fetch(model);
        await this.#inTurn(task, () => this.#exchange(model));
      } catch (error) {
        if (this.#wanted.get(task) === name) this.#wanted.delete(task); // Then another is better than none.
        throw error;
      }
    });
  }

  pull({ name }: Parameters<ModelsPort["pull"]>[0]): void {
    for (const model of modelsNamed(name)) {
      this.#begin(model, async () => {
        await this.#fetch(model);
        this.#tellReady(model, 0);
      });
    }
  }

  /** Whether nothing but what ships with the project works. */
  get runsStarter(): boolean {
    const { engines } = this;
    return Object.entries(starterSelection()).every(([task, { name }]) =>
      engines.names[task as Task] === name
    );
  }

  /** Whether what was wished for a task is not here, or did not start: something else does it for now. */
  isStoodInFor(task: Task): boolean {
    return [...this.missing, ...this.engines.absent].some((absent) => absent.task === task);
  }

  /** What would be fetched of a model. */
  megabytesOf(model: CatalogModel): number {
    return variantToPull(model, this.#surroundings).megabytes;
  }

  /** Whether this is asked for the first time where these models are kept; from now on it is not. */
  async firstTime(what: string): Promise<boolean> {
    const { store } = this.#surroundings;
    return await store.firstTime(what);
  }

  /** Fetches these and lets each take over as soon as it is here. */
  adopt(models: readonly CatalogModel[]): void {
    for (const model of models) this.load({ task: model.task, name: model.name });
  }

  /** Resolves when nothing is being fetched or loaded. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort("session_closed");
    await this.engines[Symbol.asyncDispose]();
    await this.settled();
  }

  /** An engine that did not start, such as a server that is not up yet, takes over once it does. */
  #await(absent: Absent): void {
    const { task } = absent;
    const inTurn = this.#inTurn.bind(this);
    comeBack(absent, { engines: this.engines, inTurn, signal: this.#signal }).then((exchanged) => {
      if (!exchanged) return;
      const { name, loadMs } = exchanged;
      this.#options.tell({ type: "model_ready", data: { task, name, load_ms: loadMs } });
      this.#options.onExchange();
    }, () => {}); // The service has ended.
  }

  /** What goes wrong from here on is told as an event: whoever asked has had an answer. */
  #begin(model: Named, work: () => Promise<void>): void {
    const { tell } = this.#options;
    const running = work().catch((error) => {
      if (this.#signal.aborted) return;
      const { code, message } = toParleyError(error, "MODEL_ERROR");
      tell({ type: "model_error", data: { task: model.task, name: model.name, code, message } });
    }).finally(() => this.#work.delete(running));
    this.#work.add(running);
  }

  /** Whoever asks for a model that is on its way waits for the same bytes. */
  #fetch(model: CatalogModel): Promise<void> {
    const { name } = model;
    const pull = this.#pulls.get(name) ?? this.#pull(model).finally(() => this.#pulls.delete(name));
    this.#pulls.set(name, pull);
    return pull;
  }

  async #pull(model: CatalogModel): Promise<void> {
    const { store, hub } = this.#surroundings;
    if (await isHere(model, this.#surroundings)) return;
    const signal = this.#signal;
    const onProgress = coalesced((progress) => this.#tellProgress(model, progress));
    await pullModel(model, variantToPull(model, this.#surroundings), { store, hub, signal, onProgress });
  }

  /** One exchange of a task after the other, each of which sees what the one before has made and left of memory. */
  #inTurn<T>(task: Task, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(task) ?? Promise.resolve()).then(work, work);
    this.#turns.set(task, turn);
    return turn;
  }

  async #exchange(model: CatalogModel | OwnEngine): Promise<void> {
    const { task, name } = model;
    const { settings, environment, onExchange } = this.#options;
    const isWanted = (this.#wanted.get(task) ?? name) === name;
    if (!isWanted || this.engines.names[task] === name) return this.#tellReady(model, 0);
    // What is free now is what the new one must fit beside the old.
    const choice = isOfCatalogue(model)
      ? await choiceFor(model, surroundingsOf(settings, environment))
      : model.choice;
    const { loadMs } = await this.engines.exchange(task, choice, { signal: this.#signal });
    this.#tellReady(model, loadMs);
    onExchange();
  }

  #tellProgress({ task, name }: CatalogModel, { loadedBytes, totalBytes }: PullProgress): void {
    const data = { task, name, loaded_bytes: loadedBytes, total_bytes: totalBytes };
    this.#options.tell({ type: "model_progress", data });
  }

  #tellReady({ task, name }: Named, loadMs: number): void {
    this.#options.tell({ type: "model_ready", data: { task, name, load_ms: loadMs } });
  }
}

/** An engine that stood in for another is told; a worker that restarts tells its callers itself. */
function tellOf(event: EngineEvent, tell: (event: EventBody) => void): void {
  if (event.type !== "replaced") return;
  const { task, engine: name, error: { code, message } } = event;
  tell({ type: "model_error", data: { task, name, code, message: `${message} Another took the turn.` } });
}

/** At most every so often, and the end always. */
function coalesced(tell: (progress: PullProgress) => void): (progress: PullProgress) => void {
  let nextMs = -Infinity;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs < nextMs && progress.loadedBytes < progress.totalBytes) return;
    nextMs = nowMs + PROGRESS_MS;
    tell(progress);
  };
}
