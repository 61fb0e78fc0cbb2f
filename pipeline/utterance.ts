/** What one turn hears of the user. */
import { type AudioFrame, durationMs } from "./audio.ts";
import { type Channel, channel } from "./channel.ts";
import type { Transcript } from "./engines.ts";
import type { Speculation } from "./speculation.ts";
import type { Turn } from "./turn.ts";
import type { Understood } from "./turn_detection.ts";

/** More than the longest utterance: while speech-to-text falls behind, nothing said is lost. */
const AUDIO_AHEAD_MS = 600_000;

/** The user's side of a turn: listening pushes into it, the turn reads {@linkcode Utterance.audio}. */
export class Utterance {
  readonly audio: Channel<AudioFrame>;
  readonly turn: Turn;
  readonly #startMs: number;
  #speechEndMs: number | undefined;
  #speculation: Speculation | undefined;

  /** `startMs`: when its first frame was captured. */
  constructor(turn: Turn, startMs: number) {
    this.turn = turn;
    this.#startMs = startMs;
    this.audio = channel<AudioFrame>({ capacity: AUDIO_AHEAD_MS, cost: durationMs, signal: turn.signal });
  }

  /** Connects what prepares answers in pauses. */
  follow(speculation: Speculation): void {
    this.#speculation = speculation;
  }

  push(frame: AudioFrame): void {
    this.audio.trySend(frame);
  }

  /** The voice fell silent at `speechEndMs`; it may come back. */
  pause(speechEndMs: number): void {
    this.#speechEndMs = speechEndMs;
    this.#speculation?.paused(speechEndMs - this.#startMs);
  }

  /** The voice came back. */
  resume(): void {
    this.#speechEndMs = undefined;
    this.#speculation?.resumed();
  }

  /** A transcript of it, on the session's clock. */
  understood({ text, audioMs }: Transcript): Understood {
    return { text, untilMs: this.#startMs + audioMs };
  }

  /** Nothing more belongs to the utterance. Idempotent. */
  end(speechEndMs: number = this.#speechEndMs ?? this.turn.clock.now()): void {
    const { turn } = this;
    if (turn.ended || turn.signal.aborted) return;
    turn.emit({ type: "trace.mark", name: "speech_end" }, speechEndMs);
    turn.emit({ type: "trace.mark", name: "endpoint" });
    this.audio.close();
  }
}
