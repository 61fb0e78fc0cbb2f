/** Language models on this machine: any causal model with a chat template, loaded by transformers.js. */
import { z } from "zod";
import type { Tensor } from "@huggingface/transformers";
import { channel } from "../../../pipeline/channel.ts";
import type { CallOptions, LanguageModel, LlmPart, Message, ToolSpec } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { unlessAborted } from "../../unless_aborted.ts";
import {
  importTransformers,
  loadPretrained,
  locateModel,
  modelOptions,
  modelText,
} from "../transformers_source.ts";
import { type ChatMessage, fitToContext, inTurns, newestTurns, toChat, toolErrorOf } from "./chat.ts";
import { type KeptPrompt, KeptPrompts } from "./kept_prompts.ts";
import { type MarkedPart, MarkedText } from "./marked_text.ts";
import { plainWords } from "./plain_words.ts";
import { type DecodeTokens, TokenText } from "./token_text.ts";

const options = modelOptions.extend({
  max_new_tokens: z.number().int().min(1).default(128),
  /** 0: always the likeliest token. */
  temperature: z.number().min(0).max(2).default(0),
  /** Turns the model is shown, the one to be answered among them; by default as many as it has room for. */
  max_turns: z.number().int().min(1).optional(),
  /** Says the sentence of a tool's failure as it is, for models that were never trained on failures. */
  speak_tool_errors: z.boolean().default(false),
  /** What the user wrote is given as it would be spoken, for models that know no capitals, digits or marks. */
  plain_words: z.boolean().default(false),
  /**
   * Tokens the model can read and write; by default what its configuration says, but of older turns no more than
   * {@linkcode USUAL_CONTEXT_TOKENS} are shown.
   */
  context_tokens: z.number().int().min(64).optional(),
  /** Prompts of which is kept what was computed, so that a follow-up reads only what is new. 0: none. */
  kept_prompts: z.number().int().min(0).default(2),
  /** Whether the model writes calls of tools as Hermes and Qwen do; others are offered no tools. */
  tools: z.boolean().default(true),
  /** For templates that ask whether the model shall think before it answers. */
  thinking: z.boolean().optional(),
});

type Options = z.output<typeof options>;

/**
 * Models say 40,000 to 130,000, which nobody's memory holds: a token of Qwen3 0.6B's takes 0.23 MB, that of every kept
 * prompt beside those of the answer under way, and each new token is computed over all of them.
 */
const USUAL_CONTEXT_TOKENS = 4096;

/** The engine. */
export const transformers = defineEngine({
  task: "llm",
  options,
  runs: "worker",
  async load(settings): Promise<LanguageModel> {
    const library = await importTransformers(settings.device);
    const { AutoModelForCausalLM, AutoTokenizer, env } = library;
    const id = await locateModel(settings.model, env);
    const [tokenizer, template, model] = await Promise.all([
      AutoTokenizer.from_pretrained(id, { revision: settings.revision }),
      modelText(settings.model, "chat_template.jinja"),
      loadPretrained(settings, (options) => AutoModelForCausalLM.from_pretrained(id, options)),
    ]);
    // Newer models have it in a file of its own, which the library reads for those alone that see or hear.
    tokenizer.chat_template ??= template ?? null;
    if (!tokenizer.chat_template) {
      await model.dispose();
      throw withoutTemplate(settings.model);
    }
    return new LocalLanguageModel({ library, tokenizer, model, id, settings });
  },
});

type Library = typeof import("@huggingface/transformers");

interface Parts {
  readonly library: Library;
  readonly tokenizer: Awaited<ReturnType<Library["AutoTokenizer"]["from_pretrained"]>>;
  readonly model: Awaited<ReturnType<Library["AutoModelForCausalLM"]["from_pretrained"]>>;
  readonly id: string;
  readonly settings: Options;
}

class LocalLanguageModel implements LanguageModel {
  readonly model: string;
  readonly #parts: Parts;
  readonly #contextTokens: number;
  readonly #kept: KeptPrompts;
  /** Generations that nobody wants any more and that have not come to their end. */
  readonly #ending = new Set<Promise<void>>();

  constructor(parts: Parts) {
    const { id, settings, model } = parts;
    this.model = id;
    this.#parts = parts;
    this.#contextTokens = settings.context_tokens ?? model.config.max_position_embeddings ?? 2048;
    this.#kept = new KeptPrompts(settings.kept_prompts);
  }

