/** Whisper on a stretch of up to 30 s: prompt, language, words and their times. */
import type {
  PreTrainedTokenizer,
  Processor,
  Tensor,
  WhisperForConditionalGeneration,
} from "@huggingface/transformers";
import { z } from "zod";
import { LISTENING_RATE_HZ } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import type { HeardWord, Reading } from "./growing_window.ts";
import { demand, guardDecoding, type Library, withoutLoop } from "./guarded_decoding.ts";
import { afterSpace, wordsOf } from "./spoken_words.ts";
import { whisperFeatures } from "./whisper_features.ts";

/** What of a Whisper model's generation_config.json reading needs. */
const generationConfig = z.object({
  decoder_start_token_id: z.number(),
  eos_token_id: z.union([z.number(), z.array(z.number()).min(1).transform(([first]) => first!)]),
  no_timestamps_token_id: z.number(),
  is_multilingual: z.boolean().nullish(),
  lang_to_id: z.record(z.string(), z.number()).nullish(),
  task_to_id: z.record(z.string(), z.number()).nullish(),
  begin_suppress_tokens: z.array(z.number()).nullish(),
  alignment_heads: z.array(z.tuple([z.number(), z.number()])).nullish(),
});

/** A loaded model. */
export interface WhisperParts {
  readonly library: Library;
  readonly model: WhisperForConditionalGeneration;
  readonly processor: Processor;
  readonly tokenizer: PreTrainedTokenizer;
}

/** How one stretch is read. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  /** As {@linkcode WhisperReader.languageOf} gives it; found out where it is not given. */
  readonly language: string | undefined;
}

/** Nobody says more in a second; whatever is longer is made up. */
const TOKENS_PER_SECOND = 8;
const MORE_TOKENS = 16;
/** The encoder's frame. */
const FRAME_MS = 20;
const SAMPLES_PER_FRAME = FRAME_MS * LISTENING_RATE_HZ / 1000;
/** The prompt of a model of many languages: start, language, task, no timestamps. */
const PROMPT_LENGTH = 4;

/** Reads stretches of speech. Has no memory: calls may overlap. */
export class WhisperReader {
  readonly #parts: WhisperParts;
  readonly #config: z.output<typeof generationConfig>;
  /** Token by language, such as `en`; undefined where the model knows one language only. */
  readonly #languages: ReadonlyMap<string, number> | undefined;
  readonly #givesTimes: boolean;

