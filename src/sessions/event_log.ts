/** The append-only log of a session: numbers what happens, keeps the newest of it, tells whoever follows. */

/** Something with its place in the log. */
export interface Numbered {
  readonly seq: number;
}

/** What the log still has of what was asked for. */
export interface Stretch<T> {
  readonly events: readonly T[];
  /** False when older events that were asked for are no longer kept. */
  readonly complete: boolean;
}

/** How a log is made. */
export interface EventLogOptions<T> {
  /** How many of the newest events are kept. */
  readonly maxEvents: number;
  /** How much they may weigh together. The newest is kept whatever it weighs. Default: anything. */
  readonly maxBytes?: number;
  readonly bytesOf?: (event: T) => number;
  /** What an earlier life of the log left. */
  readonly events?: readonly T[];
  /** Told of every event before any follower is, and of those that are no longer kept. */
  readonly journal?: Journal<T>;
}

/** Where a log is written down as it grows. */
export interface Journal<T> {
  append(event: T): void;
  /** Everything before number `seq` is no longer kept. */
  trim(seq: number): void;
}

/** Numbers are 1, 2, 3 … without gaps. Followers are called at once, in order, with every event. */
export class EventLog<T extends Numbered> {
  readonly #options: EventLogOptions<T>;
  readonly #followers = new Set<(event: T) => void>();
  #events: T[] = [];
  #bytes = 0;
  #lastSeq = 0;

  constructor(options: EventLogOptions<T>) {
    this.#options = options;
    for (const event of options.events ?? []) this.#keep(event);
    this.#trim();
  }

  /** Number of the newest event; 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** How much is kept. */
  get size(): { readonly events: number; readonly bytes: number } {
    return { events: this.#events.length, bytes: this.#bytes };
  }

  /**
   * Adds the event that `make` builds for the next number and tells every follower. `kept` is what stays in
   * the log where that is not all of it. An event that cannot be built takes no number.
   */
  append(make: (seq: number) => T, kept: (event: T) => T = (event) => event): T {
    const event = make(this.#lastSeq + 1);
    this.#keep(kept(event));
    this.#options.journal?.append(event);
    this.#trim();
    for (const follower of [...this.#followers]) follower(event);
    return event;
  }

  /**
   * Everything after number `seq` that is still kept. A number not given out yet is from another life of the
   * session: everything is new to whoever asks with it.
   */
  since(seq: number): Stretch<T> {
    if (seq > this.#lastSeq) return { events: [...this.#events], complete: false };
    const firstKept = this.#events[0]?.seq ?? this.#lastSeq + 1;
    const from = Math.max(0, seq + 1 - firstKept);
    return { events: this.#events.slice(from), complete: seq + 1 >= firstKept };
  }

  /** The newest `limit` events. */
  recent(limit: number): Stretch<T> {
    return this.since(Math.max(0, this.#lastSeq - limit));
  }

  /** Calls `follower` with every event from now on, until disposed. */
  follow(follower: (event: T) => void): Disposable {
    this.#followers.add(follower);
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) };
  }

  #keep(event: T): void {
    this.#events.push(event);
    this.#bytes += this.#bytesOf(event);
    this.#lastSeq = event.seq;
  }

  #bytesOf(event: T): number {
    return this.#options.bytesOf?.(event) ?? 0;
  }

  /** In blocks: moving the whole array once an event would cost more than the memory it saves. */
  #trim(): void {
    const { maxEvents, maxBytes = Infinity, journal } = this.#options;
    if (this.#events.length <= maxEvents * 1.25 + 16 && this.#bytes <= maxBytes) return;
    let from = Math.max(0, this.#events.length - maxEvents);
    let bytes = this.#events.slice(from).reduce((sum, event) => sum + this.#bytesOf(event), 0);
    // An eighth more than needed, for the same reason.
    const roomBytes = bytes > maxBytes ? maxBytes * 0.875 : maxBytes;
    while (bytes > roomBytes && from < this.#events.length - 1) bytes -= this.#bytesOf(this.#events[from++]!);
    this.#events = this.#events.slice(from);
    this.#bytes = bytes;
    journal?.trim(this.#events[0]!.seq);
  }
}
