/** Our messages in the form that chat templates read, and no more of them than the model has room for. */
import type { Message } from "../../../pipeline/engines.ts";

/** A message as Hugging Face chat templates know it. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly {
    readonly type: "function";
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly tool_call_id?: string;
  readonly name?: string;
}

/** Converts messages for a chat template. */
export function toChat(messages: readonly Message[]): ChatMessage[] {
  return messages.map((message) => {
    if (message.role === "tool") {
      const { callId, name, content } = message;
      return { role: "tool", content: respaced(content), tool_call_id: callId, name };
    }
    if (message.role !== "assistant" || !message.toolCalls?.length) return message;
    return {
      role: "assistant",
      content: message.content,
      tool_calls: message.toolCalls.map(({ name, args }) => (
        { type: "function", function: { name, arguments: spacedJson(args) } }
      )),
    };
  });
}

/**
 * The same conversation for templates that know of no tools and refuse whatever is not user and assistant in turns, as
 * Gemma's do: what a tool gave comes from the user, and what one side says in several messages is one.
 */
export function inTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const turns: ChatMessage[] = [];
  for (const message of messages) {
    const { content } = message;
    const last = turns.at(-1);
    const isLateSystem = message.role === "system" && last !== undefined && last.role !== "system";
    const role = message.role === "tool" || isLateSystem ? "user" : message.role;
    if (last?.role === role) turns.splice(-1, 1, { role, content: `${last.content}\n${content}`.trim() });
    else if (role !== "assistant") turns.push({ role, content });
    else if (content !== "") {
      // Something that is said before the user has said anything, such as a greeting.
      if (last?.role !== "user") turns.push({ role: "user", content: "" });
      turns.push({ role, content });
    }
  }
  return turns;
}

/** Turns are left out by so many at a time, so that the prompts of several turns in a row begin alike. */
const LEFT_OUT_TOGETHER = 4;

/**
 * Leaves out the oldest whole turns until the rest fits into `maxTokens`. The system message and the newest
 * turn stay, and a tool's call is never parted from its result.
 */
export function fitToContext(
  messages: readonly ChatMessage[],
  maxTokens: number,
  countTokens: (messages: readonly ChatMessage[]) => number,
): readonly ChatMessage[] {
  const turns = messages.filter(({ role }) => role === "user").length;
  const choices: number[] = [];
  for (let left = turns; left > 0; left -= left > LEFT_OUT_TOGETHER ? LEFT_OUT_TOGETHER : 1) {
    choices.push(left);
  }
  const fits = (choice: number) => countTokens(newestTurns(messages, choices[choice]!)) <= maxTokens;
  if (choices.length < 2 || fits(0)) return messages;
  // Counting takes a millisecond for every thousand tokens or so, which the user waits for.
  let [from, to] = [1, choices.length - 1];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (fits(middle)) to = middle;
    else from = middle + 1;
  }
  return newestTurns(messages, choices[to]!);
}

/** What comes before the first turn, and the newest `count` turns: what a user says and all that follows from it. */
export function newestTurns<M extends { readonly role: string }>(
  messages: readonly M[],
  count: number,
): readonly M[] {
  const starts = messages.flatMap(({ role }, index) => role === "user" ? [index] : []);
  if (starts.length <= count) return messages;
  return [...messages.slice(0, starts[0]), ...messages.slice(starts[starts.length - count])];
}

/** The sentence of the failure, where the last message is the result of a tool that failed: `{"error": "…"}`. */
export function toolErrorOf(messages: readonly Message[]): string | undefined {
  const last = messages.at(-1);
  if (last?.role !== "tool") return undefined;
  try {
    const { error } = JSON.parse(last.content);
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

/** JSON with a space after commas and colons, as Python writes it and models are therefore trained to read it. */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}: ${spacedJson(field)}`).join(", ")}}`;
}

function respaced(content: string): string {
  try {
    return spacedJson(JSON.parse(content));
  } catch {
    return content;
  }
}
