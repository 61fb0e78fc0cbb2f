/** Engines that stand in for one another: when one fails or is too slow, the next takes the turn. */
import type {
  CallOptions,
  Engines,
  LanguageModel,
  SpeechChunk,
  SpeechToText,
  Task,
  TextToSpeech,
  Transcript,
} from "../../pipeline/engines.ts";
import { ParleyError, toParleyError } from "../../pipeline/errors.ts";
import { askable, type ChainOptions, type Link } from "./breaker.ts";
import { firstAnswer, tooSlow } from "./first_answer.ts";
import { ReplayedAudio } from "./replayed_audio.ts";

/** What makes one engine of a chain of them. What listens is always local and has no stand-in. */
export const CHAINS: {
  readonly [K in Exclude<Task, "vad" | "turn">]: (
    links: readonly [Link<Engines[K]>, ...Link<Engines[K]>[]],
    options: ChainOptions,
  ) => Engines[K];
} = {
  llm(links, options): LanguageModel {
    return {
      ...disposing(links),
      model: links[0].engine.model,
      generate: (messages, { signal, ...call }) =>
        firstAnswer(links, (llm, own) => llm.generate(messages, { ...call, signal: own }), {
          ...options,
          signal,
        }),
    };
  },
  stt(links, options): SpeechToText {
    return {
      ...disposing(links),
      transcribe: (audio, call) => transcribeInTurn(links, new ReplayedAudio(audio), { ...options, ...call }),
    };
  },
  tts(links, options): TextToSpeech {
    const { voices, sampleRateHz } = links[0].engine;
    return {
      ...disposing(links),
      voices,
      sampleRateHz,
      synthesize(text, { signal, voice }) {
        if (voice !== undefined && !voices.includes(voice)) throw unknownVoice(voice, voices);
        const start = (tts: TextToSpeech, own: AbortSignal) =>
          atRate(
            tts.synthesize(text, {
              signal: own,
              // Who stands in speaks with its own voice.
              ...(voice !== undefined && tts.voices.includes(voice) && { voice }),
            }),
            { fromHz: tts.sampleRateHz, toHz: sampleRateHz },
          );
        return firstAnswer(links, start, { ...options, signal });
      },
    };
  },
};

function disposing(links: readonly Link<AsyncDisposable>[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(links.map(({ engine }) => engine[Symbol.asyncDispose]()));
    },
  };
}

function unknownVoice(voice: string, voices: readonly string[]): ParleyError {
  return new ParleyError("NOT_FOUND", `There is no voice "${voice}"; choose one of: ${voices.join(", ")}`);
}

/** The speech at the rate that the loudspeaker was opened with. */
async function* atRate(
  chunks: AsyncIterable<SpeechChunk>,
  { fromHz, toHz }: { readonly fromHz: number; readonly toHz: number },
): AsyncIterable<SpeechChunk> {
  if (fromHz === toHz) return yield* chunks;
  const { createResampler } = await import("../resample.ts"); // Hardly ever needed.
  using resampler = await createResampler(fromHz, toHz);
  let last: SpeechChunk | undefined;
  for await (const chunk of chunks) {
    last = {
      ...chunk,
      frame: { ...chunk.frame, samples: resampler.push(chunk.frame.samples), sampleRateHz: toHz },
    };
    yield last;
  }
  if (last) yield { ...last, frame: { ...last.frame, samples: resampler.end() } };
}

/**
 * Transcripts replace one another, so that here an engine may be left at any time: the next hears the utterance
 * from its beginning. Too slow is one that has no final transcript within the patience after the audio's end.
 */
async function* transcribeInTurn(
  links: readonly Link<SpeechToText>[],
  audio: ReplayedAudio,
  { signal, patienceMs, now, onFailure, ...call }: ChainOptions & CallOptions & {
    readonly language?: string;
  },
): AsyncIterable<Transcript> {
  const asked = askable(links, now());
  for (const [index, link] of asked.entries()) {
    const last = index === asked.length - 1;
    const leaving = new AbortController();
    const own = AbortSignal.any([signal, leaving.signal]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    audio.ended.then(() => {
      if (!last && !over) timer = setTimeout(() => leaving.abort(tooSlow()), patienceMs);
    });
    try {
      yield* link.engine.transcribe(audio.replay(own), { ...call, signal: own });
      link.succeeded();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (audio.isBroken) throw error;
      link.failed(now());
      if (last) throw error;
      onFailure(link.name, toParleyError(error, "MODEL_ERROR"));
    } finally {
      over = true;
      clearTimeout(timer);
      leaving.abort();
    }
  }
}
