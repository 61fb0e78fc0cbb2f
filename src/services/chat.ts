/** `POST /v1/chat/completions` */
import type { LlmPart, TokenUsage, ToolCall } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { readJson } from "./body.ts";
import { type Endpoint, eventStream, wholeJson } from "./call.ts";
import { type ChatRequest, chatRequest, toMessages, toTools } from "./chat_request.ts";
import { engineFor } from "./models.ts";

const MAX_BODY_BYTES = 4_000_000;

/** What an answer is made of, whichever way it is sent. `end` comes once, last. */
type AnswerPart =
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "thought"; readonly delta: string }
  | ({ readonly type: "tool_call" } & ToolCall)
  | { readonly type: "end"; readonly reason: "stop" | "length" | "tool_calls"; readonly usage?: TokenUsage };

/** Answers a conversation. */
export const chat: Endpoint = async ({ request, signal, patienceMs, engines }) => {
  const asked = await readJson(request, chatRequest, { signal, patienceMs, maxBytes: MAX_BODY_BYTES });
  const llm = engineFor("llm", asked.model, engines);
  const tools = toTools(asked);
  const call = { signal, ...(tools.length > 0 && { tools }) };
  const parts = answerOf(llm.generate(toMessages(asked.messages), call), asked);
  const head = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: engines.names.llm,
  };
  if (asked.stream) return eventStream(chunksOf(parts, head, asked.stream_options?.include_usage ?? false));
  return wholeJson(() => completionOf(parts, head));
};

/**
 * The model's answer within what was asked for: no calls of tools where there are none, and no more tokens than
 * it may have. A piece of text counts as a token, which it is with every engine but for a few that are longer.
 */
async function* answerOf(parts: AsyncIterable<LlmPart>, asked: ChatRequest): AsyncIterable<AnswerPart> {
  const limit = asked.max_completion_tokens ?? asked.max_tokens ?? Infinity;
  const maxCalls = toTools(asked).length === 0 ? 0 : asked.parallel_tool_calls === false ? 1 : Infinity;
  let calls = 0;
  let pieces = 0;
  try {
    for await (const part of parts) {
      if (part.type === "end") {
        const reason = calls > 0 ? "tool_calls" : part.reason === "tool_calls" ? "stop" : part.reason;
        return yield { ...part, reason };
      }
      if (part.type === "tool_call") {
        if (calls < maxCalls) yield part;
        calls = Math.min(calls + 1, maxCalls);
        continue;
      }
      // What was used is known at the end of an answer alone.
      if (pieces++ === limit) return yield { type: "end", reason: "length" };
      yield part;
    }
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== "PAYLOAD_TOO_LARGE") throw error;
    const details = { param: "messages", code: "context_length_exceeded", status: 400 };
    throw new ParleyError(error.code, error.message, { cause: error, recoverable: false, details });
  }
}

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

async function completionOf(parts: AsyncIterable<AnswerPart>, head: Head): Promise<object> {
  let text = "";
  let thought = "";
  const calls: object[] = [];
  let end: Extract<AnswerPart, { type: "end" }> = { type: "end", reason: "stop" };
  for await (const part of parts) {
    if (part.type === "text") text += part.delta;
    else if (part.type === "thought") thought += part.delta;
    else if (part.type === "tool_call") calls.push(toCall(part));
    else end = part;
  }
  const message = {
    role: "assistant",
    content: text || calls.length === 0 ? text : null,
    refusal: null,
    ...(thought && { reasoning_content: thought }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return {
    ...head,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: end.reason }],
    ...(end.usage && { usage: toUsage(end.usage) }),
  };
}

async function* chunksOf(
  parts: AsyncIterable<AnswerPart>,
  head: Head,
  includeUsage: boolean,
): AsyncIterable<object | string> {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...(includeUsage && { usage: null }),
  });
  let began = false;
  let calls = 0;
  for await (const part of parts) {
    // Not before the model has begun: until then a failure can still be answered as one.
    if (!began) yield chunk({ role: "assistant", content: "", refusal: null });
    began = true;
    if (part.type === "text") yield chunk({ content: part.delta });
    else if (part.type === "thought") yield chunk({ reasoning_content: part.delta });
    else if (part.type === "tool_call") yield chunk({ tool_calls: [{ index: calls++, ...toCall(part) }] });
    else {
      yield chunk({}, part.reason);
      if (includeUsage && part.usage) {
        yield { ...head, object: "chat.completion.chunk", choices: [], usage: toUsage(part.usage) };
      }
    }
  }
  yield "[DONE]";
}

function toCall({ callId, name, args }: ToolCall): object {
  const json = typeof args === "string" ? args : JSON.stringify(args ?? {});
  return { id: callId, type: "function", function: { name, arguments: json } };
}

function toUsage({ inputTokens, outputTokens }: TokenUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
