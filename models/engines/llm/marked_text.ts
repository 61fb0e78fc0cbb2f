/** Telling apart what a model says, what it thinks and what tools it calls, in one stream of text. */

/** A piece of a model's output. */
export type MarkedPart =
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "thought"; readonly delta: string }
  | { readonly type: "tool_call"; readonly name: string; readonly args: unknown };

/** The marks of Hermes, Qwen and the starter model. */
const MARKS = [
  { open: "<tool_call>", close: "</tool_call>", inside: "tool_call" },
  { open: "<think>", close: "</think>", inside: "thought" },
] as const;

type Mark = typeof MARKS[number];

/** What a call whose name cannot be read is called: no tool has this name, so the model is told what went wrong. */
const UNREADABLE = "unreadable_tool_call";

/**
 * Takes text as it is generated, cut anywhere. What may be the beginning of a mark is held back until that is
 * certain. JSON of a tool call is never given as text, however broken it is: a call that cannot be read has its
 * raw text as arguments, which every tool refuses.
 */
export class MarkedText {
  #rest = "";
  #mark: Mark | undefined;

  /** `thinking`: the prompt has opened a thought, which the text goes on with. */
  constructor({ thinking = false }: { readonly thinking?: boolean } = {}) {
    if (thinking) this.#mark = MARKS.find(({ inside }) => inside === "thought");
  }

  /** The parts that are certain once `delta` has come. */
  push(delta: string): MarkedPart[] {
    this.#rest += delta;
    return this.#drain(false);
  }

  /** The parts that were still held back: nothing more comes. */
  end(): MarkedPart[] {
    return this.#drain(true);
  }

  #drain(ended: boolean): MarkedPart[] {
    const parts: MarkedPart[] = [];
    let part: MarkedPart[] | undefined;
    while ((part = this.#mark ? this.#inside(this.#mark, ended) : this.#outside(ended))) parts.push(...part);
    return parts;
  }

  /** Up to the next mark, or to what may become one. Undefined when there is nothing to do. */
  #outside(ended: boolean): MarkedPart[] | undefined {
    if (!this.#rest) return undefined;
    const found = MARKS.map((mark) => ({ mark, at: this.#rest.indexOf(mark.open) }))
      .filter(({ at }) => at >= 0).toSorted((a, b) => a.at - b.at)[0];
    if (found) {
      const before = this.#take(found.at);
      this.#take(found.mark.open.length);
      this.#mark = found.mark;
      return before ? [{ type: "text", delta: before }] : [];
    }
    const held = ended ? 0 : Math.max(...MARKS.map(({ open }) => overlap(this.#rest, open)));
    const delta = this.#take(this.#rest.length - held);
    return delta ? [{ type: "text", delta }] : undefined;
  }

  #inside(mark: Mark, ended: boolean): MarkedPart[] | undefined {
    const at = this.#rest.indexOf(mark.close);
    if (at < 0 && !ended) return mark.inside === "thought" ? this.#thoughtSoFar(mark.close) : undefined;
    const content = this.#take(at < 0 ? this.#rest.length : at);
    if (at >= 0) this.#take(mark.close.length);
    this.#mark = undefined;
    if (mark.inside === "thought") return content ? [{ type: "thought", delta: content }] : [];
    return [readCall(content)];
  }

  #thoughtSoFar(close: string): MarkedPart[] | undefined {
    const delta = this.#take(this.#rest.length - overlap(this.#rest, close));
    return delta ? [{ type: "thought", delta }] : undefined;
  }

  #take(count: number): string {
    const taken = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    return taken;
  }
}

/** How many characters at the end of `text` could be the beginning of `mark`. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (mark.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

function readCall(json: string): MarkedPart {
  try {
    const { name, arguments: given, parameters } = JSON.parse(json);
    const args: unknown = given ?? parameters ?? {};
    if (typeof name === "string") {
      return { type: "tool_call", name, args: typeof args === "string" ? JSON.parse(args) : args };
    }
  } catch {
    // Falls through: what cannot be read is answered, not spoken.
  }
  return { type: "tool_call", name: /"name"\s*:\s*"([^"]+)"/.exec(json)?.[1] ?? UNREADABLE, args: json };
}
