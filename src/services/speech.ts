/** `POST /v1/audio/speech` */
import { z } from "zod";
import { samplesToPcm16, UNKNOWN_LENGTH, wavHeader } from "../../pipeline/audio.ts";
import type { TextToSpeech } from "../../pipeline/engines.ts";
import { sentences } from "../../pipeline/stages/sentences.ts";
import { createResampler } from "../../models/resample.ts";
import { readJson } from "./body.ts";
import { type Endpoint, eventStream } from "./call.ts";
import { invalid } from "./errors.ts";
import { engineFor } from "./models.ts";

const MAX_BODY_BYTES = 1_000_000;
/** The rate of sound without a header, which OpenAI's clients take for granted. */
const PCM_RATE_HZ = 24_000;
/** Whatever voice the engine speaks with when none is named. */
const DEFAULT_VOICE = "default";

/** `instructions` and whatever else OpenAI knows say nothing to these engines and are passed over. */
const schema = z.object({
  model: z.string(),
  input: z.string().max(4096).refine((text) => /[\p{L}\p{N}]/u.test(text), "there is nothing in it to say"),
  voice: z.string(),
  response_format: z.enum(["wav", "pcm"], { error: 'must be "wav" or "pcm": others are not made here' })
    .default("wav"),
  speed: z.literal(1, { error: "must be 1 or absent: the voices have one speed" }).optional(),
  stream_format: z.enum(["audio", "sse"]).default("audio"),
});

/** Answers a text spoken, sent sentence by sentence as it is synthesised. */
export const speech: Endpoint = async ({ request, signal, patienceMs, engines }) => {
  const asked = await readJson(request, schema, { signal, patienceMs, maxBytes: MAX_BODY_BYTES });
  const tts = engineFor("tts", asked.model, engines);
  const voice = voiceOf(asked.voice, tts);
  const sound = synthesize(asked.input, {
    tts,
    signal,
    isWav: asked.response_format === "wav",
    ...(voice !== undefined && { voice }),
  });
  if (asked.stream_format === "sse") return eventStream(toEvents(sound));
  return { contentType: asked.response_format === "wav" ? "audio/wav" : "audio/pcm", pieces: sound };
};

function voiceOf(voice: string, { voices }: TextToSpeech): string | undefined {
  if (voice === DEFAULT_VOICE) return undefined;
  if (voices.includes(voice)) return voice;
  const known = [...voices, DEFAULT_VOICE].map((name) => `"${name}"`).join(", ");
  throw invalid(`voice: there is no "${voice}"; choose one of: ${known}.`, { param: "voice" });
}

interface SpeakOptions {
  readonly tts: TextToSpeech;
  readonly voice?: string;
  readonly signal: AbortSignal;
  /** With a header, at the engine's own rate; else at {@linkcode PCM_RATE_HZ}. */
  readonly isWav: boolean;
}

async function* synthesize(
  text: string,
  { tts, voice, signal, isWav }: SpeakOptions,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  const rateHz = isWav ? tts.sampleRateHz : PCM_RATE_HZ;
  using resampler = await createResampler(tts.sampleRateHz, rateHz);
  const call = { signal, ...(voice !== undefined && { voice }) };
  let began = false;
  for await (const sentence of sentences(only(text))) {
    for await (const { frame } of tts.synthesize(sentence, call)) {
      // Not before there is sound: until then a failure can still be answered as one.
      if (!began && isWav) yield wavHeader(rateHz, UNKNOWN_LENGTH);
      began = true;
      const pcm = samplesToPcm16(resampler.push(frame.samples));
      if (pcm.length > 0) yield pcm;
    }
  }
  const rest = samplesToPcm16(resampler.end());
  if (rest.length > 0) yield rest;
}

async function* toEvents(sound: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncIterable<object> {
  for await (const bytes of sound) yield { type: "speech.audio.delta", audio: bytes.toBase64() };
  // No model of tokens has worked for it.
  yield { type: "speech.audio.done", usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 } };
}

async function* only(text: string): AsyncIterable<string> {
  yield await Promise.resolve(text);
}
