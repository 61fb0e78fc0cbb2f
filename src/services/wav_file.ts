/** WAV files as they come and go over HTTP: read in stretches, written without knowing how long they become. */
import { invalid } from "./errors.ts";

/** A WAV file whose header has been read. */
export interface WavFile {
  readonly sampleRateHz: number;
  readonly frames: number;
  /** Its sound as mono samples, channels mixed, from frame `from` to before frame `to`. */
  read(from: number, to: number): Float32Array<ArrayBuffer>;
}

/** What resampling can take. */
const RATES_HZ = { min: 1000, max: 192_000 };
const ACCEPTED =
  "send a WAV file with PCM of 8, 16, 24 or 32 bits or float of 32 or 64, at 1000 to 192000 Hz";

/** Reads the header. Whatever cannot be heard is a `VALIDATION_ERROR` that says what can. */
export function openWav(bytes: Uint8Array): WavFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || textAt(view, 0) !== "RIFF" || textAt(view, 8) !== "WAVE") {
    throw unreadable(`This is ${kindOf(view)}: ${ACCEPTED}.`);
  }
  const chunks = chunksOf(view);
  const format = chunks.get("fmt ");
  const data = chunks.get("data");
  if (!format || format.byteLength < 16 || !data) {
    throw unreadable(`This WAV file has lost its beginning: ${ACCEPTED}.`);
  }
  const channels = format.getUint16(2, true);
  const sampleRateHz = format.getUint32(4, true);
  const frameBytes = format.getUint16(12, true);
  const sampleBytes = frameBytes / channels;
  const sampleAt = DECODERS[`${formatTag(format)}/${sampleBytes}`];
  if (!sampleAt || sampleRateHz < RATES_HZ.min || sampleRateHz > RATES_HZ.max) {
    throw unreadable(`This WAV file has a format that cannot be read: ${ACCEPTED}.`);
  }
  const frames = Math.floor(data.byteLength / frameBytes);
  if (frames === 0) throw unreadable("This WAV file has no sound in it.");
  return {
    sampleRateHz,
    frames,
    read(from, to) {
      const samples = new Float32Array(Math.min(to, frames) - from);
      for (let i = 0; i < samples.length; i++) {
        let sum = 0;
        for (let channel = 0; channel < channels; channel++) {
          sum += sampleAt(data, (from + i) * frameBytes + channel * sampleBytes);
        }
        samples[i] = sum / channels;
      }
      if (samples.every(Number.isFinite)) return samples;
      throw unreadable("This WAV file has samples that are no numbers.");
    },
  };
}

/** By the format's tag (1: PCM, 3: float) and the bytes of a sample. Samples of one byte have no sign. */
const DECODERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  "1/1": (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  "1/2": (view, at) => view.getInt16(at, true) / 2 ** 15,
  "1/3": (view, at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23,
  "1/4": (view, at) => view.getInt32(at, true) / 2 ** 31,
  "3/4": (view, at) => view.getFloat32(at, true),
  "3/8": (view, at) => view.getFloat64(at, true),
};

/** The tag of "extensible" formats is in their sub-format (Microsoft, WAVEFORMATEXTENSIBLE). */
function formatTag(format: DataView): number {
  const tag = format.getUint16(0, true);
  return tag === 0xFFFE && format.byteLength >= 26 ? format.getUint16(24, true) : tag;
}

/** The first chunk of each name. One that claims more than there is, as in a file of unknown length, has the rest. */
function chunksOf(view: DataView): ReadonlyMap<string, DataView> {
  const chunks = new Map<string, DataView>();
  for (let at = 12; at + 8 <= view.byteLength;) {
    const name = textAt(view, at);
    const bytes = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8);
    if (!chunks.has(name)) chunks.set(name, new DataView(view.buffer, view.byteOffset + at + 8, bytes));
    at += 8 + bytes + bytes % 2;
  }
  return chunks;
}

function kindOf(view: DataView): string {
  if (view.byteLength === 0) return "an empty file";
  const begin = view.byteLength < 12 ? "" : textAt(view, 0);
  if (begin === "OggS") return "an Ogg file";
  if (begin === "fLaC") return "a FLAC file";
  if (begin === "\x1a\x45\xdf\xa3") return "a WebM or Matroska file";
  if (begin && textAt(view, 4) === "ftyp") return "an MP4 or M4A file";
  if (begin.startsWith("ID3") || /^\xff[\xe2-\xff]/.test(begin)) return "an MP3 file";
  return "no WAV file";
}

function textAt(view: DataView, at: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
}

function unreadable(message: string) {
  return invalid(message, { param: "file", code: "invalid_audio" });
}
