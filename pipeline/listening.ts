/** Microphone → voice activity → endpointing: lives as long as the session, whatever happens to turns. */
import { type AudioFrame, durationMs, type Microphone, reframe } from "./audio.ts";
import { Endpointing, type EndpointingEvent, type EndpointingSettings } from "./endpointing.ts";
import {
  type EnginePool,
  LISTENING_RATE_HZ,
  VAD_FRAME_SAMPLES,
  type VoiceActivityStream,
} from "./engines.ts";
import { type ParleyError, toParleyError } from "./errors.ts";
import { DETECTION_MS, TurnDetection, type Understood } from "./turn_detection.ts";

/** What is heard, in order: every frame while listening, and what endpointing decides from it, just after it. */
export type ListeningEvent =
  | { readonly type: "frame"; readonly frame: AudioFrame }
  | { readonly type: "vad_error"; readonly error: ParleyError }
  /** How complete a detector takes what was said before the pause to be, 0…1. */
  | { readonly type: "judged"; readonly completion: number }
  | EndpointingEvent;

/** What {@linkcode Listening} works with. */
export interface ListeningOptions {
  readonly microphone: Microphone;
  readonly engines: EnginePool;
  readonly settings: EndpointingSettings;
  readonly signal: AbortSignal;
}

/** Sound kept from before speech is noticed, so that its first consonant is not lost. */
const PRE_ROLL_MS = 300;

/**
 * A recurrent detector grows deaf in long silence: Silero v5 gives the first frame of the same word 0.88 after
 * 0.6 s of it and 0.53 after 9.6 s. So it begins afresh now and then while there is certainly nothing to hear.
 */
const FRESH_MS = 2000;
const CERTAINLY_SILENT = 0.1;

/** One microphone being listened to. Set {@linkcode Listening.active} and {@linkcode Listening.muted} at any time. */
export class Listening {
  /** While false nothing is analysed or yielded; only the last moments are kept. */
  active = false;
  /** Whether pauses end turns, so that a detector is asked about them; not where somebody holds a button. */
  endsTurns = false;
  /** While true everything heard is silence. */
  muted = false;
  readonly #options: ListeningOptions;
  readonly #endpointing: Endpointing;
  readonly #detection: TurnDetection;
  #minSpeechMs: number;
  /** The newest frames: pre-roll, and what it takes to notice speech. */
  #recent: AudioFrame[] = [];
  #stream: VoiceActivityStream | undefined;
  #openedAtMs = 0;
  #failing = false;

  constructor(options: ListeningOptions) {
    this.#options = options;
    this.#endpointing = new Endpointing(options.settings);
    this.#detection = new TurnDetection(options);
    this.#minSpeechMs = options.settings.minSpeechMs;
  }

  /** Decides by these settings from the next frame on. */
  configure(settings: EndpointingSettings): void {
    this.#endpointing.settings = settings;
    this.#minSpeechMs = settings.minSpeechMs;
  }

  /** The frames from a little before `fromMs` (default: from now) until now. */
  recent(fromMs = Infinity): AudioFrame[] {
    const newest = this.#recent.at(-1);
    if (!newest) return [];
    const since = Math.min(fromMs, newest.startMs) - PRE_ROLL_MS;
    return this.#recent.filter((frame) => frame.startMs >= since);
  }

  /** More was understood of the utterance being followed: a detector that reads words may want to know. */
  understood(understood: Understood): void {
    this.#detection.understood(understood);
  }

  /** Forgets the utterance being followed, if any: the next voice is the start of a new one. */
  reset(): void {
    this.#endpointing.reset();
    this.#detection.over();
  }

  /** Yields what is heard until the signal aborts (throws its reason) or the microphone has no more. */
  async *events(): AsyncIterable<ListeningEvent> {
    const { microphone, signal } = this.#options;
    try {
      const sound = microphone.open({ signal, sampleRateHz: LISTENING_RATE_HZ });
      for await (const heard of reframe(sound, VAD_FRAME_SAMPLES)) {
        const frame = this.muted ? { ...heard, samples: new Float32Array(heard.samples.length) } : heard;
        if (frame.gap) yield* this.#bridgeGap();
        this.#remember(frame);
        if (!this.active) continue;
        yield { type: "frame", frame };
        yield* this.#decide(frame);
      }
    } finally {
      this.#close();
    }
  }

  /** What was being said is over: what comes after lost sound is not its continuation. */
  *#bridgeGap(): Iterable<ListeningEvent> {
    const last = this.#recent.at(-1);
    if (this.#endpointing.inSpeech && last) {
      yield { type: "end", speechEndMs: last.startMs + durationMs(last) };
    }
    this.reset();
    this.#recent = [];
    this.#close();
  }

  #remember(frame: AudioFrame): void {
    this.#recent.push(frame);
    const keepMs = this.#endpointing.inSpeech && this.endsTurns
      ? DETECTION_MS
      : PRE_ROLL_MS + 2 * this.#minSpeechMs + 4 * durationMs(frame);
    while (frame.startMs - this.#recent[0]!.startMs > keepMs) this.#recent.shift();
  }

  async *#decide(frame: AudioFrame): AsyncIterable<ListeningEvent> {
    const { signal } = this.#options;
    try {
      const probability = await this.#streamAt(frame.startMs).probability(frame, { signal });
      const events = this.#detect(this.#endpointing.push(probability, frame));
      this.#failing = false;
      const old = frame.startMs - this.#openedAtMs > FRESH_MS;
      if (old && probability < CERTAINLY_SILENT && !this.#endpointing.inSpeech) this.#close();
      yield* events;
    } catch (error) {
      signal.throwIfAborted();
      this.#close();
      // Told once, not thirty times a second, while the engine is being restarted.
      if (!this.#failing) yield { type: "vad_error", error: toParleyError(error, "MODEL_ERROR") };
      this.#failing = true;
    }
  }

  /** In a pause the detector is asked, and what it thinks of it decides as soon as it is known. */
  #detect(event: EndpointingEvent | undefined): ListeningEvent[] {
    if (event?.type === "pause" && this.endsTurns) this.#detection.paused(this.#recent, event.speechEndMs);
    else if (event) this.#detection.over();
    const opinion = this.#detection.take();
    if (!opinion) return event ? [event] : [];
    const { verdict, completion } = opinion;
    this.#endpointing.wait(verdict === "incomplete");
    const decided = verdict === "complete" ? this.#endpointing.finish() : event;
    return [
      ...(completion !== undefined ? [{ type: "judged", completion } as const] : []),
      ...(decided ? [decided] : []),
    ];
  }

  #streamAt(atMs: number): VoiceActivityStream {
    if (!this.#stream) {
      this.#stream = leasedStream(this.#options.engines);
      this.#openedAtMs = atMs;
    }
    return this.#stream;
  }

  #close(): void {
    this.#stream?.[Symbol.dispose]();
    this.#stream = undefined;
  }
}

/** A stream that keeps its detector loaded as long as it is open; nothing else, for it may be open for hours. */
function leasedStream(engines: EnginePool): VoiceActivityStream {
  const lease = engines.lease(["vad"]);
  const stream = lease.vad.open();
  return {
    probability: (frame, call) => stream.probability(frame, call),
    [Symbol.dispose]() {
      stream[Symbol.dispose]();
      lease[Symbol.dispose]();
    },
  };
}
