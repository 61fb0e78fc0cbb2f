/** When things sound in a recording of the room. */
import type { RoomRecording } from "./virtual_audio.ts";

/** Louder than this is sound: 46 dB below full scale, under any speech and above any rounding. */
const SOUND = 0.005;

/** Start and end of a stretch of sound, in milliseconds from the start of the recording. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** The stretches of sound on one side, those less than `joinMs` apart taken as one. */
export function stretches(samples: Float32Array, sampleRateHz: number, joinMs: number): Stretch[] {
  const found: { startMs: number; endMs: number }[] = [];
  for (const [index, sample] of samples.entries()) {
    if (Math.abs(sample) < SOUND) continue;
    const atMs = index * 1000 / sampleRateHz;
    const last = found.at(-1);
    if (last && atMs - last.endMs < joinMs) last.endMs = atMs;
    else found.push({ startMs: atMs, endMs: atMs });
  }
  return found;
}

/** From the last sound at the microphone to the first after it at the loudspeaker. */
export function voiceToVoiceMs({ microphone, loudspeaker, sampleRateHz }: RoomRecording): number | undefined {
  const spoken = stretches(microphone, sampleRateHz, 1000).at(-1);
  const answer = spoken && stretches(loudspeaker, sampleRateHz, 1000).find((s) => s.startMs > spoken.endMs);
  return answer && answer.startMs - spoken.endMs;
}

/** From the first sound at the microphone to the last at the loudspeaker before it fell silent. */
export function interruptionMs({ microphone, loudspeaker, sampleRateHz }: RoomRecording): number | undefined {
  const voice = stretches(microphone, sampleRateHz, 1000)[0];
  const cut = voice && stretches(loudspeaker, sampleRateHz, 400).find((s) => s.endMs > voice.startMs);
  return cut && cut.endMs - voice.startMs;
}