  /** Throws `MODEL_ERROR` where the model's configuration is not Whisper's. */
  constructor(parts: WhisperParts) {
    this.#parts = parts;
    const parsed = generationConfig.safeParse(parts.model.generation_config);
    if (!parsed.success) {
      const message = "The model's generation_config.json is not Whisper's: choose another model.";
      throw new ParleyError("MODEL_ERROR", message, { cause: parsed.error, recoverable: false });
    }
    this.#config = parsed.data;
    const { is_multilingual, lang_to_id, task_to_id } = this.#config;
    if (is_multilingual !== false && lang_to_id && task_to_id?.["transcribe"] !== undefined) {
      this.#languages = new Map(
        Object.entries(lang_to_id).map(([token, id]) => [token.replaceAll(/[<|>]/g, ""), id]),
      );
    }
    const outputs: readonly string[] = parts.model.sessions["decoder_model_merged"]?.outputNames ?? [];
    this.#givesTimes = Boolean(this.#config.alignment_heads?.length) &&
      outputs.some((name) => name.startsWith("cross_attentions"));
  }

  /**
   * The model's name of a language tag such as "de-AT". Undefined where there is nothing to choose. Throws
   * `VALIDATION_ERROR` where the model does not know it.
   */
  languageOf(tag: string | undefined): string | undefined {
    if (tag === undefined || !this.#languages) return undefined;
    const language = tag.toLowerCase().split(/[-_]/)[0]!;
    if (this.#languages.has(language)) return language;
    const known = [...this.#languages.keys()].join(", ");
    throw new ParleyError(
      "VALIDATION_ERROR",
      `The model does not know the language "${tag}", but: ${known}`,
      {
        recoverable: false,
      },
    );
  }

  /** Reads audio at 16 kHz. Rejects with the signal's reason soon after it has aborted. */
  async read(samples: Float32Array, { signal, language }: ReadOptions): Promise<Reading> {
    const { library, model, processor } = this.#parts;
    const prompt = this.#prompt(language);
    const detects = this.#languages !== undefined && language === undefined;
    const promptLength = detects ? PROMPT_LENGTH : prompt.length;
    const guard = guardDecoding(library, {
      signal,
      promptLength,
      endId: this.#config.eos_token_id,
      ...(detects && { adjust: (scores, length) => this.#askLanguage(scores, length) }),
    });
    const inputs = await whisperFeatures(library, processor, samples);
    signal.throwIfAborted();
    const seconds = samples.length / LISTENING_RATE_HZ;
    const output = await model.generate(
      {
        inputs,
        ...guard.parameters,
        decoder_input_ids: prompt,
        max_new_tokens: promptLength - prompt.length + Math.ceil(TOKENS_PER_SECOND * seconds) + MORE_TOKENS,
        return_dict_in_generate: true,
        output_attentions: this.#givesTimes,
      } as Parameters<typeof model.generate>[0],
    ) as unknown as Generated;
    await output.past_key_values.dispose();
    signal.throwIfAborted();
    const ids = (output.sequences.tolist() as bigint[][])[0]!.map(Number);
    const starts = this.#givesTimes ? this.#startTimes(output, samples, promptLength) : undefined;
    const found = detects ? this.#languageNamed(ids[1]!) : language;
    return {
      words: this.#words(ids.slice(promptLength), starts?.slice(promptLength - 1)),
      confidence: guard.confidence(),
      ...(found !== undefined && { language: found }),
    };
  }

  /** What is given to the decoder; where the language is not known, it writes the rest of the prompt itself. */
  #prompt(language: string | undefined): number[] {
    const { decoder_start_token_id: start, no_timestamps_token_id: noTimestamps, task_to_id } = this.#config;
    if (!this.#languages) return [start, noTimestamps];
    if (language === undefined) return [start];
    return [start, this.#languages.get(language)!, task_to_id!["transcribe"]!, noTimestamps];
  }

  /** Lets only a language follow the start, then only the rest of the prompt, which models are told never to write. */
  #askLanguage(scores: Float32Array, length: number): void {
    const { task_to_id, no_timestamps_token_id, begin_suppress_tokens } = this.#config;
    if (length === 1) keepOnly(scores, [...this.#languages!.values()]);
    if (length === 2) demand(scores, task_to_id!["transcribe"]!);
    if (length === 3) demand(scores, no_timestamps_token_id);
    if (length === PROMPT_LENGTH) { for (const id of begin_suppress_tokens ?? []) scores[id] = -Infinity; }
  }

  #languageNamed(id: number): string | undefined {
    return [...this.#languages!].find(([, token]) => token === id)?.[0];
  }

  /**
   * In milliseconds, when the token after each of the sequence begins: from what the decoder looked at while it was to
   * write that token, as OpenAI's whisper/timing.py has it.
   */
  #startTimes(output: Generated, samples: Float32Array, promptLength: number): number[] {
    const frames = Math.ceil(samples.length / SAMPLES_PER_FRAME);
    const heads = this.#config.alignment_heads!;
    // The last token of the prompt is where the first word is looked for.
    const { data } = this.#parts.model._extract_token_timestamps(
      output,
      heads,
      frames,
      FRAME_MS / 1000,
      promptLength - 1,
    );
    return Array.from(data as Float32Array, (seconds) => Math.round(seconds * 1000 / FRAME_MS) * FRAME_MS);
  }

  /** `starts[i]` is when the i-th token begins and the one before it ends. */
  #words(written: readonly number[], starts: readonly number[] | undefined): HeardWord[] {
    // Text comes first in Whisper's vocabulary, then the end, and marks of all kinds.
    const marks = this.#config.eos_token_id;
    const places = written.flatMap((id, place) => id < marks ? [place] : []);
    const ids = withoutLoop(places.map((place) => written[place]!));
    const ends = this.#textEnds(ids);
    const text = this.#decode(ids);
    const spaced = afterSpace(text);
    const shift = spaced.length - text.trimEnd().length;
    let [token, end] = [0, 0];
    return wordsOf(spaced).map((word) => {
      end += word.length;
      const first = token;
      while (token < ids.length - 1 && ends[token]! + shift < end) token++;
      const last = token;
      if (ends[token]! + shift <= end) token = Math.min(token + 1, ids.length - 1);
      if (!starts) return { text: word };
      const [startMs, endMs] = [starts[places[first]!]!, starts[places[last]! + 1]!];
      return { text: word, startMs, endMs: Math.max(startMs, endMs) };
    });
  }

  /** Where in the text each token ends; one that is but a part of a character ends where the character does. */
  #textEnds(ids: readonly number[]): number[] {
    const ends: number[] = [];
    let end = 0;
    let pending: number[] = [];
    for (const id of ids) {
      pending.push(id);
      const text = this.#decode(pending);
      if (text.includes("\uFFFD") && pending.length < MOST_TOKENS_A_CHARACTER) continue;
      end += text.length;
      for (const _ of pending) ends.push(end);
      pending = [];
    }
    for (const _ of pending) ends.push(end);
    return ends;
  }

  #decode(ids: readonly number[]): string {
    if (ids.length === 0) return "";
    return this.#parts.tokenizer.decode([...ids], {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
  }
}

/** UTF-8 has no longer ones. */
const MOST_TOKENS_A_CHARACTER = 4;

/** What `generate` gives when it is asked for more than the tokens. */
interface Generated {
  readonly sequences: Tensor;
  readonly cross_attentions: Tensor[][];
  readonly past_key_values: { dispose(): Promise<void> };
}

function keepOnly(scores: Float32Array, ids: readonly number[]): void {
  const kept = ids.map((id) => [id, scores[id]!] as const);
  scores.fill(-Infinity);
  for (const [id, score] of kept) scores[id] = score;
}
