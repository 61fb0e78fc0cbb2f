/** Whether two calls of a tool would do the same. */

/** A tool's name and arguments. */
export interface Call {
  readonly tool: string;
  readonly args: unknown;
}

/**
 * By tool: what its arguments mean, where different words may mean the same. May throw where they mean nothing; then
 * the words count.
 */
export type Meanings = Readonly<Record<string, (args: unknown) => string | number>>;

/** Whether both call the same tool with arguments that mean the same, or neither calls one. */
export function sameCall(a: Call | undefined, b: Call | undefined, meanings: Meanings): boolean {
  if (!a || !b) return a === b;
  return a.tool === b.tool && meaningOf(a, meanings) === meaningOf(b, meanings);
}

function meaningOf({ tool, args }: Call, meanings: Meanings): string {
  try {
    const meaning = Object.hasOwn(meanings, tool) ? meanings[tool]!(args) : undefined;
    if (meaning !== undefined) return `means ${meaning}`;
  } catch {
    // Without a meaning it is words.
  }
  return JSON.stringify(plain(args ?? {}));
}

/** Without what letter case, space around words and the order of keys add. */
function plain(value: unknown): unknown {
  if (typeof value === "string") return value.trim().toLowerCase();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, inner]) => [key, plain(inner)] as const)
    .toSorted(([a], [b]) => a < b ? -1 : 1);
}
