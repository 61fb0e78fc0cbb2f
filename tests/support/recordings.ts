/** Sound from `tests/fixtures/`. */
import { pcm16ToSamples } from "../../pipeline/audio.ts";

/** The length of the header in front of the samples of every recording there. */
const WAV_HEADER_BYTES = 44;

/** The samples of a mono 16 kHz PCM16 WAV file by its name. */
export async function recording(name: string): Promise<Float32Array> {
  const bytes = await Deno.readFile(new URL(`../fixtures/${name}`, import.meta.url));
  return pcm16ToSamples(bytes.subarray(WAV_HEADER_BYTES));
}
