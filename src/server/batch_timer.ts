/** One timer for every client that takes several events in one message. */

/** Something that has waited long enough. */
export interface Batched {
  flush(): void;
}

/** So long may an event wait for others: far below what a person notices, long enough for dozens in a burst. */
const WINDOW_MS = 4;

/** After a quiet moment a batch goes out at once; while there is much to send, at the end of each window. */
export class BatchTimer implements Disposable {
  #waiting = new Set<Batched>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** `batch` has something to send. */
  request(batch: Batched): void {
    if (this.#timer !== undefined) return void this.#waiting.add(batch);
    batch.flush();
    if (!this.#isOver) this.#start();
  }

  /** Sends what waits; from now on nothing does. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const batch of this.#waiting) batch.flush();
    this.#waiting.clear();
  }

  #start(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.size === 0) return;
      const due = this.#waiting;
      this.#waiting = new Set();
      this.#start();
      for (const batch of due) batch.flush();
    }, WINDOW_MS);
  }
}
