/** What a conversation tells besides its turns, nothing twice in a row. */
import type { AudioFrame } from "./audio.ts";
import type { Clock } from "./clock.ts";
import { toParleyError } from "./errors.ts";
import { LevelMeter } from "./level.ts";
import type { ConversationState, Fact } from "./events.ts";
import type { FactSink } from "./turn.ts";

/** Tells facts that belong to no turn. */
export class Telling {
  readonly #clock: Clock;
  readonly #sink: FactSink;
  readonly #meter = new LevelMeter();
  #userSpeaking = false;
  #told = "";

  constructor({ clock, sink }: { readonly clock: Clock; readonly sink: FactSink }) {
    this.#clock = clock;
    this.#sink = sink;
  }

  /** How loud the microphone is, now and then. */
  level(frame: AudioFrame): void {
    const levels = this.#meter.push(frame);
    if (levels) this.fact({ type: "voice.level", levels });
  }

  fact(fact: Fact): void {
    this.#sink(fact, { atMs: this.#clock.now() });
  }

  /** Whether the user speaks. */
  voice(speaking: boolean, atMs: number): void {
    if (speaking === this.#userSpeaking) return;
    this.#userSpeaking = speaking;
    this.fact({ type: "voice.activity", source: "user", speaking, atMs });
  }

  state(state: ConversationState, muted: boolean): void {
    const key = `${state} ${muted}`;
    if (key === this.#told) return;
    this.#told = key;
    this.fact({ type: "status", state, muted });
  }

  error(error: unknown): void {
    const { code, message, details } = toParleyError(error);
    this.fact({ type: "error", code, message, ...(details && { details }) });
  }
}
