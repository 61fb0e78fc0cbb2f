/** WAV files: reading and writing them, and a backend that hears one and records another. */
import wavefile from "wavefile";
import {
  type AudioFrame,
  concatSamples,
  type Microphone,
  samplesToPcm16,
  WAV_HEADER_BYTES,
  wavHeader,
} from "../../pipeline/audio.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import type { AudioBackend } from "./device.ts";
import { nullBackend, PacedPlayback } from "./null.ts";
import { resample } from "../../models/resample.ts";

/** A recording. */
export interface Recording {
  /** Mono, −1…1. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
}

/** Reads a WAV file of any common format, several channels mixed into one. `VALIDATION_ERROR` for anything else. */
export async function readWav(path: string | URL): Promise<Recording> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    throw new ParleyError("NOT_FOUND", "The WAV file cannot be read.", { cause });
  }
  return parseWav(bytes);
}

/** The same of bytes. */
export function parseWav(bytes: Uint8Array): Recording {
  try {
    const wav = new wavefile.WaveFile(bytes);
    wav.toBitDepth("32f");
    const channels = [wav.getSamples(false, Float32Array)].flat() as unknown as Float32Array[] | Float32Array;
    return { samples: mix(channels), sampleRateHz: sampleRateOf(wav.fmt) };
  } catch (cause) {
    throw new ParleyError("VALIDATION_ERROR", "This is not a WAV file that can be read.", { cause });
  }
}

/** `getSamples` gives one array for mono and an array of them otherwise. */
function mix(channels: Float32Array[] | Float32Array): Float32Array {
  const list = channels.filter((channel) => typeof channel !== "number") as Float32Array[];
  if (list.length === 1) return list[0]!;
  const first = list[0];
  if (!first) throw new TypeError("The file has no samples");
  return first.map((_, i) => list.reduce((sum, channel) => sum + channel[i]!, 0) / list.length);
}

function sampleRateOf(format: object): number {
  if ("sampleRate" in format && typeof format.sampleRate === "number" && format.sampleRate > 0) {
    return format.sampleRate;
  }
  throw new TypeError("The file has no sample rate");
}

/** The bytes of a mono 16-bit WAV file. */
export function encodeWav({ samples, sampleRateHz }: Recording): Uint8Array<ArrayBuffer> {
  const pcm = samplesToPcm16(samples);
  const bytes = new Uint8Array(WAV_HEADER_BYTES + pcm.length);
  bytes.set(wavHeader(sampleRateHz, pcm.length));
  bytes.set(pcm, WAV_HEADER_BYTES);
  return bytes;
}

/** A recording that grows. After every write the file is whole and closed: whatever happens next, it can be played. */
export class WavRecorder {
  readonly #path: string;
  readonly #sampleRateHz: number;
  #dataBytes = 0;

  /** Begins an empty recording in the place of whatever was there. */
  constructor(path: string, sampleRateHz: number) {
    this.#path = path;
    this.#sampleRateHz = sampleRateHz;
    Deno.writeFileSync(path, wavHeader(sampleRateHz, 0));
  }

  /** Appends samples. The sound is written before the header that counts it. */
  write(samples: Float32Array): void {
    const pcm = samplesToPcm16(samples);
    using file = Deno.openSync(this.#path, { write: true });
    file.seekSync(WAV_HEADER_BYTES + this.#dataBytes, Deno.SeekMode.Start);
    writeAll(file, pcm);
    this.#dataBytes += pcm.length;
    file.seekSync(0, Deno.SeekMode.Start);
    writeAll(file, wavHeader(this.#sampleRateHz, this.#dataBytes));
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

/** How the WAV backend is set up. */
export interface WavBackendOptions {
  readonly clock: Clock;
  /** The recording that the microphone hears, then silence. Without it there is no microphone. */
  readonly input?: string;
  /** Where what is spoken is recorded, silence between answers left out. */
  readonly output?: string;
}

/** Sound from one file and into another, at the pace of life. */
export function wavBackend({ clock, input, output }: WavBackendOptions): AudioBackend {
  const silent = nullBackend({ clock });
  let recorder: WavRecorder | undefined;
  const device = (id: string) => [{ id, name: id, isDefault: true }];
  return {
    name: "WAV files",
    devices: () =>
      Promise.resolve({ inputs: input ? device(input) : [], outputs: output ? device(output) : [] }),
    microphone: () => input === undefined ? silent.microphone() : wavMicrophone(input, clock),
    loudspeaker: () => ({
      open({ signal, sampleRateHz }) {
        if (output !== undefined) recorder ??= new WavRecorder(output, sampleRateHz);
        const sink = (samples: Float32Array) => recorder?.write(samples);
        return Promise.resolve(new PacedPlayback({ clock, signal, sink }));
      },
    }),
  };
}

/** How much of a recording is heard at a time. */
const STEP_MS = 20;

function wavMicrophone(path: string, clock: Clock): Microphone {
  return {
    async *open({ signal, sampleRateHz }): AsyncIterable<AudioFrame> {
      const recording = await readWav(path);
      const all = await resample(recording.samples, recording.sampleRateHz, sampleRateHz);
      const step = sampleRateHz * STEP_MS / 1000;
      const startMs = clock.now();
      for (let index = 0;; index++) {
        const dueMs = startMs + (index + 1) * STEP_MS;
        await clock.sleep(Math.max(0, dueMs - clock.now()), signal);
        const part = all.subarray(index * step, (index + 1) * step);
        const samples = concatSamples([part, new Float32Array(step - part.length)]);
        yield { samples, sampleRateHz, startMs: startMs + index * STEP_MS, gap: false };
      }
    },
  };
}
