/** What clients join: one conversation and its log of events. */
import type { AudioFrame } from "../../pipeline/audio.ts";
import type { Fact, ListeningMode } from "../../pipeline/events.ts";
import { encodeEvent } from "../protocol/envelope.ts";
import type { EventBody, EventData } from "../protocol/events.ts";
import { encodeFact } from "./encode.ts";
import { EventLog, type Stretch } from "./event_log.ts";
import { LatencyMetrics } from "./metrics.ts";
import type { SessionRecord } from "./session_store.ts";

/** An event as it is kept: written once for all clients. */
export interface LoggedEvent {
  readonly seq: number;
  readonly type: string;
  readonly json: string;
  /** The sound of a `tts_progress`; only while it is live. */
  readonly sound?: AudioFrame;
}

/** An event that is told while it is so, and not kept. */
export type LiveEvent = Pick<LoggedEvent, "type" | "json">;

/** How a session is made. */
export interface SessionOptions {
  readonly id: string;
  /** Which model does each task now. */
  readonly models: () => Readonly<Record<string, string>>;
  /** How much of the log is kept. */
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Throw on an event that breaks the contract, instead of telling of the mistake in its place. */
  readonly strict: boolean;
  /** Where it is written down, with what an earlier life of it left there. Absent where it is not kept. */
  readonly record?: SessionRecord;
}

/** A log that facts flow into and clients read. The conversation is attached once it exists. */
export class Session {
  readonly id: string;
  readonly metrics = new LatencyMetrics();
  /** Numbers of events are comparable only within one epoch. */
  readonly epoch: string;
  /** Who the assistant is, by the name of its preset. */
  personality = "default";
  readonly #options: SessionOptions;
  readonly #log: EventLog<LoggedEvent>;
  readonly #watchers = new Set<(fact: Fact) => void>();
  readonly #glimpsers = new Set<(event: LiveEvent) => void>();

  constructor(options: SessionOptions) {
    const { id, maxEvents, maxBytes, record } = options;
    this.id = id;
    this.epoch = record?.saved.epoch ?? crypto.randomUUID();
    this.#options = options;
    this.#log = new EventLog({
      maxEvents,
      maxBytes,
      bytesOf: (event) => event.json.length,
      ...(record && { journal: record, events: record.saved.events }),
    });
  }

  /** Takes a fact: writes it to the log and tells every follower. */
  record(fact: Fact, { atMs, turnId }: { readonly atMs: number; readonly turnId?: string }): void {
    if (fact.type === "latency.trace") this.metrics.add(fact.trace);
    const body = encodeFact(fact);
    if (body && fact.type === "voice.level") this.#glimpse(body, atMs);
    else if (body) this.#append(body, atMs, { ...(turnId && { turnId }), ...soundOf(fact) });
    for (const watcher of [...this.#watchers]) watcher(fact);
  }

  /** Takes an event that is no fact of the conversation, such as a change of the session's settings. */
  publish(body: EventBody, { turnId }: { readonly turnId?: string } = {}): void {
    this.#append(body, Date.now(), { ...(turnId && { turnId }) });
  }

  /** Calls `watcher` with every fact from now on, sent or not, until disposed. */
  watch(watcher: (fact: Fact) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** Calls `follower` with every event from now on, until disposed. */
  follow(follower: (event: LoggedEvent) => void): Disposable {
    return this.#log.follow(follower);
  }

  /** Calls `glimpser` with events that are not kept, until disposed. */
  glimpse(glimpser: (event: LiveEvent) => void): Disposable {
    this.#glimpsers.add(glimpser);
    return { [Symbol.dispose]: () => void this.#glimpsers.delete(glimpser) };
  }

  get lastSeq(): number {
    return this.#log.lastSeq;
  }

  /** How much of the log is kept. */
  get logSize(): { readonly events: number; readonly bytes: number } {
    return this.#log.size;
  }

  /** Everything after `seq` that is kept. A number of another epoch is none of this log's. */
  since(seq: number, epoch: string = this.epoch): Stretch<LoggedEvent> {
    return epoch === this.epoch ? this.#log.since(seq) : { ...this.#log.since(0), complete: false };
  }

  /** The newest `limit` events. */
  recent(limit: number): Stretch<LoggedEvent> {
    return this.#log.recent(limit);
  }

  /** What a client is told of the session when it joins. */
  info(mode: ListeningMode | undefined, resumed: boolean): EventData<"session_info"> {
    return {
      session_id: this.id,
      status: resumed ? "resumed" : "new",
      personality: this.personality,
      models: this.#options.models(),
      mode: mode ?? "idle",
      epoch: this.epoch,
    };
  }

  #glimpse(body: EventBody, atMs: number): void {
    if (this.#glimpsers.size === 0) return;
    const json = encodeEvent(body, { timestamp: new Date(atMs).toISOString(), session_id: this.id });
    for (const glimpser of [...this.#glimpsers]) glimpser({ type: body.type, json });
  }

  #append(body: EventBody, atMs: number, extra: { turnId?: string; sound?: AudioFrame }): void {
    const { turnId, sound } = extra;
    const make = (event: EventBody) => (seq: number): LoggedEvent => ({
      seq,
      type: event.type,
      json: encodeEvent(event, {
        timestamp: new Date(atMs).toISOString(),
        seq,
        session_id: this.id,
        ...(turnId && { turn_id: turnId }),
      }),
      ...(sound && { sound }),
    });
    try {
      this.#log.append(make(body), ({ seq, type, json }) => ({ seq, type, json }));
    } catch (error) {
      if (this.#options.strict) throw error;
      const message = `An event "${body.type}" was not as the contract says and was left out.`;
      this.#log.append(make({ type: "error", data: { code: "SERVER_ERROR", message } }));
    }
  }
}

function soundOf(fact: Fact): { sound?: AudioFrame } {
  return fact.type === "tts.progress" ? { sound: fact.frame } : {};
}
