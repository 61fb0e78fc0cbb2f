/** What Whisper's encoder is given: the log-mel spectrogram of 30 s, of which only what holds sound is computed. */
import type { Processor, Tensor } from "@huggingface/transformers";
import type { Library } from "./guarded_decoding.ts";

/** The floor of the spectrum, 10 orders of magnitude below full scale, as Whisper scales it. */
const SILENCE = (-10 + 4) / 4;
/** Nothing is further below the loudest place than 8 orders of magnitude, which Whisper scales by 4. */
const RANGE = 8 / 4;

/**
 * The features of at most 30 s of audio at 16 kHz: what the processor gives, which computes 30 s whatever it is given
 * and takes longer over that than over most of what people say.
 */
export async function whisperFeatures(
  { Tensor }: Library,
  { feature_extractor }: Processor,
  samples: Float32Array,
): Promise<Tensor> {
  const { hop_length, n_fft, n_samples } = feature_extractor!.config as Readonly<Record<string, number>>;
  // The last windows that reach into the sound.
  const frames = Math.ceil((samples.length + n_fft!) / hop_length!);
  const allFrames = n_samples! / hop_length!;
  if (frames >= allFrames) return (await feature_extractor!(samples)).input_features;
  const heard: Tensor =
    (await feature_extractor!(samples, { max_length: frames * hop_length! })).input_features;
  const data = heard.data as Float32Array;
  const bands = heard.dims[1]!;
  const loudest = data.reduce((max, value) => Math.max(max, value), -Infinity);
  const features = new Float32Array(bands * allFrames).fill(Math.max(SILENCE, loudest - RANGE));
  for (let band = 0; band < bands; band++) {
    features.set(data.subarray(band * frames, (band + 1) * frames), band * allFrames);
  }
  return new Tensor("float32", features, [1, bands, allFrames]);
}