  async *generate(
    messages: readonly Message[],
    { signal, tools = [] }: CallOptions & { readonly tools?: readonly ToolSpec[] },
  ): AsyncIterable<LlmPart> {
    const { settings, tokenizer } = this.#parts;
    const failure = settings.speak_tool_errors ? toolErrorOf(messages) : undefined;
    if (failure !== undefined) return yield* saying(failure);
    const inputs = this.#read(messages, settings.tools ? tools : []);
    const prompt: bigint[] = Array.from(inputs.input_ids.data);
    const limit = Math.min(settings.max_new_tokens, this.#contextTokens - prompt.length);
    if (limit < 1) throw tooLong(this.#contextTokens);
    // What they computed is the beginning of this one, more often than not.
    await unlessAborted(Promise.all(this.#ending), signal);
    const known = this.#kept.take(prompt);
    using generation = this.#start(inputs, { known, limit, signal });
    yield* partsOf(generation.tokens, {
      decode: (ids) => tokenizer.decode(ids, DECODING),
      thinking: /<think>\s*$/.test(tokenizer.decode(prompt.slice(-PROMPT_END))),
      inputTokens: prompt.length,
      cachedInputTokens: known?.tokens.length ?? 0,
      limit,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ending);
    await this.#kept.clear();
    await this.#parts.model.dispose();
  }

  /** The prompt's tokens: as many of the newest turns as there is room for. */
  #read(messages: readonly Message[], tools: readonly ToolSpec[]) {
    const { settings, tokenizer } = this.#parts;
    const render = (chat: readonly ChatMessage[]) =>
      tokenizer.apply_chat_template([...chat], {
        ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
        ...(settings.thinking !== undefined && { enable_thinking: settings.thinking }),
        add_generation_prompt: true,
        return_dict: true,
      });
    const template = (chat: readonly ChatMessage[]) => {
      if (!settings.tools) return render(inTurns(chat));
      try {
        return render(chat);
      } catch {
        return render(inTurns(chat));
      }
    };
    const lengthOf = (chat: readonly ChatMessage[]) => template(chat).input_ids.dims[1] ?? 0;
    const said = settings.plain_words ? messages.map(inPlainWords) : messages;
    const shown = newestTurns(toChat(said), settings.max_turns ?? Infinity);
    const most = settings.context_tokens ?? Math.min(this.#contextTokens, USUAL_CONTEXT_TOKENS);
    return template(fitToContext(shown, most - settings.max_new_tokens, lengthOf));
  }

  /** Generates until it is done, aborted or disposed of; what was computed is kept, whichever it is. */
  #start(
    inputs: { readonly input_ids: Tensor; readonly attention_mask?: Tensor },
    { known, limit, signal }: { known: KeptPrompt | undefined; limit: number; signal: AbortSignal },
  ): { readonly tokens: AsyncIterable<bigint> } & Disposable {
    const { library, model, tokenizer, settings } = this.#parts;
    const tokens = channel<bigint>({ capacity: Infinity, signal });
    const cache = known?.cache ?? new library.DynamicCache();
    let left = false;
    const running = model.generate({
      ...inputs,
      ...samplingOf(settings),
      max_new_tokens: limit,
      past_key_values: cache,
      streamer: new library.TextStreamer(tokenizer, {
        skip_prompt: true,
        token_callback_function: (ids) => ids.forEach((id) => tokens.trySend(id)),
        callback_function: () => {}, // Its text comes a word late.
      }),
      stopping_criteria: stopWhen(library, () => left || signal.aborted),
    }).then((sequences) => {
      this.#kept.keep(Array.from((sequences as Tensor).data, BigInt), cache);
      tokens.close();
    }, (error: unknown) => {
      cache.dispose();
      tokens.close(error);
    });
    const onEnd = () => {
      left = true;
      this.#ending.add(running);
      running.finally(() => this.#ending.delete(running));
    };
    signal.addEventListener("abort", onEnd, { once: true });
    return {
      tokens,
      [Symbol.dispose]() {
        signal.removeEventListener("abort", onEnd);
        onEnd();
      },
    };
  }
}

function inPlainWords(message: Message): Message {
  return message.role === "user" ? { ...message, content: plainWords(message.content) } : message;
}

function* saying(text: string): Iterable<LlmPart> {
  yield { type: "text", delta: text };
  yield { type: "end", reason: "stop", usage: { inputTokens: 0, outputTokens: 0 } };
}

const DECODING = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
/** Tokens at the end of a prompt among which a template may have opened a thought for the model. */
const PROMPT_END = 8;

function tooLong(context: number): ParleyError {
  return new ParleyError(
    "PAYLOAD_TOO_LARGE",
    `That is more than the ${context} tokens the language model can read: say less, or choose a larger model.`,
  );
}

function withoutTemplate(model: string): ParleyError {
  const name = model.replace(/\/+$/, "").split("/").at(-1);
  return new ParleyError(
    "MODEL_ERROR",
    `The language model "${name}" has no chat template: choose one that was tuned to converse.`,
    { recoverable: false },
  );
}

function samplingOf({ temperature }: Options) {
  return temperature > 0 ? { do_sample: true, temperature } : { do_sample: false };
}

/** A criterion that stops generating before the next token once `isOver` says so. */
function stopWhen(
  { StoppingCriteria, StoppingCriteriaList }: Library,
  isOver: () => boolean,
) {
  class Over extends StoppingCriteria {
    override _call(batch: number[][]): boolean[] {
      return batch.map(isOver);
    }
  }
  const list = new StoppingCriteriaList();
  list.push(new Over());
  return list;
}

interface PartsOptions {
  readonly decode: DecodeTokens;
  /** The prompt ends within a thought. */
  readonly thinking: boolean;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** A generation as long as this was cut off, unless a mark of its own ends it. */
  readonly limit: number;
}

async function* partsOf(
  tokens: AsyncIterable<bigint>,
  { decode, thinking, inputTokens, cachedInputTokens, limit }: PartsOptions,
): AsyncIterable<LlmPart> {
  const text = new TokenText(decode);
  const marked = new MarkedText({ thinking });
  let calls = 0;
  let outputTokens = 0;
  let newest: bigint | undefined;
  const withIds = (parts: readonly MarkedPart[]): LlmPart[] =>
    parts.map((part) =>
      part.type === "tool_call" ? { ...part, callId: `call_${++calls}_${shortId()}` } : part
    );
  for await (newest of tokens) {
    outputTokens++;
    yield* withIds(marked.push(text.push(newest)));
  }
  yield* withIds(marked.end());
  const cutOff = outputTokens >= limit && newest !== undefined && decode([newest]) !== "";
  const reason = calls > 0 ? "tool_calls" : cutOff ? "length" : "stop";
  yield { type: "end", reason, usage: { inputTokens, cachedInputTokens, outputTokens } };
}

function shortId(): string {
  return crypto.randomUUID().slice(0, 8);
}
