/** Language models on this machine: any causal model with a chat template, loaded by transformers.js. */
import { z } from "zod";
import { channel } from "../../../pipeline/channel.ts";
import type { CallOptions, LanguageModel, LlmPart, Message, ToolSpec } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { importTransformers, locateModel, quietSession } from "../transformers_source.ts";
import { type ChatMessage, fitToContext, newestTurns, toChat } from "./chat.ts";
import { MarkedText } from "./marked_text.ts";

const options = z.object({
  /** A folder in Hugging Face layout, or a hub's name. */
  model: z.string(),
  revision: z.string().default("main"),
  dtype: z.enum(["fp32", "fp16", "q8", "q4", "q4f16"]).default("fp32"),
  threads: z.number().int().min(1).default(1),
  max_new_tokens: z.number().int().min(1).default(128),
  /** 0: always the likeliest token. */
  temperature: z.number().min(0).max(2).default(0),
  /** Turns the model is shown, the one to be answered among them; by default as many as it has room for. */
  max_turns: z.number().int().min(1).optional(),
  /** Tokens the model can read and write; by default what its configuration says. */
  context_tokens: z.number().int().min(64).optional(),
});

type Options = z.output<typeof options>;

/** The engine. */
export const transformers = defineEngine({
  task: "llm",
  options,
  runs: "worker",
  async load(settings): Promise<LanguageModel> {
    const library = await importTransformers();
    const { AutoModelForCausalLM, AutoTokenizer, env } = library;
    const { revision, dtype, threads } = settings;
    const id = await locateModel(settings.model, env);
    const [tokenizer, model] = await Promise.all([
      AutoTokenizer.from_pretrained(id, { revision }),
      AutoModelForCausalLM.from_pretrained(id, { revision, dtype, session_options: quietSession(threads) }),
    ]);
    const context = settings.context_tokens ?? model.config.max_position_embeddings ?? 2048;
    const template = (messages: readonly ChatMessage[], tools: readonly ToolSpec[]) =>
      tokenizer.apply_chat_template([...messages], {
        ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
        add_generation_prompt: true,
        return_dict: true,
      });
    const lengthOf = (messages: readonly ChatMessage[], tools: readonly ToolSpec[]) =>
      template(messages, tools).input_ids.dims[1] ?? 0;

    async function* generate(
      messages: readonly Message[],
      { signal, tools = [] }: CallOptions & { readonly tools?: readonly ToolSpec[] },
    ): AsyncIterable<LlmPart> {
      const room = context - settings.max_new_tokens;
      const chat = fitToContext(
        newestTurns(toChat(messages), settings.max_turns ?? Infinity),
        room,
        (some) => lengthOf(some, tools),
      );
      const inputs = template(chat, tools);
      const tokens = channel<bigint>({ capacity: Infinity, signal });
      const streamer = new library.TextStreamer(tokenizer, {
        skip_prompt: true,
        token_callback_function: (ids) => ids.forEach((id) => tokens.trySend(id)),
        callback_function: () => {}, // Its text comes a word late.
      });
      const running = model.generate({
        ...inputs,
        ...samplingOf(settings),
        streamer,
        stopping_criteria: stopOnAbort(library, signal),
      }).then(() => tokens.close(), (error: unknown) => tokens.close(error));
      try {
        const decode = (ids: bigint[]) => tokenizer.decode(ids, { skip_special_tokens: true });
        yield* partsOf(tokens, {
          decode,
          inputTokens: inputs.input_ids.dims[1] ?? 0,
          limit: settings.max_new_tokens,
        });
      } finally {
        await running;
      }
    }

    return { model: id, generate, [Symbol.asyncDispose]: async () => void await model.dispose() };
  },
});

function samplingOf({ max_new_tokens, temperature }: Options) {
  return { max_new_tokens, ...(temperature > 0 ? { do_sample: true, temperature } : { do_sample: false }) };
}

/** A criterion that stops generating before the next token once the signal is aborted. */
function stopOnAbort(
  { StoppingCriteria, StoppingCriteriaList }: typeof import("@huggingface/transformers"),
  signal: AbortSignal,
) {
  class Aborted extends StoppingCriteria {
    override _call(batch: number[][]): boolean[] {
      return batch.map(() => signal.aborted);
    }
  }
  const list = new StoppingCriteriaList();
  list.push(new Aborted());
  return list;
}

interface PartsOptions {
  readonly decode: (ids: bigint[]) => string;
  readonly inputTokens: number;
  /** A generation as long as this was cut off. */
  readonly limit: number;
}

async function* partsOf(
  tokens: AsyncIterable<bigint>,
  { decode, inputTokens, limit }: PartsOptions,
): AsyncIterable<LlmPart> {
  const marked = new MarkedText();
  const ids: bigint[] = [];
  let text = "";
  let calls = 0;
  const withIds = (parts: ReturnType<MarkedText["push"]>): LlmPart[] =>
    parts.map((part) =>
      part.type === "tool_call" ? { ...part, callId: `call_${++calls}_${shortId()}` } : part
    );
  for await (const token of tokens) {
    ids.push(token);
    const decoded = decode(ids);
    // The first bytes of a character that takes several tokens decode to U+FFFD until the last has come.
    if (decoded.endsWith("\uFFFD") || !decoded.startsWith(text)) continue;
    yield* withIds(marked.push(decoded.slice(text.length)));
    text = decoded;
  }
  yield* withIds(marked.end());
  const reason = calls > 0 ? "tool_calls" : ids.length >= limit ? "length" : "stop";
  yield { type: "end", reason, usage: { inputTokens, outputTokens: ids.length } };
}

function shortId(): string {
  return crypto.randomUUID().slice(0, 8);
}
