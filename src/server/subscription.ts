/** Which events a client wants. */

/** Patterns that an event's type must match; `*` stands for anything. At first everything matches. */
export class Subscription {
  /** Whether the client wants sound. */
  audio = false;
  #patterns = new Set(["*"]);
  #cache = new Map<string, boolean>();
  /** The first subscription narrows from everything to what it names. */
  #named = false;

  get events(): string[] {
    return [...this.#patterns];
  }

  /** Adds patterns. Idempotent. */
  add(patterns: readonly string[]): void {
    if (!this.#named && patterns.length > 0) this.#patterns.clear();
    this.#named ||= patterns.length > 0;
    for (const pattern of patterns) this.#patterns.add(pattern);
    this.#cache.clear();
  }

  /** Removes patterns. Idempotent. */
  remove(patterns: readonly string[]): void {
    for (const pattern of patterns) this.#patterns.delete(pattern);
    this.#named ||= patterns.length > 0;
    this.#cache.clear();
  }

  /** Whether events of this type are wanted. */
  wants(type: string): boolean {
    let wanted = this.#cache.get(type);
    if (wanted === undefined) {
      wanted = [...this.#patterns].some((pattern) => matches(pattern, type));
      this.#cache.set(type, wanted);
    }
    return wanted;
  }
}

function matches(pattern: string, type: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === type;
  const [head, tail] = [parts[0]!, parts.at(-1)!];
  if (!type.startsWith(head) || !type.endsWith(tail) || type.length < head.length + tail.length) return false;
  let from = head.length;
  for (const part of parts.slice(1, -1)) {
    const at = type.indexOf(part, from);
    if (at < 0 || at + part.length > type.length - tail.length) return false;
    from = at + part.length;
  }
  return true;
}
