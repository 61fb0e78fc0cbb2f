/** Asking, in each pause, whether the user has finished or only thinks. */
import { type AudioFrame, concatSamples } from "./audio.ts";
import { type EnginePool, LISTENING_RATE_HZ } from "./engines.ts";

/** What a detector is given at most: none of those there are looks further back. */
export const DETECTION_MS = 8000;
/** From here on what was said is complete, as the makers of Smart Turn have it. */
const COMPLETE = 0.5;

/** What {@linkcode TurnDetection} works with. */
export interface TurnDetectionOptions {
  readonly engines: EnginePool;
  /** The session's. */
  readonly signal: AbortSignal;
}

/** One pause at a time. Never throws: without an opinion silence alone decides. */
export class TurnDetection {
  readonly #options: TurnDetectionOptions;
  #pause: AbortController | undefined;
  #opinion: "complete" | "incomplete" | undefined;

  constructor(options: TurnDetectionOptions) {
    this.#options = options;
  }

  /** The voice fell silent after these frames. */
  paused(frames: readonly AudioFrame[]): void {
    this.over();
    const pause = this.#pause = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, pause.signal]);
    this.#ask(newest(frames), signal).then((probability) => {
      if (pause.signal.aborted || probability === undefined) return;
      this.#opinion = probability >= COMPLETE ? "complete" : "incomplete";
    }, () => {});
  }

  /** The pause is over, however it ended. */
  over(): void {
    this.#pause?.abort();
    this.#pause = undefined;
    this.#opinion = undefined;
  }

  /** What is thought of the pause by now; told once. */
  take(): "complete" | "incomplete" | undefined {
    const opinion = this.#opinion;
    this.#opinion = undefined;
    return opinion;
  }

  async #ask(audio: Float32Array, signal: AbortSignal): Promise<number | undefined> {
    using engines = this.#options.engines.lease();
    return await engines.turn.completion(audio, { signal });
  }
}

function newest(frames: readonly AudioFrame[]): Float32Array {
  const samples = DETECTION_MS * LISTENING_RATE_HZ / 1000;
  return concatSamples(frames.map((frame) => frame.samples)).slice(-samples);
}
