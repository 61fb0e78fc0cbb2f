/** What clients join: one conversation and its log of events. */
import type { AudioFrame } from "../../pipeline/audio.ts";
import type { Fact, ListeningMode, TurnSource } from "../../pipeline/events.ts";
import { encodeEvent } from "../protocol/envelope.ts";
import type { EventBody, EventData } from "../protocol/events.ts";
import { encodeFact } from "./encode.ts";
import { EventLog, type Stretch } from "./event_log.ts";
import { LatencyMetrics } from "./metrics.ts";

/** What a session does with its conversation. */
export interface ConversationPort {
  readonly mode: ListeningMode | undefined;
  readonly history: readonly { readonly role: "user" | "assistant"; readonly content: string }[];
  clearHistory(): void;
  startListening(mode: ListeningMode, source?: TurnSource): void;
  stopListening(): void;
  mute(muted: boolean): void;
  /** These three return the turn's id. */
  message(text: string): string;
  say(text: string, voice?: string): string;
  interrupt(): string | undefined;
}

/** Where clients send their sound. */
export interface ClientAudioPort {
  /** From now on the session hears what is pushed, at this rate. Whoever was heard before is not any more. */
  start(sampleRateHz: number): ClientSound;
}

/** The sound of one client. Disposing it lets the session hear what it heard before. */
export interface ClientSound extends Disposable {
  /** Throws `VALIDATION_ERROR` for what cannot be PCM16, `CONFLICT` when another client has taken over. */
  push(bytes: Uint8Array): void;
}

/** An event as it is kept: written once for all clients. */
export interface LoggedEvent {
  readonly seq: number;
  readonly type: string;
  readonly json: string;
  /** The sound of a `tts_progress`; only while it is live. */
  readonly sound?: AudioFrame;
}

/** How a session is made. */
export interface SessionOptions {
  readonly id: string;
  readonly models: Readonly<Record<string, string>>;
  readonly personality: string;
  readonly logEvents: number;
  /** Throw on an event that breaks the contract, instead of telling of the mistake in its place. */
  readonly strict: boolean;
}

/** A log that facts flow into and clients read. The conversation is attached once it exists. */
export class Session {
  readonly id: string;
  readonly metrics = new LatencyMetrics();
  readonly #options: SessionOptions;
  readonly #log: EventLog<LoggedEvent>;
  readonly #watchers = new Set<(fact: Fact) => void>();

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#log = new EventLog(options.logEvents);
  }

  /** Takes a fact: writes it to the log and tells every follower. */
  record(fact: Fact, { atMs, turnId }: { readonly atMs: number; readonly turnId?: string }): void {
    if (fact.type === "latency.trace") this.metrics.add(fact.trace);
    const body = encodeFact(fact);
    if (body) this.#append(body, atMs, { ...(turnId && { turnId }), ...soundOf(fact) });
    for (const watcher of [...this.#watchers]) watcher(fact);
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

  get lastSeq(): number {
    return this.#log.lastSeq;
  }

  /** Everything after `seq` that is kept. */
  since(seq: number): Stretch<LoggedEvent> {
    return this.#log.since(seq);
  }

  /** The newest `limit` events. */
  recent(limit: number): Stretch<LoggedEvent> {
    return this.#log.recent(limit);
  }

  /** What a client is told of the session when it joins. */
  info(mode: ListeningMode | undefined, resumed: boolean): EventData<"session_info"> {
    const { id, personality, models } = this.#options;
    return { session_id: id, status: resumed ? "resumed" : "new", personality, models, mode: mode ?? "idle" };
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
