/** Asking, in each pause, whether the user has finished or only thinks. */
import { type AudioFrame, concatSamples } from "./audio.ts";
import { type EnginePool, LISTENING_RATE_HZ, type PausedSpeech } from "./engines.ts";

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

/** What has been understood of an utterance, and until when, on the session's clock, that takes account of it. */
export interface Understood {
  readonly text: string;
  readonly untilMs: number;
}

/** What a detector thinks of a pause. */
export interface TurnOpinion {
  /** `unsure`: it thought otherwise of fewer words, and leaves these to the length of the silence. */
  readonly verdict: "complete" | "incomplete" | "unsure";
  /** Probability, 0…1, that what was said is complete; absent where it is unsure. */
  readonly completion?: number;
}

/** A pause that goes on. */
interface Pause {
  readonly audio: Float32Array;
  readonly speechEndMs: number;
  /** What it was asked about last. */
  asked?: PausedSpeech;
}

/** One pause at a time. Never throws: without an opinion silence alone decides. */
export class TurnDetection {
  readonly #options: TurnDetectionOptions;
  #pause: Pause | undefined;
  #call: AbortController | undefined;
  #understood: Understood | undefined;
  #opinion: TurnOpinion | undefined;

  constructor(options: TurnDetectionOptions) {
    this.#options = options;
  }

  /** The voice, heard in these frames, fell silent at `speechEndMs`. */
  paused(frames: readonly AudioFrame[], speechEndMs: number): void {
    this.over();
    this.#pause = { audio: newest(frames), speechEndMs };
    this.#consider();
  }

  /** More was understood of what is being said, or was before the pause. */
  understood(understood: Understood): void {
    this.#understood = understood;
    this.#consider();
  }

  /** The pause is over, however it ended. */
  over(): void {
    this.#call?.abort();
    this.#pause = undefined;
    this.#opinion = undefined;
  }

  /** What is thought of the pause by now; told once. */
  take(): TurnOpinion | undefined {
    const opinion = this.#opinion;
    this.#opinion = undefined;
    return opinion;
  }

  /** Asks what is worth asking: the sound once, words whenever they are others. */
  #consider(): void {
    const pause = this.#pause;
    if (!pause) return;
    const { readsWords = false } = this.#options.engines.current.turn;
    const text = this.#textOf(pause);
    // Without the last word, "set a timer for" may be all of "set a timer for ten minutes" that is known.
    if (readsWords ? text === undefined || text === pause.asked?.text : pause.asked) return;
    pause.asked = { audio: pause.audio, ...(text !== undefined && { text }) };
    this.#call?.abort();
    const call = this.#call = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, call.signal]);
    this.#ask(pause.asked, signal).then((completion) => {
      if (!call.signal.aborted) this.#opinion = opinionOf(completion);
    }, () => {});
  }

  #textOf({ speechEndMs }: Pause): string | undefined {
    const known = this.#understood;
    return known && known.untilMs >= speechEndMs ? known.text.trim() : undefined;
  }

  async #ask(speech: PausedSpeech, signal: AbortSignal): Promise<number | undefined> {
    using engines = this.#options.engines.lease();
    return await engines.turn.completion(speech, { signal });
  }
}

function opinionOf(completion: number | undefined): TurnOpinion {
  if (completion === undefined) return { verdict: "unsure" };
  return { verdict: completion >= COMPLETE ? "complete" : "incomplete", completion };
}

function newest(frames: readonly AudioFrame[]): Float32Array {
  const samples = DETECTION_MS * LISTENING_RATE_HZ / 1000;
  return concatSamples(frames.map((frame) => frame.samples)).slice(-samples);
}
