/** A microphone and a loudspeaker on a {@linkcode FakeClock}. */
import { type AudioFrame, durationMs, type Loudspeaker, type Microphone } from "../../pipeline/audio.ts";
import { channel } from "../../pipeline/channel.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { sound } from "./fake_engines.ts";
import type { FakeClock } from "./fake_clock.ts";

/** Hears what a test says: {@linkcode FakeMicrophone.hear} lets that much time pass. */
export class FakeMicrophone implements Microphone {
  readonly #frames = channel<AudioFrame>({ capacity: Infinity, signal: new AbortController().signal });
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async *open({ signal }: { signal: AbortSignal }): AsyncIterable<AudioFrame> {
    const frames = channel<AudioFrame>({ capacity: Infinity, signal });
    const pumping = (async () => {
      for await (const frame of this.#frames) frames.trySend(frame);
      frames.close();
    })();
    yield* frames;
    await pumping;
  }

  /** The user speaks, or is silent, for `ms` of the clock's time. */
  async hear(kind: "voice" | "silence", ms: number): Promise<void> {
    for (const frame of sound(kind === "voice", ms, this.#clock.now())) {
      await this.#clock.advance(durationMs(frame));
      this.#frames.trySend(frame);
    }
    await this.#clock.advance(0);
  }

  /** There is no more to hear. */
  end(): void {
    this.#frames.close();
  }
}

/** Plays at the clock's pace with no latency of its own. Keeps what it was asked to do. */
export class FakeLoudspeaker implements Loudspeaker {
  /** One entry an opening: how much of it sounded, and how it ended. */
  readonly played: { heardMs: number; end: "drained" | "cut" }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open({ signal }: { signal: AbortSignal }) {
    const clock = this.#clock;
    const played = this.played;
    const started = Promise.withResolvers<number>();
    let startMs: number | undefined;
    let writtenMs = 0;
    let heardMs: number | undefined;
    const playedMs = () => startMs === undefined ? 0 : Math.min(writtenMs, clock.now() - startMs);
    const close = (end: "drained" | "cut") => {
      if (heardMs !== undefined) return heardMs;
      heardMs = playedMs();
      played.push({ heardMs, end });
      return heardMs;
    };
    return Promise.resolve({
      started: started.promise,
      get playedMs() {
        return heardMs ?? playedMs();
      },
      async write(frame: AudioFrame) {
        if (startMs === undefined) started.resolve(startMs = clock.now());
        writtenMs += durationMs(frame);
        while (writtenMs - playedMs() > 200) await clock.sleep(10, signal);
      },
      async drain() {
        while (playedMs() < writtenMs) await clock.sleep(10, signal);
        close("drained");
      },
      cut: () => Promise.resolve({ heardMs: close("cut") }),
      [Symbol.asyncDispose]: () => Promise.resolve(void close("cut")),
    });
  }
}
