/** Sound through the standard streams of a program: `parec` and `pacat`, `arecord` and `aplay`. */
import {
  type AudioFrame,
  durationMs,
  type Loudspeaker,
  type Microphone,
  type Playback,
} from "../../pipeline/audio.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { WRITE_AHEAD_MS } from "./null.ts";
import { Playhead } from "./playhead.ts";

/** A program and how it is called. Its stream is mono float32, little-endian. */
export interface SoundProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a device reached by a program is set up. */
export interface ProcessDeviceOptions {
  readonly clock: Clock;
  /** What to run for a rate. */
  readonly program: (sampleRateHz: number) => SoundProgram;
  /** Between the program's stream and the device. */
  readonly latencyMs: number;
}

/** A microphone that gives nothing for so long is lost, whatever its program says. */
const STALL_MS = 2000;
/** Sound that arrives this much later than the pace of life was interrupted on the way. */
const GAP_MS = 250;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A microphone whose sound a program writes to its standard output. */
export function processMicrophone({ clock, program, latencyMs }: ProcessDeviceOptions): Microphone {
  return {
    async *open({ signal, sampleRateHz }): AsyncIterable<AudioFrame> {
      await using child = spawn(program(sampleRateHz), { stdout: "piped", signal });
      const pace = new ArrivalClock(clock, sampleRateHz, latencyMs);
      const reader = child.stdout.getReader();
      try {
        let rest = new Uint8Array(0);
        while (true) {
          const bytes = await within(STALL_MS, () => reader.read());
          signal.throwIfAborted();
          if (!bytes || bytes.done) break;
          const { samples, left } = toSamples(rest, bytes.value);
          rest = left;
          if (samples.length > 0) yield { samples, sampleRateHz, ...pace.next(samples.length) };
        }
      } finally {
        await child.kill();
        await reader.cancel().catch(() => {});
      }
      signal.throwIfAborted();
      throw new ParleyError("DEVICE_ERROR", "The microphone is gone; Parley listens again when it is back.");
    },
  };
}

/** A loudspeaker that a program plays its standard input to. */
export function processLoudspeaker({ clock, program, latencyMs }: ProcessDeviceOptions): Loudspeaker {
  return {
    open({ signal, sampleRateHz }) {
      signal.throwIfAborted();
      // Not ended by the signal: whoever plays must cut, and learns what was heard.
      const child = spawn(program(sampleRateHz), { stdin: "piped" });
      return Promise.resolve(new ProcessPlayback(child, { clock, latencyMs, signal }));
    },
  };
}

class ProcessPlayback implements Playback {
  readonly #child: Child;
  readonly #options: { readonly clock: Clock; readonly latencyMs: number; readonly signal: AbortSignal };
  readonly #playhead: Playhead;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBufferLike>>;
  readonly #started = Promise.withResolvers<number>();
  #begun = false;
  #heardMs: number | undefined;

  constructor(child: Child, options: { clock: Clock; latencyMs: number; signal: AbortSignal }) {
    this.#child = child;
    this.#options = options;
    this.#playhead = new Playhead(options.clock, options.latencyMs);
    this.#writer = child.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // A broken pipe is met by the next write.
  }

  get started(): Promise<number> {
    return this.#started.promise;
  }

  get playedMs(): number {
    return this.#heardMs ?? this.#playhead.playedMs;
  }

