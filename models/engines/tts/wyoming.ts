/** Text-to-speech on a Wyoming server: Piper and others, here or on another machine. */
import { z } from "zod";
import type { CallOptions, SpeechChunk, TextToSpeech } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { untilAborted } from "../remote/heard.ts";
import { PcmDecoder } from "../remote/pcm.ts";
import { findVoice, inChunks, isSpeakable } from "../remote/speech.ts";
import { addressOptions, describe, placeOf, WyomingConnection } from "../remote/wyoming.ts";

const options = z.strictObject({
  ...addressOptions(10_200),
  /** The voice of calls that name none. Default: the server's own choice. */
  voice: z.string().min(1).optional(),
});

type Options = z.output<typeof options>;

/** The name of the server's own choice, where it has several voices and the settings name none. */
const SERVERS_CHOICE = "default";
/** Spoken once, unheard, to learn the sample rate. */
const SHORT_WORD = "Hello.";

/** The engine. */
export const wyoming = defineEngine({
  task: "tts",
  options,
  runs: "inline",
  async load(settings, call): Promise<TextToSpeech> {
    const { tts } = await describe(settings, call);
    if (!tts?.length) {
      throw lasting(settings, "offers no text-to-speech: set host and port to one that does.");
    }
    const known = new Set(tts.flatMap(({ voices }) => voices ?? []).map(({ name }) => name));
    if (known.size === 0 && settings.voice !== undefined) known.add(settings.voice);
    const speaker = new Speaker(settings, voicesOf(known, settings.voice), known);
    await speaker.learnSampleRate(call);
    return speaker;
  },
});

/** The voices, the default one first. */
function voicesOf(known: ReadonlySet<string>, chosen: string | undefined): readonly string[] {
  if (chosen !== undefined) return [findVoice([...known], chosen), ...known].filter(isFirst);
  return known.size === 1 ? [...known] : [SERVERS_CHOICE, ...known].filter(isFirst);
}

function isFirst<T>(item: T, index: number, items: readonly T[]): boolean {
  return items.indexOf(item) === index;
}

class Speaker implements TextToSpeech {
  readonly voices: readonly string[];
  readonly #settings: Options;
  /** What the server itself calls its voices. */
  readonly #known: ReadonlySet<string>;
  #sampleRateHz: number | undefined;

  constructor(settings: Options, voices: readonly string[], known: ReadonlySet<string>) {
    this.#settings = settings;
    this.voices = voices;
    this.#known = known;
  }

  get sampleRateHz(): number {
    return this.#sampleRateHz!;
  }

  /** Has a word spoken, which also loads the voice. `MODEL_ERROR` where nothing sounds. */
  async learnSampleRate({ signal }: CallOptions): Promise<void> {
    let samples = 0;
    for await (const sound of this.#sound(SHORT_WORD, this.voices[0]!, signal)) samples += sound.length;
    if (samples === 0) throw lasting(this.#settings, "gives no sound: see what it logged.");
  }

  synthesize(text: string, call: CallOptions & { readonly voice?: string }): AsyncIterable<SpeechChunk> {
    return untilAborted(this.#synthesize(text, call), call.signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async *#synthesize(
    text: string,
    { signal, voice = this.voices[0]! }: CallOptions & { readonly voice?: string },
  ): AsyncIterable<SpeechChunk> {
    findVoice(this.voices, voice);
    if (!isSpeakable(text)) return;
    yield* inChunks(this.#sound(text, voice, signal), { text, sampleRateHz: this.sampleRateHz });
  }

  async *#sound(text: string, voice: string, signal: AbortSignal): AsyncIterable<Float32Array> {
    using server = await WyomingConnection.open(this.#settings, { signal });
    await server.send("synthesize", { text, ...(this.#known.has(voice) && { voice: { name: voice } }) });
    let decoder: PcmDecoder | undefined;
    let format: string | undefined;
    while (true) {
      const message = await server.receive();
      if (message.type === "audio-stop") return;
      if (message.type !== "audio-start" && message.type !== "audio-chunk") continue;
      const { rate, width, channels } = message.data;
      this.#checkRate(rate, voice);
      const itsFormat = `${width} ${channels}`;
      if (itsFormat !== format) {
        decoder = new PcmDecoder({ widthBytes: width, channels });
        format = itsFormat;
      }
      if (message.type === "audio-chunk") yield decoder!.push(message.payload);
    }
  }

  #checkRate(rateHz: number, voice: string): void {
    this.#sampleRateHz ??= rateHz;
    if (rateHz === this.#sampleRateHz) return;
    const told =
      `The voice "${voice}" speaks at ${rateHz} Hz and the default one at ${this.#sampleRateHz} Hz`;
    throw new ParleyError("MODEL_ERROR", `${told}: name it in models.tts.voice to use it.`, {
      recoverable: false,
    });
  }
}

function lasting(settings: Options, problem: string): ParleyError {
  const message = `The Wyoming server at ${placeOf(settings)} ${problem}`;
  return new ParleyError("MODEL_ERROR", message, { recoverable: false });
}
