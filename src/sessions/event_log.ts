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

/** Numbers are 1, 2, 3 … without gaps. Followers are called at once, in order, with every event. */
export class EventLog<T extends Numbered> {
  readonly #capacity: number;
  readonly #followers = new Set<(event: T) => void>();
  #events: T[] = [];
  #lastSeq = 0;

  /** `capacity`: how many of the newest events are kept. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of the newest event; 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /**
   * Adds the event that `make` builds for the next number and tells every follower. `kept` is what stays in
   * the log where that is not all of it. An event that cannot be built takes no number.
   */
  append(make: (seq: number) => T, kept: (event: T) => T = (event) => event): T {
    const event = make(this.#lastSeq + 1);
    this.#lastSeq = event.seq;
    this.#events.push(kept(event));
    // Trimmed in blocks: moving the whole array once an event would cost more than the memory it saves.
    if (this.#events.length > this.#capacity * 1.25 + 16) this.#events = this.#events.slice(-this.#capacity);
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
}
