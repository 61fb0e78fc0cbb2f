/** Deciding from voice activity when the user begins and has finished: a state machine without time of its own. */
import { type AudioFrame, durationMs } from "./audio.ts";

/** When a stretch of voice counts as speech and a stretch of silence as its end. */
export interface EndpointingSettings {
  /** A frame at least this likely to be speech is voiced. 0.5: Silero's own default. */
  readonly speechThreshold: number;
  /** Within speech, a frame stays voiced down to this. Silero's own default is 0.15 below the other. */
  readonly silenceThreshold: number;
  /** So much voice, with no more than a frame's break, is speech and not a click. */
  readonly minSpeechMs: number;
  /** After so much silence an answer may be prepared. */
  readonly pauseMs: number;
  /** After so much silence the user has finished. */
  readonly endpointMs: number;
  /** After so much, where it sounded as if more would come: a detector has said so. */
  readonly unfinishedMs: number;
  /** Speech is ended after so long whether or not there is silence. */
  readonly maxUtteranceMs: number;
}

/** What endpointing decides, in this order: start, then pause and resume any number of times, then end. */
export type EndpointingEvent =
  | { readonly type: "start"; readonly speechStartMs: number }
  | { readonly type: "pause"; readonly speechEndMs: number }
  | { readonly type: "resume" }
  | { readonly type: "end"; readonly speechEndMs: number };

/** Follows one microphone. */
export class Endpointing {
  /** What it decides by, from the next frame on. */
  settings: EndpointingSettings;
  #state: "silence" | "speech" | "pause" = "silence";
  /** First and last voiced moment of the current stretch, and how much of it was voiced. */
  #voicedFromMs: number | undefined;
  #voicedUntilMs = 0;
  #voicedMs = 0;
  #isUnfinished = false;

  constructor(settings: EndpointingSettings) {
    this.settings = settings;
  }

  /** Whether the user is in the middle of an utterance. */
  get inSpeech(): boolean {
    return this.#state !== "silence";
  }

  /** Takes the next frame's probability of speech; says what, if anything, that decides. */
  push(probability: number, frame: AudioFrame): EndpointingEvent | undefined {
    const endMs = frame.startMs + durationMs(frame);
    const threshold = this.#state === "silence"
      ? this.settings.speechThreshold
      : this.settings.silenceThreshold;
    const voiced = probability >= threshold;
    if (voiced) this.#voicedUntilMs = endMs;
    return this.#state === "silence"
      ? this.#waitForSpeech(voiced, frame, endMs)
      : this.#follow(voiced, endMs);
  }

  /** In a pause: the user has finished, however short the silence. */
  finish(): EndpointingEvent | undefined {
    if (this.#state !== "pause") return undefined;
    this.reset();
    return { type: "end", speechEndMs: this.#voicedUntilMs };
  }

  /** In a pause: more is to come, so the silence may last longer; or it may not after all. */
  wait(longer = true): void {
    this.#isUnfinished = longer && this.#state === "pause";
  }

  /** Forgets what it was following. */
  reset(): void {
    this.#state = "silence";
    this.#isUnfinished = false;
    this.#voicedFromMs = undefined;
    this.#voicedMs = 0;
  }

  #waitForSpeech(voiced: boolean, frame: AudioFrame, endMs: number): EndpointingEvent | undefined {
    if (!voiced) {
      // One unvoiced frame between voiced ones is a plosive's closure; two are the end of a click.
      if (endMs - this.#voicedUntilMs > 1.5 * durationMs(frame)) this.reset();
      return undefined;
    }
    this.#voicedFromMs ??= frame.startMs;
    this.#voicedMs += durationMs(frame);
    if (this.#voicedMs < this.settings.minSpeechMs) return undefined;
    this.#state = "speech";
    return { type: "start", speechStartMs: this.#voicedFromMs };
  }

  #follow(voiced: boolean, endMs: number): EndpointingEvent | undefined {
    const { maxUtteranceMs, endpointMs, unfinishedMs, pauseMs } = this.settings;
    const patienceMs = this.#isUnfinished ? Math.max(unfinishedMs, endpointMs) : endpointMs;
    const silenceMs = endMs - this.#voicedUntilMs;
    const tooLong = endMs - (this.#voicedFromMs ?? endMs) >= maxUtteranceMs;
    if (silenceMs >= patienceMs || tooLong) {
      this.reset();
      return { type: "end", speechEndMs: this.#voicedUntilMs };
    }
    if (voiced && this.#state === "pause") {
      this.#state = "speech";
      this.#isUnfinished = false;
      return { type: "resume" };
    }
    if (this.#state === "speech" && silenceMs >= pauseMs) {
      this.#state = "pause";
      return { type: "pause", speechEndMs: this.#voicedUntilMs };
    }
    return undefined;
  }
}
