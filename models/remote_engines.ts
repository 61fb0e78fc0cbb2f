/** Engines in workers that look as if they were here. */
import type { AudioFrame } from "../pipeline/audio.ts";
import type { Engines } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";
import type { EngineWorker } from "./engine_worker.ts";

/** What makes an engine of a task from its worker. Disposing the engine disposes the worker. */
export const REMOTE_ENGINES: Readonly<{ [K in keyof Engines]: (worker: EngineWorker) => Engines[K] }> = {
  vad(worker) {
    let streams = 0;
    return {
      ...disposing(worker),
      open() {
        const stream = ++streams;
        return {
          async probability(frame, call) {
            const request = { verb: "probability", stream, frame: owned(frame) } as const;
            const [probability] = await Array.fromAsync(worker.call(request, call));
            if (probability !== undefined) return probability;
            throw new ParleyError("MODEL_ERROR", "The voice-activity engine gave no answer; try again");
          },
          [Symbol.dispose]: () => worker.closeStream(stream),
        };
      },
    };
  },
  turn: (worker) => ({
    ...disposing(worker),
    ...worker.facts.turn,
    async completion(speech, call) {
      const [probability] = await Array.fromAsync(worker.call({ verb: "completion", speech }, call));
      return probability;
    },
  }),
  stt: (worker) => ({
    ...disposing(worker),
    transcribe: (audio, { signal, ...options }) =>
      worker.call({ verb: "transcribe", ...options }, { signal, audio }),
  }),
  llm: (worker) => ({
    ...disposing(worker),
    model: worker.facts.llm!.model,
    generate: (messages, { signal, ...options }) =>
      worker.call({ verb: "generate", messages, ...options }, { signal }),
  }),
  tts: (worker) => ({
    ...disposing(worker),
    ...worker.facts.tts!,
    synthesize: (text, { signal, ...options }) =>
      worker.call({ verb: "synthesize", text, ...options }, { signal }),
  }),
};

function disposing(worker: EngineWorker): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() };
}

/** A view of a larger buffer would be sent with all of it. */
function owned(frame: AudioFrame): AudioFrame {
  const { samples } = frame;
  return samples.byteLength === samples.buffer.byteLength ? frame : { ...frame, samples: samples.slice() };
}
