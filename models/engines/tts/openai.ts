/** Text-to-speech behind an OpenAI-compatible server: hosted ones, Kokoro-FastAPI, speaches, LocalAI. */
import { z } from "zod";
import type { CallOptions, SpeechChunk, TextToSpeech } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { apiKeyOf, apiKeyOptions } from "../remote/api_key.ts";
import { untilAborted } from "../remote/heard.ts";
import { post, toRemoteError, urlOf, withRetries } from "../remote/http.ts";
import { Patience } from "../remote/patience.ts";
import { PcmDecoder } from "../remote/pcm.ts";
import { SoundReader } from "../remote/sound_reader.ts";
import { findVoice, inChunks, isSpeakable } from "../remote/speech.ts";

const OPENAI_VOICES = ["alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"];

const options = z.strictObject({
  /** Where the server's API begins, such as "http://localhost:8880/v1". */
  base_url: z.url({ protocol: /^https?$/ }),
  /** The model's name there. */
  model: z.string().min(1),
  /** What the server calls its voices; the first speaks in calls that name none. */
  voices: z.array(z.string().min(1)).min(1).default(OPENAI_VOICES),
  /** The rate of the raw sound that the server sends. */
  sample_rate: z.number().int().min(8000).max(192_000).default(24_000),
  /** How much faster than usual it is to speak. Default: the server's own. */
  speed: z.number().min(0.25).max(4).optional(),
  ...apiKeyOptions,
  /** Longest wait for the next piece of sound; for the first, all tries together. */
  timeout_ms: z.number().min(100).default(30_000),
  /** Tries after the first, as long as nothing has sounded. */
  retries: z.number().int().min(0).max(10).default(2),
});

type Options = z.output<typeof options>;

/** The engine. */
export const openai = defineEngine({
  task: "tts",
  options,
  runs: "inline",
  async load(settings): Promise<TextToSpeech> {
    const remote = { settings, apiKey: await apiKeyOf(settings) };
    return {
      voices: settings.voices,
      sampleRateHz: settings.sample_rate,
      synthesize: (text, call) => untilAborted(synthesize(text, remote, call), call.signal),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

interface Remote {
  readonly settings: Options;
  readonly apiKey: string | undefined;
}

async function* synthesize(
  text: string,
  remote: Remote,
  { signal, voice = remote.settings.voices[0]! }: CallOptions & { readonly voice?: string },
): AsyncIterable<SpeechChunk> {
  const { voices, sample_rate, speed } = remote.settings;
  findVoice(voices, voice);
  if (!isSpeakable(text)) return;
  const decoder = new PcmDecoder({ widthBytes: 2, channels: 1 });
  const sound = async function* () {
    for await (const bytes of speak({ text, voice, remote }, signal)) yield decoder.push(bytes);
  };
  yield* inChunks(sound(), { text, sampleRateHz: sample_rate, ...(speed !== undefined && { speed }) });
}

interface Spoken {
  readonly text: string;
  readonly voice: string;
  readonly remote: Remote;
}

/** The raw sound as it comes. Nothing is tried again once some of it has been given. */
async function* speak({ text, voice, remote }: Spoken, callSignal: AbortSignal): AsyncIterable<Uint8Array> {
  const { settings, apiKey } = remote;
  const { base_url, model, speed, timeout_ms, retries } = settings;
  using patience = new Patience(timeout_ms);
  const signal = AbortSignal.any([callSignal, patience.signal]);
  const url = urlOf(base_url, "audio/speech");
  const body = { model, voice, input: text, response_format: "pcm", ...(speed !== undefined && { speed }) };
  const begin = async () => {
    const pieces = new SoundReader(await post({ url, apiKey, body, signal }), settings.sample_rate);
    return { pieces, first: await pieces.read() };
  };
  try {
    const { pieces, first } = await withRetries(begin, { retries, patience, signal });
    for (let piece = first; !piece.done; piece = await pieces.read()) {
      patience.rest();
      yield piece.value;
      patience.renew();
    }
  } catch (error) {
    callSignal.throwIfAborted();
    const server = { name: "speech server", section: "models.tts", settings };
    throw toRemoteError(error, { server, timedOut: patience.signal.aborted });
  }
}
