/** Speech-to-text behind an OpenAI-compatible server: hosted ones, speaches, LocalAI, vLLM. */
import { z } from "zod";
import { type AudioFrame, concatSamples } from "../../../pipeline/audio.ts";
import {
  type CallOptions,
  LISTENING_RATE_HZ,
  type SpeechToText,
  type Transcript,
} from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { apiKeyOf, apiKeyOptions } from "../remote/api_key.ts";
import { heard, untilAborted, withoutRegion } from "../remote/heard.ts";
import { post, readText, toRemoteError, UnreadableError, urlOf, withRetries } from "../remote/http.ts";
import { Patience } from "../remote/patience.ts";
import { wavOf } from "../remote/pcm.ts";

const options = z.strictObject({
  /** Where the server's API begins, such as "http://localhost:8000/v1". */
  base_url: z.url({ protocol: /^https?$/ }),
  /** The model's name there. */
  model: z.string().min(1),
  /** Language of calls that name none, such as "en". Default: the server finds out. */
  language: z.string().min(1).optional(),
  ...apiKeyOptions,
  /** Longest wait for the text, all tries together. */
  timeout_ms: z.number().min(100).default(30_000),
  /** Tries after the first. */
  retries: z.number().int().min(0).max(10).default(2),
});

type Options = z.output<typeof options>;

/** OpenAI's own server refuses shorter sound, such as that of a key that was pressed by mistake. */
const SHORTEST_SAMPLES = LISTENING_RATE_HZ / 10;

const answer = z.object({ text: z.string() });
const MAX_ANSWER_BYTES = 2 ** 20;

/** The engine. */
export const openai = defineEngine({
  task: "stt",
  options,
  runs: "inline",
  async load(settings): Promise<SpeechToText> {
    const remote = { settings, apiKey: await apiKeyOf(settings) };
    return {
      transcribe: (audio, call) => untilAborted(transcribe(audio, remote, call), call.signal),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

interface Remote {
  readonly settings: Options;
  readonly apiKey: string | undefined;
}

/** The whole utterance is sent at its end: there is nothing to tell before. */
async function* transcribe(
  audio: AsyncIterable<AudioFrame>,
  remote: Remote,
  { signal, language = remote.settings.language }: CallOptions & { readonly language?: string },
): AsyncIterable<Transcript> {
  const frames = await Array.fromAsync(heard(audio, signal));
  const samples = concatSamples(frames.map((frame) => frame.samples));
  const text = samples.length < SHORTEST_SAMPLES
    ? ""
    : await recognise(samples, remote, { signal, language });
  const audioMs = samples.length * 1000 / LISTENING_RATE_HZ;
  yield { text, stableChars: text.length, final: true, audioMs };
}

async function recognise(
  samples: Float32Array,
  { settings, apiKey }: Remote,
  call: CallOptions & { readonly language: string | undefined },
): Promise<string> {
  const { base_url, model, timeout_ms, retries } = settings;
  using patience = new Patience(timeout_ms);
  const signal = AbortSignal.any([call.signal, patience.signal]);
  const body = new FormData();
  body.set("file", new Blob([wavOf(samples, LISTENING_RATE_HZ)], { type: "audio/wav" }), "utterance.wav");
  body.set("model", model);
  body.set("response_format", "json");
  const language = withoutRegion(call.language);
  if (language !== undefined) body.set("language", language);
  const url = urlOf(base_url, "audio/transcriptions");
  try {
    return await withRetries(
      async () => textOf(await readText(await post({ url, apiKey, body, signal }), MAX_ANSWER_BYTES)),
      { retries, patience, signal },
    );
  } catch (error) {
    call.signal.throwIfAborted();
    const server = { name: "speech recognition server", section: "models.stt", settings };
    throw toRemoteError(error, { server, timedOut: patience.signal.aborted });
  }
}

function textOf(json: string): string {
  try {
    return answer.parse(JSON.parse(json)).text.trim();
  } catch (cause) {
    throw new UnreadableError("no transcription", { cause });
  }
}
