/** The turn: one thing the user says and what the assistant does about it. */
import type { Clock } from "./clock.ts";
import type { AbortReason, Fact, TurnEndReason, TurnSource } from "./events.ts";
import { traceOf } from "./trace.ts";

/** Names a turn across the whole protocol. */
export type TurnId = string & { readonly _brand: "TurnId" };

/** A fact and when it happened, on the session's clock. */
export interface TimedFact {
  readonly fact: Fact;
  readonly atMs: number;
}

/** Where facts go: the session's log. */
export type FactSink = (fact: Fact, at: { readonly atMs: number; readonly turnId?: TurnId }) => void;

/** What a stage works within: it must stop when the signal aborts, and tells what it does. */
export interface Scope {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** `atMs`: when it happened, if not now. */
  emit(fact: Fact, atMs?: number): void;
}

/** How a turn is made. */
export interface TurnOptions {
  readonly source: TurnSource;
  /** The session's: the turn never outlives it. */
  readonly parent: AbortSignal;
  readonly clock: Clock;
  readonly sink: FactSink;
  /** When the turn began, where that was before now (speech is noticed after its onset). */
  readonly startMs?: number;
}

/** The unit of work. Aborting it is the only way to cancel it; after {@linkcode Turn.end} it tells nothing more. */
export class Turn implements Scope {
  readonly id: TurnId = crypto.randomUUID() as TurnId;
  readonly source: TurnSource;
  readonly clock: Clock;
  readonly startMs: number;
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #sink: FactSink;
  readonly #facts: TimedFact[] = [];
  #ended = false;

  constructor({ source, parent, clock, sink, startMs }: TurnOptions) {
    this.source = source;
    this.clock = clock;
    this.startMs = startMs ?? clock.now();
    this.#parent = parent;
    this.#sink = sink;
    if (parent.aborted) this.#controller.abort(parent.reason);
    else parent.addEventListener("abort", this.#onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What it has told so far, without the sound. */
  get facts(): readonly TimedFact[] {
    return this.#facts;
  }

  /** Whether {@linkcode Turn.end} was called. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Tells that the turn has begun. */
  start(): void {
    this.emit({ type: "turn.start", source: this.source }, this.startMs);
  }

  emit(fact: Fact, atMs: number = this.clock.now()): void {
    if (this.#ended) throw new TypeError(`Cannot emit "${fact.type}" after the turn has ended`);
    this.#facts.push({ fact: withoutSound(fact), atMs });
    this.#sink(fact, { atMs, turnId: this.id });
  }

  /** A try at an answer, none of which is told before it is committed. */
  attempt(): Attempt {
    return new Attempt(this);
  }

  /** Cancels the turn. Everything that works for it stops; the first reason stays. */
  abort(reason: AbortReason): void {
    this.#controller.abort(reason);
  }

  /** Tells the latency trace and the end. Call once, when every stage has settled. */
  end(reason: TurnEndReason): void {
    const trace = traceOf(this.#facts, this.startMs);
    if (trace) this.emit({ type: "latency.trace", trace });
    this.emit({ type: "turn.end", reason });
    this.#ended = true;
    this.#parent.removeEventListener("abort", this.#onParentAbort);
  }

  readonly #onParentAbort = (): void => this.#controller.abort(this.#parent.reason);
}

/** The trace needs no samples, and a turn that kept them would hold all it said in memory. */
function withoutSound(fact: Fact): Fact {
  if (fact.type !== "tts.progress") return fact;
  return { ...fact, frame: { ...fact.frame, samples: new Float32Array(0) } };
}

/**
 * One try at an answer. Until it is committed its facts wait here with the times at which they happened;
 * disposing it before that throws them away and stops its work.
 */
export class Attempt implements Scope, Disposable {
  readonly clock: Clock;
  readonly startMs: number;
  /** Resolves when the answer may be heard and may change things; rejects when the attempt is aborted. */
  readonly committed: Promise<void>;
  readonly #turn: Turn;
  readonly #controller = new AbortController();
  readonly #commit: () => void;
  #waiting: TimedFact[] | undefined = [];

  constructor(turn: Turn) {
    this.#turn = turn;
    this.clock = turn.clock;
    this.startMs = turn.clock.now();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // Nobody need be waiting for the commit when the attempt is thrown away.
    this.committed = promise;
    this.#commit = resolve;
    this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true });
    if (turn.signal.aborted) this.#controller.abort(turn.signal.reason);
    else turn.signal.addEventListener("abort", this.#onTurnAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  emit(fact: Fact, atMs: number = this.clock.now()): void {
    if (this.#waiting) this.#waiting.push({ fact, atMs });
    else this.#turn.emit(fact, atMs);
  }

  /** Tells what has waited and everything from now on; lets playback and tools that change things begin. */
  commit(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { fact, atMs } of waiting) this.#turn.emit(fact, atMs);
    this.#commit();
  }

  /** Stops the attempt's work; one never committed leaves only a note of the time it took. */
  [Symbol.dispose](): void {
    this.#turn.signal.removeEventListener("abort", this.#onTurnAbort);
    if (this.signal.aborted) return;
    this.#controller.abort("superseded" satisfies AbortReason);
    if (this.#waiting && !this.#turn.ended) {
      this.#turn.emit({ type: "attempt.discarded", startedAtMs: this.startMs });
    }
  }

  readonly #onTurnAbort = (): void => this.#controller.abort(this.#turn.signal.reason);
}
