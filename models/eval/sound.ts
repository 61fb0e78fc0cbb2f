/** Sound to listen to, as the recogniser wants it: mono at 16 kHz. */
import { pcm16ToSamples } from "../../pipeline/audio.ts";
import { type CallOptions, LISTENING_RATE_HZ } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { resample } from "../resample.ts";
import { outputOf } from "./program.ts";

/** Reads a recording: 16-bit mono WAV here, everything else by ffmpeg. Throws `NOT_FOUND` where there is none. */
export async function readSound(path: string, call: CallOptions): Promise<Float32Array> {
  const known = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  if (!known) {
    throw new ParleyError("NOT_FOUND", "A recording that transcripts.tsv names is not there.", {
      recoverable: false,
    });
  }
  if (!needsDecoder(path)) return await samplesOf(await Deno.readFile(path));
  const args = ["-v", "error", "-i", path, "-ac", "1", "-bitexact", "-c:a", "pcm_s16le", "-f", "wav", "-"];
  return await samplesOf(await outputOf("ffmpeg", args, call));
}

/** Whether ffmpeg is needed to read it. */
export function needsDecoder(path: string): boolean {
  return !path.toLowerCase().endsWith(".wav");
}

/**
 * The samples of a mono 16-bit WAV at 16 kHz. What its header says of its length is not believed: of a program that
 * writes into a pipe it says nothing. Throws `VALIDATION_ERROR` for anything else.
 */
export async function samplesOf(wav: Uint8Array): Promise<Float32Array> {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
  let rateHz = 0;
  for (let at = 12; at + 8 <= wav.length;) {
    const name = new TextDecoder().decode(wav.subarray(at, at + 4));
    const bytes = view.getUint32(at + 4, true);
    if (name === "fmt " && view.getUint16(at + 10, true) === 1 && view.getUint16(at + 22, true) === 16) {
      rateHz = view.getUint32(at + 12, true);
    }
    if (name === "data" && rateHz > 0) {
      const samples = pcm16ToSamples(wav.subarray(at + 8, Math.min(wav.length, at + 8 + bytes)));
      return await resample(samples, rateHz, LISTENING_RATE_HZ);
    }
    at += 8 + bytes + bytes % 2;
  }
  throw new ParleyError(
    "VALIDATION_ERROR",
    "A recording is not mono 16-bit WAV; name it otherwise or convert it.",
    {
      recoverable: false,
    },
  );
}
