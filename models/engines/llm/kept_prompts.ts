/** What a model has computed of earlier prompts, kept so that one which begins alike is not read again. */
import type { DynamicCache, Tensor } from "@huggingface/transformers";

/** A prompt's tokens and the keys and values that the model computed for them. */
export interface KeptPrompt {
  readonly tokens: readonly bigint[];
  readonly cache: DynamicCache;
}

/**
 * The newest prompts, at most `capacity` of them. One that is taken belongs to whoever took it until it is given
 * back, since generating changes it.
 */
export class KeptPrompts {
  readonly #capacity: number;
  /** Oldest first. */
  #kept: KeptPrompt[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * The kept prompt that has most in common with the beginning of `prompt`, cut to what they have in common; at least
   * one token is left to be read, since what follows is told by its reading.
   */
  take(prompt: readonly bigint[]): KeptPrompt | undefined {
    const commonOf = ({ tokens, cache }: KeptPrompt) => {
      const common = Math.min(commonLength(tokens, prompt), prompt.length - 1);
      return common === tokens.length || isCuttable(cache) ? common : 0;
    };
    const best = this.#kept.map((kept) => ({ kept, common: commonOf(kept) }))
      .toSorted((a, b) => b.common - a.common)[0];
    if (!best || best.common === 0) return undefined;
    this.#kept = this.#kept.filter((kept) => kept !== best.kept);
    return cut(best.kept, best.common);
  }

  /** Keeps what is known of these tokens, of which the cache may not hold the last. */
  keep(tokens: readonly bigint[], cache: DynamicCache): void {
    const known = tokens.slice(0, cache.get_seq_length());
    if (known.length === 0 || this.#capacity === 0) return void cache.dispose();
    // A prompt that this one only goes on with is of no more use.
    const outgrown = (kept: KeptPrompt) => commonLength(kept.tokens, known) === kept.tokens.length;
    const others = this.#kept.filter((kept) => !outgrown(kept));
    const dropped = [
      ...this.#kept.filter(outgrown),
      ...others.slice(0, Math.max(0, others.length + 1 - this.#capacity)),
    ];
    for (const { cache } of dropped) cache.dispose();
    this.#kept = [...others.filter((kept) => !dropped.includes(kept)), { tokens: known, cache }];
  }

  /** Forgets all. */
  async clear(): Promise<void> {
    await Promise.all(this.#kept.map(({ cache }) => cache.dispose()));
    this.#kept = [];
  }
}

function commonLength(a: readonly bigint[], b: readonly bigint[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

/** Attention can forget its newest tokens; the state of convolutions and recurrences cannot. */
function isCuttable(cache: DynamicCache): boolean {
  return Object.keys(cache).every((name) => name.startsWith("past_key_values."));
}

function cut({ tokens, cache }: KeptPrompt, length: number): KeptPrompt {
  if (length < tokens.length) {
    const shorter = Object.entries(cache as Record<string, Tensor>)
      .map(([name, tensor]) => [name, tensor.slice(null, null, [0, length], null)] as const);
    cache.update(Object.fromEntries(shorter)); // Disposes of what it replaces.
  }
  return { tokens: tokens.slice(0, length), cache };
}