  async write(frame: AudioFrame): Promise<void> {
    const { clock, signal } = this.#options;
    signal.throwIfAborted();
    const { buffer, byteOffset, byteLength } = frame.samples;
    const written = this.#writer.write(new Uint8Array(buffer, byteOffset, byteLength));
    const arrived = await Promise.race([
      written.then(() => true, () => false),
      this.#child.exited.then(() => false),
    ]);
    signal.throwIfAborted();
    if (!arrived) throw this.#lost();
    const startsAtMs = this.#playhead.add(durationMs(frame));
    if (!this.#begun) {
      this.#begun = true;
      this.#started.resolve(startsAtMs);
    }
    await clock.sleep(Math.max(0, this.#playhead.aheadMs - WRITE_AHEAD_MS), signal);
  }

  async drain(): Promise<void> {
    const { signal } = this.#options;
    await this.#writer.close().catch(() => {});
    const patience = this.#playhead.aheadMs + STALL_MS;
    const ended = await Promise.race([
      within(patience, () => this.#child.exited),
      aborted(signal),
    ]);
    signal.throwIfAborted();
    if (ended !== true) throw this.#lost();
    this.#heardMs ??= this.#playhead.writtenMs;
  }

  async cut(): Promise<{ heardMs: number }> {
    this.#heardMs ??= this.#playhead.playedMs;
    await this.#child.kill();
    await this.#writer.abort().catch(() => {});
    return { heardMs: this.#heardMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut();
  }

  #lost(): ParleyError {
    return new ParleyError("DEVICE_ERROR", "The loudspeaker is gone; Parley speaks again when it is back.");
  }
}

/** When the samples that arrive were captured: the pace of life through the earliest arrivals. */
class ArrivalClock {
  readonly #clock: Clock;
  readonly #sampleRateHz: number;
  readonly #latencyMs: number;
  #originMs: number | undefined;
  #samples = 0;

  constructor(clock: Clock, sampleRateHz: number, latencyMs: number) {
    this.#clock = clock;
    this.#sampleRateHz = sampleRateHz;
    this.#latencyMs = latencyMs;
  }

  next(samples: number): { startMs: number; gap: boolean } {
    const before = this.#samples;
    this.#samples += samples;
    // Had every sample come without delay, the first would have been captured then.
    const originMs = this.#clock.now() - this.#latencyMs - this.#samples * 1000 / this.#sampleRateHz;
    const lateMs = originMs - (this.#originMs ?? originMs);
    const gap = lateMs > GAP_MS;
    // Early arrivals are the truth; late ones only show, slowly, that the device's clock is a slower one.
    if (this.#originMs === undefined || lateMs < 0 || gap) this.#originMs = originMs;
    else this.#originMs += lateMs * 0.002;
    return { startMs: this.#originMs + before * 1000 / this.#sampleRateHz, gap };
  }
}

function toSamples(
  rest: Uint8Array,
  bytes: Uint8Array,
): { samples: Float32Array; left: Uint8Array<ArrayBuffer> } {
  const all = new Uint8Array(rest.length + bytes.length);
  all.set(rest);
  all.set(bytes, rest.length);
  const whole = all.length - all.length % FLOAT_BYTES;
  return { samples: new Float32Array(all.buffer, 0, whole / FLOAT_BYTES), left: all.slice(whole) };
}

/** A program that runs. Disposing ends it and waits until it has. */
interface Child extends AsyncDisposable {
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stdin: WritableStream<Uint8Array<ArrayBufferLike>>;
  /** Whether it ended well. */
  readonly exited: Promise<boolean>;
  kill(): Promise<void>;
}

interface SpawnOptions {
  readonly stdin?: "piped";
  readonly stdout?: "piped";
  readonly signal?: AbortSignal;
}

function spawn({ command, args, environment }: SoundProgram, { stdin, stdout, signal }: SpawnOptions): Child {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, {
      args: [...args],
      stdin: stdin ?? "null",
      stdout: stdout ?? "null",
      stderr: "null",
      ...(environment && { env: { ...environment } }),
    }).spawn();
  } catch (cause) {
    throw new ParleyError("DEVICE_ERROR", `The program ${command} cannot be started; is it installed?`, {
      cause,
    });
  }
  const exited = child.status.then((status) => status.success);
  const end = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  signal?.addEventListener("abort", end, { once: true });
  const kill = async () => {
    end();
    await exited;
    signal?.removeEventListener("abort", end);
  };
  return {
    get stdout() {
      return child.stdout;
    },
    get stdin() {
      return child.stdin;
    },
    exited,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** What the work gives, or undefined when it takes longer. */
async function within<T>(ms: number, work: () => Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
