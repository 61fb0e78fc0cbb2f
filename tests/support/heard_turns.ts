/**
 * When turns end, with the real ears and at the pace of their work: time passes only by what is heard, so that a busy
 * machine hears the same as an idle one.
 */
import { type AudioFrame, durationMs, type Microphone } from "../../pipeline/audio.ts";
import { Conversation } from "../../pipeline/conversation.ts";
import type { EndpointingSettings } from "../../pipeline/endpointing.ts";
import {
  type Engines,
  LISTENING_RATE_HZ,
  type SpeechToText,
  VAD_FRAME_SAMPLES,
} from "../../pipeline/engines.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeLoudspeaker } from "./fake_devices.ts";
import { fakeEngines, fixedPool } from "./fake_engines.ts";

/** What listens. */
export interface HeardTurnsOptions {
  readonly ears: Pick<Engines, "vad" | "turn" | "stt">;
  readonly endpointing: EndpointingSettings;
  /** How often the recogniser reads. */
  readonly stepMs?: number;
}

/** The end of a turn. */
export interface HeardTurn {
  /** Milliseconds from the start of the sound until it was decided. */
  readonly endMs: number;
  readonly text: string;
}

/** As long as a reading by the starter takes on two cores, and the ways there and back. */
const READING_MS = 64;
/** Silence before the sound, for it to be noticed as on any day, and after it: longer than anybody waits. */
const BEFORE_MS = 512;
const AFTER_MS = 1920;

/** The turns of somebody who says `samples` (16 kHz) to an assistant that listens all the time. */
export async function heardTurns(samples: Float32Array, options: HeardTurnsOptions): Promise<HeardTurn[]> {
  const { ears, endpointing, stepMs = 160 } = options;
  const clock = new FakeClock();
  const session = new AbortController();
  const reader = new PacedReader(ears.stt, stepMs);
  const startMs = clock.now() + BEFORE_MS;
  const turns: HeardTurn[] = [];
  let endMs = NaN;
  const conversation = new Conversation({
    engines: fixedPool({ ...fakeEngines(), ...ears, stt: reader }),
    microphone: pacedMicrophone(samples, { clock, reader }),
    loudspeaker: new FakeLoudspeaker(clock),
    clock,
    settings: { tools: new Map(), endpointing, systemPrompt: "You are a test." },
    sink(fact, { atMs }) {
      if (fact.type === "trace.mark" && fact.name === "endpoint") endMs = atMs - startMs;
      if (fact.type === "stt.result") turns.push({ endMs, text: fact.text });
    },
    signal: session.signal,
  });
  conversation.startListening("continuous");
  const running = conversation.run();
  await reader.silent;
  session.abort("session_closed");
  await running;
  return turns;
}

/** Gives the next frame once everything has been made of the one before. */
function pacedMicrophone(
  samples: Float32Array,
  { clock, reader }: { readonly clock: FakeClock; readonly reader: PacedReader },
): Microphone {
  const silence = (ms: number) => new Float32Array(ms * LISTENING_RATE_HZ / 1000);
  const sound = Float32Array.from([...silence(BEFORE_MS), ...samples, ...silence(AFTER_MS)]);
  return {
    async *open({ signal }): AsyncIterable<AudioFrame> {
      for (let at = 0; at + VAD_FRAME_SAMPLES <= sound.length; at += VAD_FRAME_SAMPLES) {
        const startMs = clock.now();
        await clock.advance(VAD_FRAME_SAMPLES * 1000 / LISTENING_RATE_HZ);
        await reader.idle();
        const frame = sound.slice(at, at + VAD_FRAME_SAMPLES);
        yield { samples: frame, sampleRateHz: LISTENING_RATE_HZ, startMs, gap: false };
      }
      await clock.advance(0);
      await reader.idle();
      reader.end();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  };
}

/** A recogniser whose readings come as late as its work would make them. */
class PacedReader implements SpeechToText {
  readonly silent: Promise<void>;
  readonly end: () => void;
  readonly #stt: SpeechToText;
  readonly #stepMs: number;
  #heardMs = 0;
  #readMs = 0;
  #waiters: (() => void)[] = [];

  constructor(stt: SpeechToText, stepMs: number) {
    this.#stt = stt;
    this.#stepMs = stepMs;
    ({ promise: this.silent, resolve: this.end } = Promise.withResolvers<void>());
  }

  /** Resolves when there is nothing that it would be reading now. */
  async idle(): Promise<void> {
    while (this.#heardMs - this.#readMs >= this.#stepMs) await this.#change();
  }

  async *transcribe(audio: AsyncIterable<AudioFrame>, call: Parameters<SpeechToText["transcribe"]>[1]) {
    this.#heardMs = this.#readMs = 0;
    try {
      for await (const transcript of this.#stt.transcribe(this.#counted(audio), call)) {
        this.#readMs = transcript.audioMs;
        this.#tell();
        while (!transcript.final && this.#heardMs < transcript.audioMs + READING_MS) await this.#change();
        yield transcript;
      }
    } finally {
      this.#heardMs = this.#readMs = 0;
      this.#tell();
    }
  }

  async *#counted(audio: AsyncIterable<AudioFrame>): AsyncIterable<AudioFrame> {
    for await (const frame of audio) {
      this.#heardMs += durationMs(frame);
      this.#tell();
      yield frame;
    }
    this.#heardMs = Infinity;
    this.#tell();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #tell(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
