/** What a microphone across the room hears: echoes of the walls, and noise. */
import { LISTENING_RATE_HZ } from "../../pipeline/engines.ts";
import { randomOf } from "./random.ts";

/** After so long the echoes are 60 dB down. */
const REVERBERATION_S = 0.3;
/** Between the sound itself and its first echo. */
const FIRST_ECHO_S = 0.005;
/** The sound itself has four times the energy of all its echoes. */
const DIRECT_TO_ECHOES_DB = 6;
const ECHOES_PER_S = 2000;
/** Of the voice while it speaks, above the noise. */
const SIGNAL_TO_NOISE_DB = 10;
const FRAME_SAMPLES = LISTENING_RATE_HZ / 50;
/** Frames as much below the loudest are pauses. */
const PAUSE_DB = 30;

/** `samples` (16 kHz) in a room with noise at 10 dB, the same every time for one seed; longer by the last echo. */
export function inNoisyRoom(samples: Float32Array, seed: number): Float32Array {
  const random = randomOf(seed);
  const heard = withEchoes(samples, random);
  const noise = pinkNoise(heard.length, random);
  const gain = Math.sqrt(speechPower(heard) / 10 ** (SIGNAL_TO_NOISE_DB / 10) / meanSquare(noise));
  for (const [at, value] of noise.entries()) heard[at]! += gain * value;
  const loudest = heard.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
  return loudest > 1 ? heard.map((value) => value / loudest) : heard;
}

/** Echoes as sparse impulses of chance sign that die away ("velvet noise", Karjalainen and Järveläinen, 2007). */
function withEchoes(samples: Float32Array, random: () => number): Float32Array {
  const gridSamples = LISTENING_RATE_HZ / ECHOES_PER_S;
  const [first, last] = [FIRST_ECHO_S, REVERBERATION_S].map((seconds) => seconds * LISTENING_RATE_HZ);
  const echoes: { delay: number; gain: number }[] = [];
  for (let grid = first!; grid + gridSamples <= last!; grid += gridSamples) {
    const delay = Math.floor(grid + random() * gridSamples);
    const sign = random() < 0.5 ? -1 : 1;
    echoes.push({ delay, gain: sign * 10 ** (-3 * delay / LISTENING_RATE_HZ / REVERBERATION_S) });
  }
  const energy = echoes.reduce((sum, { gain }) => sum + gain * gain, 0);
  const scale = Math.sqrt(10 ** (-DIRECT_TO_ECHOES_DB / 10) / energy);
  const out = new Float32Array(samples.length + last!);
  out.set(samples);
  for (const { delay, gain } of echoes) {
    for (let at = 0; at < samples.length; at++) out[at + delay]! += scale * gain * samples[at]!;
  }
  return out;
}

/** Noise with as much power in every octave (P. Kellet's economy filter). */
function pinkNoise(length: number, random: () => number): Float32Array {
  let [slow, middle, quick] = [0, 0, 0];
  return Float32Array.from({ length }, () => {
    const white = random() * 2 - 1;
    slow = 0.99765 * slow + white * 0.0990460;
    middle = 0.96300 * middle + white * 0.2965164;
    quick = 0.57000 * quick + white * 1.0526913;
    return slow + middle + quick + white * 0.1848;
  });
}

/** Mean square of what is no pause. */
function speechPower(samples: Float32Array): number {
  const powers: number[] = [];
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    powers.push(meanSquare(samples.subarray(at, at + FRAME_SAMPLES)));
  }
  const loudest = Math.max(0, ...powers);
  const spoken = powers.filter((power) => power >= loudest * 10 ** (-PAUSE_DB / 10));
  return spoken.reduce((sum, power) => sum + power, 0) / Math.max(1, spoken.length);
}

function meanSquare(samples: Float32Array): number {
  return samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length);
}
