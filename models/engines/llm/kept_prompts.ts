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

/**
 * Attention can forget its newest tokens; the state of convolutions and recurrences cannot, nor can what lies in the
 * memory of a graphics processor be cut from here.
 */
function isCuttable(cache: DynamicCache): boolean {
  return Object.entries(cache as Record<string, Tensor>)
    .every(([name, { location }]) => name.startsWith("past_key_values.") && location === "cpu");
}

function cut({ tokens, cache }: KeptPrompt, length: number): KeptPrompt {
  if (length < tokens.length) {
    const shorter = Object.entries(cache as Record<string, Tensor>)
      .map(([name, tensor]) => [name, beginning(tensor, length)] as const);
    cache.update(Object.fromEntries(shorter));
  }
  return { tokens: tokens.slice(0, length), cache };
}

/**
 * The first `length` positions of [batch, heads, positions, size]. The library's own `slice` goes number by number:
 * 100 ms for 1,000 positions of the starter model, this 1 ms.
 */
function beginning(tensor: Tensor, length: number): Tensor {
  const [batch = 1, heads = 1, positions = 1, size = 1] = tensor.dims;
  const data = tensor.data as Float32Array;
  const Numbers = data.constructor as Float32ArrayConstructor;
  const cut = new Numbers(batch * heads * length * size);
  for (let row = 0; row < batch * heads; row++) {
    const start = row * positions * size;
    cut.set(data.subarray(start, start + length * size), row * length * size);
  }
  const Same = tensor.constructor as new (type: string, data: Float32Array, dims: number[]) => Tensor;
  return new Same(tensor.type, cut, [batch, heads, length, size]);
}
