/** An event on its way to a hook. */

/** What is delivered. */
export interface Delivery {
  /** The same for every try, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly event: string;
  readonly sessionId: string;
  /** The event as its clients get it. */
  readonly json: string;
}

/** How a try went: `later` is worth trying again. */
export type Outcome = "ok" | "failed" | "later";

/** One try. Aborting `signal` ends it; then its outcome means nothing. */
export type Deliver = (delivery: Delivery, signal: AbortSignal) => Promise<Outcome>;
