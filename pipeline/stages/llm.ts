/** The language model and its tools: messages in, pieces of text out, until the model has no more to say or do. */
import type { LanguageModel, Message, TokenUsage, ToolCall } from "../engines.ts";
import { toParleyError } from "../errors.ts";
import type { Toolbox } from "../tools.ts";
import type { Attempt } from "../turn.ts";
import { runTool } from "./tools.ts";

/** What {@linkcode think} works with. */
export interface ThinkOptions {
  readonly llm: LanguageModel;
  readonly tools: Toolbox;
}

/**
 * How often the model may call tools before it must answer: an assistant's errand takes one or two; a model
 * that has not answered after so many is going round in circles.
 */
const MAX_ROUNDS = 6;

/**
 * Yields the answer to `messages` as it is generated and appends what the model did on the way (tool calls
 * and their results) to them. A failing model is told as an error of the stage.
 */
export async function* think(
  messages: Message[],
  attempt: Attempt,
  options: ThinkOptions,
): AsyncIterable<string> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const calls: ToolCall[] = [];
    const text = yield* generate(messages, calls, { ...options, attempt, allowTools: round < MAX_ROUNDS });
    if (calls.length === 0) return;
    // Whenever this ends, no call is left without a result: servers refuse such a conversation, for as long as it lasts.
    const first = messages.push({ role: "assistant", content: text, toolCalls: calls });
    messages.push(...calls.map(interrupted));
    for (const [index, call] of calls.entries()) {
      messages[first + index] = await runTool(call, options.tools, attempt);
    }
  }
}

/** The result of a call that the user's interruption ended, or kept from being made. */
function interrupted({ callId, name }: ToolCall): Message {
  return { role: "tool", callId, name, content: JSON.stringify({ error: "The user interrupted this." }) };
}

interface GenerateOptions extends ThinkOptions {
  readonly attempt: Attempt;
  readonly allowTools: boolean;
}

/** One generation. Collects the model's tool calls in `calls` and returns the text it gave. */
async function* generate(
  messages: readonly Message[],
  calls: ToolCall[],
  { llm, tools, attempt, allowTools }: GenerateOptions,
): AsyncGenerator<string, string> {
  let text = "";
  let thought = "";
  let end: { reason: "stop" | "length" | "tool_calls"; usage: TokenUsage } | undefined;
  attempt.emit({ type: "llm.start", model: llm.model });
  try {
    const specs = [...tools.values()].map((tool) => tool.spec);
    const call = { signal: attempt.signal, ...(allowTools && { tools: specs }) };
    for await (const part of llm.generate(messages, call)) {
      if (part.type === "text") {
        text += part.delta;
        attempt.emit({ type: "llm.progress", delta: part.delta });
        yield part.delta;
      } else if (part.type === "thought") thought += part.delta;
      else if (part.type === "tool_call") {
        if (allowTools) calls.push({ callId: part.callId, name: part.name, args: part.args });
      } else end = part;
    }
  } catch (error) {
    attempt.signal.throwIfAborted();
    const { code, message, recoverable } = toParleyError(error, "MODEL_ERROR");
    attempt.emit({ type: "stage.error", stage: "llm", code, message, recoverable });
    throw error;
  }
  if (thought) attempt.emit({ type: "llm.thought", text: thought });
  const usage = end?.usage ?? { inputTokens: 0, outputTokens: 0 };
  attempt.emit({ type: "llm.result", text, finishReason: end?.reason ?? "stop", usage });
  return text;
}
