/** How long a server may keep somebody waiting. */

/** Aborts when nothing has come for a while, unless nobody is waiting for it. Disposing it aborts as well. */
export class Patience implements Disposable {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #untilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins at once. `ms`: the longest wait. */
  constructor(ms: number) {
    this.#ms = ms;
    this.renew();
  }

  /** Aborts when patience is at an end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is left of the wait, in milliseconds. */
  get leftMs(): number {
    return Math.max(0, this.#untilMs - performance.now());
  }

  /** Nobody waits for now. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  /** Somebody waits from now on, or something has come and more is waited for. */
  renew(): void {
    this.rest();
    this.#untilMs = performance.now() + this.#ms;
    this.#timer = setTimeout(() => this.#controller.abort(), this.#ms);
  }

  /** Lets go of the connection, which a consumer that left early would leave open. */
  [Symbol.dispose](): void {
    this.rest();
    this.#controller.abort();
  }
}
