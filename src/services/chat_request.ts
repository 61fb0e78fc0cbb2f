/** What a chat completion is asked for, and what that is to a language model here. */
import { z } from "zod";
import type { Message, ToolCall, ToolSpec } from "../../pipeline/engines.ts";
import { invalid } from "./errors.ts";

const textPart = z.object({
  type: z.literal("text", { error: "only text is understood here, no images, sound or files" }),
  text: z.string(),
});
const text = z.union([z.string(), z.array(textPart).min(1)]);

const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.object({ name: z.string().min(1), arguments: z.string() }),
});

const message = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "developer", "user"]), content: text }),
  z.object({
    role: z.literal("assistant"),
    content: text.nullish(),
    tool_calls: z.array(toolCall).nullish(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: text }),
]);

const tool = z.object({
  type: z.literal("function", { error: 'only tools of type "function" can be called here' }),
  function: z.object({
    name: z.string().regex(/^[\w-]{1,64}$/, "use up to 64 letters, digits, _ and -"),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

const unsupported = (reason: string) => ({ error: reason });
const tokens = z.number().int().min(1).nullish();

/**
 * The body of a request. How to sample (`temperature`, `seed`, …) is the engine's setting and passed over;
 * what would make the answer another than was asked for is refused.
 */
export const chatRequest = z.object({
  model: z.string(),
  messages: z.array(message).min(1),
  tools: z.array(tool).nullish(),
  tool_choice: z.enum(
    ["auto", "none"],
    unsupported('must be "auto" or "none": no model here can be made to call'),
  )
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  n: z.literal(1, unsupported("must be 1: there is one answer")).nullish(),
  stop: z.null(unsupported("answers cannot be ended at a text")).optional(),
  logprobs: z.literal(false, unsupported("probabilities are not told")).nullish(),
  modalities: z.array(z.literal("text", unsupported("answers are text; POST /v1/audio/speech speaks it")))
    .nullish(),
  response_format: z.object({
    type: z.literal("text", unsupported("answers are free text; ask for a tool's arguments instead")),
  }).nullish(),
}).refine(({ stream, stream_options }) => stream || !stream_options, {
  path: ["stream_options"],
  message: "goes with stream alone",
});

/** A request that was checked. */
export type ChatRequest = z.output<typeof chatRequest>;

/** The conversation as the engines read it. `VALIDATION_ERROR` where a tool answers a call that nobody made. */
export function toMessages(messages: ChatRequest["messages"]): Message[] {
  const toolNames = new Map<string, string>();
  return messages.map((message, index): Message => {
    switch (message.role) {
      case "system":
      case "developer":
        return { role: "system", content: textOf(message.content) };
      case "user":
        return { role: "user", content: textOf(message.content) };
      case "assistant": {
        const toolCalls = (message.tool_calls ?? []).map(toToolCall);
        for (const { callId, name } of toolCalls) toolNames.set(callId, name);
        const content = textOf(message.content ?? "");
        return { role: "assistant", content, ...(toolCalls.length > 0 && { toolCalls }) };
      }
      case "tool": {
        const name = toolNames.get(message.tool_call_id);
        const param = `messages[${index}].tool_call_id`;
        if (name === undefined) {
          throw invalid(`${param}: no message before it calls a tool by this id`, { param });
        }
        return { role: "tool", callId: message.tool_call_id, name, content: textOf(message.content) };
      }
    }
  });
}

/** The tools that the model may call: none where it is told to call none. */
export function toTools({ tools, tool_choice }: ChatRequest): ToolSpec[] {
  if (tool_choice === "none") return [];
  return (tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? "",
    parameters: parameters ?? { type: "object", properties: {} },
  }));
}

function textOf(content: z.output<typeof text>): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}

/** Arguments that are no JSON stay the text that they are, as the model once gave them. */
function toToolCall({ id, function: { name, arguments: json } }: z.output<typeof toolCall>): ToolCall {
  let args: unknown = json;
  try {
    args = JSON.parse(json);
  } catch { /* As said above. */ }
  return { callId: id, name, args };
}
