/** Which events a client wants. */
import { ParleyError } from "../../pipeline/errors.ts";
import { matchesWildcard } from "../protocol/wildcard.ts";

/** Patterns that one client may have: more than there are events. */
const MAX_PATTERNS = 64;

interface Rule {
  readonly pattern: string;
  readonly wanted: boolean;
}

/** Of the patterns that match an event's type the last one said decides; `*` stands for anything. */
export class Subscription {
  /** Whether the client wants sound. */
  audio = false;
  #rules: readonly Rule[] = [{ pattern: "*", wanted: true }];
  #cache = new Map<string, boolean>();
  /** The first subscription narrows from everything to what it names. */
  #named = false;

  /** The patterns of what is wanted. */
  get events(): string[] {
    return this.#rules.filter(({ wanted }) => wanted).map(({ pattern }) => pattern);
  }

  /** Wants what the patterns match. Idempotent. Throws `VALIDATION_ERROR` when they become too many. */
  add(patterns: readonly string[]): void {
    const known = this.#named || patterns.length === 0 ? this.#rules : [];
    this.#say(patterns.map((pattern) => ({ pattern, wanted: true })), known);
  }

  /** Wants nothing of what the patterns match. Idempotent. Throws as {@linkcode Subscription.add}. */
  remove(patterns: readonly string[]): void {
    this.#say(patterns.map((pattern) => ({ pattern, wanted: false })), this.#rules);
  }

  /** Whether events of this type are wanted. */
  wants(type: string): boolean {
    let wanted = this.#cache.get(type);
    if (wanted === undefined) {
      wanted = this.#rules.findLast(({ pattern }) => matchesWildcard(pattern, type))?.wanted ?? false;
      this.#cache.set(type, wanted);
    }
    return wanted;
  }

  #say(said: readonly Rule[], known: readonly Rule[]): void {
    const rules = [...known, ...said];
    // A pattern that a later one covers decides nothing any more.
    const deciding = rules.filter(({ pattern }, at) =>
      !rules.slice(at + 1).some((later) => matchesWildcard(later.pattern, pattern))
    );
    if (deciding.length > MAX_PATTERNS) {
      throw new ParleyError(
        "VALIDATION_ERROR",
        `A client subscribes by at most ${MAX_PATTERNS} patterns; "*" covers all.`,
      );
    }
    this.#rules = deciding;
    this.#named ||= said.length > 0;
    this.#cache.clear();
  }
}
