/** Language models behind an OpenAI-compatible server, through the AI SDK: Ollama, llama.cpp, vLLM, hosted ones. */
import { z } from "zod";
import type { CallOptions, LanguageModel, LlmPart, Message, ToolSpec } from "../../../pipeline/engines.ts";
import { type ErrorCode, ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";

const options = z.object({
  /** Where the server's API begins, such as "http://localhost:11434/v1". */
  base_url: z.url({ protocol: /^https?$/ }),
  /** The model's name there. */
  model: z.string().min(1),
  /** Name of the environment variable that holds the key; the key itself is never a setting. */
  api_key_env: z.string().optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_new_tokens: z.number().int().min(1).default(512),
  /** Longest wait for the next piece of an answer. */
  timeout_ms: z.number().min(100).default(30_000),
});

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
    const apiKey = keyOf(settings);
    const provider = createOpenAICompatible({
      name: "remote",
      baseURL: settings.base_url,
      includeUsage: true,
      ...(apiKey && { apiKey }),
    });
    const model = provider(settings.model);
    return {
      model: settings.model,
      generate: (messages, call) => generate({ library, model, settings }, messages, call),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

function keyOf({ api_key_env }: Options): string | undefined {
  if (api_key_env === undefined) return undefined;
  const key = Deno.env.get(api_key_env);
  if (key) return key;
  throw new ParleyError(
    "VALIDATION_ERROR",
    `Set the environment variable ${api_key_env} to the server's key.`,
    {
      recoverable: false,
    },
  );
}

interface Remote {
  readonly library: Library;
  readonly model: Parameters<Library["streamText"]>[0]["model"];
  readonly settings: Options;
}

async function* generate(
  { library, model, settings }: Remote,
  messages: readonly Message[],
  { signal, tools = [] }: CallOptions & { readonly tools?: readonly ToolSpec[] },
): AsyncIterable<LlmPart> {
  signal.throwIfAborted();
  using patience = new Patience(settings.timeout_ms);
  const system = messages.flatMap((message) => message.role === "system" ? [message.content] : []).join("\n");
  const { stream } = library.streamText({
    model,
    ...(system && { instructions: system }),
    messages: messages.flatMap(toModelMessage),
    tools: Object.fromEntries(tools.map(({ name, description, parameters }) => [
      name,
      library.tool({ description, inputSchema: library.jsonSchema(parameters) }),
    ])),
    ...(settings.temperature !== undefined && { temperature: settings.temperature }),
    maxOutputTokens: settings.max_new_tokens,
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
    throw toRemoteError(error, { began, timedOut: patience.signal.aborted, settings });
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
    { type: "tool-call" as const, toolCallId: callId, toolName: name, input: args }
  ));
  const text = message.content ? [{ type: "text" as const, text: message.content }] : [];
  const content = [...text, ...calls];
  return content.length > 0 ? [{ role: "assistant", content }] : [];
}

/** Aborts when nothing has come for a while, unless nobody is waiting for it. Disposing it aborts as well. */
class Patience implements Disposable {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.renew();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  rest(): void {
    clearTimeout(this.#timer);
  }

  renew(): void {
    this.rest();
    this.#timer = setTimeout(() => this.#controller.abort(), this.#ms);
  }

  /** Lets go of the connection, which a consumer that left early would leave open. */
  [Symbol.dispose](): void {
    this.rest();
    this.#controller.abort();
  }
}

/** What is said of an HTTP status; of the others, that the server failed. */
const OF_STATUS: Readonly<Record<number, (options: Options) => [ErrorCode, string]>> = {
  401: refused,
  403: refused,
  404: ({ model }) => ["NOT_FOUND", `The language model server does not know the model "${model}".`],
  429: () => ["RATE_LIMITED", "The language model server takes no more requests for now."],
};

function refused({ api_key_env }: Options): [ErrorCode, string] {
  const key = api_key_env
    ? `the key in ${api_key_env}`
    : "a key; name its variable in models.llm.api_key_env";
  return ["PERMISSION_DENIED", `The language model server refused: check ${key}.`];
}

interface Circumstances {
  /** Part of the answer had come. */
  readonly began: boolean;
  readonly timedOut: boolean;
  readonly settings: Options;
}

/** A sentence somebody can act on. The server's own text is left out: it may quote the request and its key. */
function toRemoteError(error: unknown, circumstances: Circumstances): ParleyError {
  return new ParleyError(...describe(error, circumstances));
}

function describe(error: unknown, { began, timedOut, settings }: Circumstances): [ErrorCode, string] {
  if (timedOut) return ["TIMEOUT", `The language model server gave nothing for ${settings.timeout_ms} ms.`];
  const { name, statusCode: status } = Object(error);
  if (typeof status === "number" && status >= 400) {
    const failed = `The language model server failed (HTTP ${status}).`;
    return OF_STATUS[status]?.(settings) ?? ["MODEL_ERROR", failed];
  }
  if (!began && UNREADABLE.has(name)) {
    return ["MODEL_ERROR", "The language model server does not speak the OpenAI protocol: check base_url."];
  }
  return ["UNAVAILABLE", "The language model server cannot be reached or broke off: is it running?"];
}

/** Names of the AI SDK's errors for an answer that it cannot read, or that has no end. */
const UNREADABLE: ReadonlySet<unknown> = new Set([
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
]);
