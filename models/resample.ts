/** Changing sample rates, by libsamplerate (Erik de Castro Lopo's, compiled to WebAssembly). */
import libsamplerate from "@alexanderolsen/libsamplerate-js";

/** Changes the rate of a stream of sound. */
export interface Resampler extends Disposable {
  /** The next stretch; what comes out follows on from what came before. */
  push(samples: Float32Array): Float32Array;
}

const { create, ConverterType } = libsamplerate;

/** SRC_SINC_FASTEST: 97 dB signal to noise, 80 % of the bandwidth; 20 ms of sound in 0.2 ms. */
function converter(fromHz: number, toHz: number) {
  return create(1, fromHz, toHz, { converterType: ConverterType.SRC_SINC_FASTEST });
}

/** A resampler for one stream of mono sound. Dispose it to free its memory. */
export async function createResampler(fromHz: number, toHz: number): Promise<Resampler> {
  if (fromHz === toHz) return { push: (samples) => samples, [Symbol.dispose]: () => {} };
  const stream = await converter(fromHz, toHz);
  return {
    push: (samples) => stream.simple(samples).slice(),
    [Symbol.dispose]: () => stream.destroy(),
  };
}

/** A whole recording at another rate. */
export async function resample(samples: Float32Array, fromHz: number, toHz: number): Promise<Float32Array> {
  if (fromHz === toHz) return samples;
  const whole = await converter(fromHz, toHz);
  try {
    return whole.full(samples).slice();
  } finally {
    whole.destroy();
  }
}
