/** A long run that somebody watches. */
import type { CallOptions } from "../../pipeline/engines.ts";

/** What every evaluation takes. */
export interface Watched extends CallOptions {
  /** Told after every item of a set. */
  readonly onProgress: (name: string, done: number, total: number) => void;
}
