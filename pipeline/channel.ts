/** The one place where a stage waits for another: a bounded hand-over that an aborted signal releases. */

/** How a channel is made. */
export interface ChannelOptions<T> {
  /** How much may wait in it, in the unit of `cost`. One item is always let in when it is empty. */
  readonly capacity: number;
  /** What an item counts. Default: 1 each. Audio is best bounded by its milliseconds. */
  readonly cost?: (item: T) => number;
  /** Aborting it rejects every waiter, and all later calls, with its reason, and drops what waits. */
  readonly signal: AbortSignal;
}

/** A bounded queue from producers to one consumer, which reads it by `for await`. */
export interface Channel<T> extends AsyncIterable<T> {
  /** Resolves once the item is in. Rejects with the signal's reason, or `TypeError` when closed. */
  send(item: T): Promise<void>;
  /** Puts the item in if there is room now; says whether it did. Never throws. */
  trySend(item: T): boolean;
  /** No more will come; the consumer still gets what waits. Idempotent. With an error, it then throws that. */
  close(error?: unknown): void;
  /** How many items wait. */
  readonly size: number;
}

/** Makes a {@linkcode Channel}. Only one consumer may iterate it. */
export function channel<T>(options: ChannelOptions<T>): Channel<T> {
  return new BoundedChannel(options);
}

type Waiter = PromiseWithResolvers<void>;

class BoundedChannel<T> implements Channel<T> {
  readonly #items: T[] = [];
  readonly #signal: AbortSignal;
  readonly #capacity: number;
  readonly #cost: (item: T) => number;
  #load = 0;
  #closed = false;
  #error: { readonly value: unknown } | undefined;
  #roomWaiters: Waiter[] = [];
  #itemWaiter: Waiter | undefined;

  constructor({ capacity, cost, signal }: ChannelOptions<T>) {
    this.#capacity = capacity;
    this.#cost = cost ?? (() => 1);
    this.#signal = signal;
    if (!signal.aborted) signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get size(): number {
    return this.#items.length;
  }

  async send(item: T): Promise<void> {
    while (!this.trySend(item)) {
      this.#signal.throwIfAborted();
      if (this.#closed) throw new TypeError("Cannot send on a closed channel");
      const waiter = Promise.withResolvers<void>();
      this.#roomWaiters.push(waiter);
      await waiter.promise;
    }
  }

  trySend(item: T): boolean {
    if (this.#closed || this.#signal.aborted) return false;
    const cost = this.#cost(item);
    if (this.#items.length > 0 && this.#load + cost > this.#capacity) return false;
    this.#items.push(item);
    this.#load += cost;
    this.#itemWaiter?.resolve();
    return true;
  }

  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    if (error !== undefined) this.#error = { value: error };
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#itemWaiter?.resolve();
    this.#wakeSenders();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    try {
      while (true) {
        this.#signal.throwIfAborted();
        if (this.#items.length > 0) {
          yield this.#take();
        } else if (this.#closed) {
          if (this.#error) throw this.#error.value;
          return;
        } else {
          this.#itemWaiter = Promise.withResolvers<void>();
          await this.#itemWaiter.promise;
        }
      }
    } finally {
      // A consumer that leaves early must not leave senders waiting for room that never comes.
      this.#items.length = 0;
      this.close();
    }
  }

  #take(): T {
    const item = this.#items.shift()!;
    this.#load -= this.#cost(item);
    this.#wakeSenders();
    return item;
  }

  #wakeSenders(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const waiter of waiters) waiter.resolve();
  }

  readonly #onAbort = (): void => {
    this.#items.length = 0;
    this.#load = 0;
    this.#itemWaiter?.reject(this.#signal.reason);
    for (const waiter of this.#roomWaiters) waiter.reject(this.#signal.reason);
    this.#roomWaiters = [];
  };
}

/**
 * Lets `source` work ahead of its reader by as much as the options allow. An error of the source reaches
 * the reader in its place; the source has settled when the reader's loop ends.
 */
export async function* runAhead<T>(source: AsyncIterable<T>, options: ChannelOptions<T>): AsyncIterable<T> {
  const ahead = channel<T>(options);
  const pumping = pump(source, ahead);
  try {
    yield* ahead;
  } finally {
    await pumping;
  }
}

async function pump<T>(source: AsyncIterable<T>, target: Channel<T>): Promise<void> {
  try {
    for await (const item of source) await target.send(item);
    target.close();
  } catch (error) {
    // Where the reader has left, the channel is closed already and nobody is there to be told.
    target.close(error);
  }
}
