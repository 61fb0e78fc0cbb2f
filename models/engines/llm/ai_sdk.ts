/** Language models behind an OpenAI-compatible server, through the AI SDK: Ollama, llama.cpp, vLLM, hosted ones. */
import { z } from "zod";
import type { CallOptions, LanguageModel, LlmPart, Message, ToolSpec } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { apiKeyOf, apiKeyOptions } from "../remote/api_key.ts";
import { toRemoteError } from "../remote/http.ts";
import { Patience } from "../remote/patience.ts";
import { newestTurns } from "./chat.ts";
import { betterManners, joined, type Manners, MannersError } from "./manners.ts";

const options = z.object({
  /** Where the server's API begins, such as "http://localhost:11434/v1". */
  base_url: z.url({ protocol: /^https?$/ }),
  /** The model's name there. */
  model: z.string().min(1),
  ...apiKeyOptions,
  temperature: z.number().min(0).max(2).optional(),
  max_new_tokens: z.number().int().min(1).default(512),
  /** Longest wait for the next piece of an answer. */
  timeout_ms: z.number().min(100).default(30_000),
  /** Whether a model that can think before it answers does so, for as long as somebody waits for a word of it. */
  thinking: z.boolean().default(false),
  /** Whether the model is offered tools. One that refuses them is not offered them again. */
  tools: z.boolean().default(true),
});

/** What the AI SDK calls the server. */
const PROVIDER = "remote";

type Options = z.output<typeof options>;
type Library = typeof import("ai");

/** The engine. */
export const aiSdk = defineEngine({
  task: "llm",
  options,
  runs: "inline",
  async load(settings): Promise<LanguageModel> {
    const [library, { createOpenAICompatible }] = await Promise.all([
      import("ai"),
      import("@ai-sdk/openai-compatible"),
    ]);
    const apiKey = await apiKeyOf(settings);
    const provider = createOpenAICompatible({
      name: PROVIDER,
      baseURL: settings.base_url,
      includeUsage: true,
      ...(apiKey && { apiKey }),
    });
    // Servers that are not told how a model marks its thoughts send them as text, which would be spoken.
    const model = library.wrapLanguageModel({
      model: provider(settings.model),
      middleware: library.extractReasoningMiddleware({ tagName: "think" }),
    });
    const manners = {
      offersTools: settings.tools,
      forbidsThinking: !settings.thinking,
      limit: "max_tokens",
      turns: Infinity,
      startsWithUser: false,
    } as const;
    const remote = { library, model, settings, manners };
    return {
      model: settings.model,
      generate: (messages, call) => generate(remote, messages, call),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

interface Remote {
  readonly library: Library;
  readonly model: Parameters<Library["streamText"]>[0]["model"];
  readonly settings: Options;
  manners: Manners;
}

type GenerateOptions = CallOptions & { readonly tools?: readonly ToolSpec[] };

async function* generate(
  remote: Remote,
  messages: readonly Message[],
  { signal, tools = [] }: GenerateOptions,
): AsyncIterable<LlmPart> {
  let { manners } = remote;
  while (true) {
    const offered = manners.offersTools ? tools : [];
    try {
      for await (const part of answer({ ...remote, manners }, messages, { signal, tools: offered })) {
        remote.manners = { ...manners, turns: Infinity }; // How much there is room for is each conversation's.
        yield part;
      }
      return;
    } catch (error) {
      if (!(error instanceof MannersError)) throw error;
      manners = { ...manners, ...error.better };
    }
  }
}

async function* answer(
  { library, model, settings, manners }: Remote,
  messages: readonly Message[],
  { signal, tools = [] }: GenerateOptions,
): AsyncIterable<LlmPart> {
  signal.throwIfAborted();
  using patience = new Patience(settings.timeout_ms);
  const system = messages.flatMap((message) => message.role === "system" ? [message.content] : []).join("\n");
  const shown = newestTurns(joined(messages, manners), manners.turns);
  const { stream } = library.streamText({
    model,
    ...(system && { instructions: system }),
    messages: shown.flatMap(toModelMessage),
    tools: Object.fromEntries(tools.map(({ name, description, parameters }) => [
      name,
      library.tool({ description, inputSchema: library.jsonSchema(parameters) }),
    ])),
    ...(settings.temperature !== undefined && { temperature: settings.temperature }),
    ...(manners.limit === "max_tokens" && { maxOutputTokens: settings.max_new_tokens }),
    providerOptions: {
      [PROVIDER]: {
        ...(manners.limit !== "max_tokens" && { [manners.limit]: settings.max_new_tokens }),
        ...(manners.forbidsThinking && { reasoningEffort: "none" }),
      },
    },
    maxRetries: 0, // A second try could say the beginning twice; the user can just ask again.
    abortSignal: AbortSignal.any([signal, patience.signal]),
    onError: () => {}, // The stream below tells of it.
  });
  let began = false;
  try {
    for await (const part of stream) {
      patience.rest();
      if (part.type === "error") throw part.error;
      const ours = toPart(part);
      if (ours) yield ours;
      began ||= ours !== undefined;
      patience.renew();
    }
    signal.throwIfAborted();
    patience.signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    const better = began ? undefined : betterManners(error, { manners, shown, tools });
    if (better) throw new MannersError(better);
    throw toRemoteError(error, {
      server: { name: "language model server", section: "models.llm", settings },
      timedOut: patience.signal.aborted,
      unreadable: !began && UNREADABLE.has(Object(error).name),
    });
  }
}

type StreamPart = ReturnType<Library["streamText"]>["stream"] extends AsyncIterable<infer P> ? P : never;

function toPart(part: StreamPart): LlmPart | undefined {
  switch (part.type) {
    case "text-delta":
      return { type: "text", delta: part.text };
    case "reasoning-delta":
      return { type: "thought", delta: part.text };
    case "tool-call":
      return { type: "tool_call", callId: part.toolCallId, name: part.toolName, args: part.input };
    case "finish": {
      const { inputTokens = 0, outputTokens = 0 } = part.totalUsage;
      const reason = part.finishReason === "tool-calls"
        ? "tool_calls"
        : part.finishReason === "length"
        ? "length"
        : "stop";
      return { type: "end", reason, usage: { inputTokens, outputTokens } };
    }
  }
}

function toModelMessage(message: Message): NonNullable<Parameters<Library["streamText"]>[0]["messages"]> {
  if (message.role === "tool") {
    const { callId, name, content } = message;
    const output = { type: "text" as const, value: content };
    return [{ role: "tool", content: [{ type: "tool-result", toolCallId: callId, toolName: name, output }] }];
  }
  if (message.role !== "assistant") {
    return message.role === "user" ? [{ role: "user", content: message.content }] : [];
  }
  const calls = (message.toolCalls ?? []).map(({ callId, name, args }) => (
    { type: "tool-call" as const, toolCallId: callId, toolName: name, input: readableArgs(args) }
  ));
  const text = message.content ? [{ type: "text" as const, text: message.content }] : [];
  const content = [...text, ...calls];
  return content.length > 0 ? [{ role: "assistant", content }] : [];
}

/** Ollama and llama.cpp refuse every later request with a call in it whose arguments are no object. */
function readableArgs(args: unknown): unknown {
  return typeof args === "object" && args !== null && !Array.isArray(args) ? args : { unreadable: args };
}

/** Names of the AI SDK's errors for an answer that it cannot read, or that has no end. */
const UNREADABLE: ReadonlySet<unknown> = new Set([
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
]);
