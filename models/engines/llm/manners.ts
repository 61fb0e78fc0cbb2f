/** What servers with OpenAI's API disagree on, and what to do about it: what one refuses is done otherwise from then on. */
import type { Message, ToolSpec } from "../../../pipeline/engines.ts";

/** What servers disagree on. */
export interface Manners {
  readonly offersTools: boolean;
  readonly forbidsThinking: boolean;
  /** What the limit of an answer is called; OpenAI's newer models refuse the name that everybody else knows it by. */
  readonly limit: "max_tokens" | "max_completion_tokens";
  /** How many of the newest turns it is shown. */
  readonly turns: number;
  /** Whether the user must have said something before the assistant says anything, such as a greeting. */
  readonly startsWithUser: boolean;
}

/** The server refuses something that can be done otherwise. */
export class MannersError extends Error {
  /** `better`: how. */
  constructor(readonly better: Partial<Manners>) {
    super();
  }
}

/** What was refused. */
export interface Asked {
  readonly manners: Manners;
  readonly shown: readonly Message[];
  readonly tools: readonly ToolSpec[];
}

/** How to ask instead; undefined where nothing would help. */
export function betterManners(
  error: unknown,
  { manners, shown, tools }: Asked,
): Partial<Manners> | undefined {
  const { statusCode, responseBody, message } = Object(error);
  // Some, such as LM Studio, begin a stream and refuse in it: then there is no status.
  if (statusCode !== undefined && !REFUSALS.has(statusCode)) return undefined;
  const reason = String(responseBody ?? message ?? error);
  const turns = shown.filter(({ role }) => role === "user").length;
  if (turns > 1 && /context|too long/i.test(reason)) return { turns: fewer(turns) };
  if (manners.limit === "max_tokens" && reason.includes("max_completion_tokens")) {
    return { limit: "max_completion_tokens" };
  }
  if (manners.forbidsThinking && /reasoning|think/i.test(reason)) return { forbidsThinking: false };
  if (!manners.startsWithUser && /alternat/i.test(reason)) return { startsWithUser: true };
  // Ollama's models without tools, vLLM without a parser for their calls and llama.cpp without templates say so.
  return tools.length > 0 && /\btools?\b/i.test(reason) ? { offersTools: false } : undefined;
}

/** The statuses that such refusals come with. */
const REFUSALS: ReadonlySet<unknown> = new Set([400, 413, 422, 500, 501]);

/** Turns are left out by so many at a time, so that the requests of several turns in a row begin alike. */
const LEFT_OUT_TOGETHER = 8;

/** About half of the turns. */
function fewer(turns: number): number {
  const leftOut = Math.ceil(turns / 2 / LEFT_OUT_TOGETHER) * LEFT_OUT_TOGETHER;
  return leftOut < turns ? turns - leftOut : Math.floor(turns / 2);
}

/**
 * What one side says in several messages, as one: that is how an interrupted turn or an announcement leaves the
 * conversation, and servers with strict chat templates (Gemma, Mistral) refuse it.
 */
export function joined(messages: readonly Message[], { startsWithUser }: Manners): Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    const { role, content } = message;
    const last = turns.at(-1);
    if (role === "assistant" && !content && !message.toolCalls?.length) continue;
    if (startsWithUser && role === "assistant" && (!last || last.role === "system")) {
      turns.push({ role: "user", content: "…" });
    }
    if (last?.role === role && isPlain(last) && isPlain(message)) {
      turns.splice(-1, 1, { role: last.role, content: `${last.content}\n${content}` });
    } else turns.push(message);
  }
  return turns;
}

function isPlain(message: Message): message is Extract<Message, { role: "user" | "assistant" }> {
  return message.role === "user" || (message.role === "assistant" && !message.toolCalls?.length);
}
