/** Speech from a server, cut into pieces that say which words they speak. */
import { concatSamples } from "../../../pipeline/audio.ts";
import type { SpeechChunk } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";

/** Little enough that what playback cuts off costs nothing, long enough to be worth a message. */
const CHUNK_MS = 120;
/**
 * Servers do not tell how long the speech will be before its end, nor when which word is said. English is spoken at
 * about 15 characters a second.
 */
const CHARACTER_MS = 65;

/** What is being spoken. */
export interface Speech {
  readonly text: string;
  readonly sampleRateHz: number;
  /** How much faster than usual it is spoken. Default: 1. */
  readonly speed?: number;
}

/** Whether there is anything in `text` that can be spoken. */
export function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** The voice of that name. Throws `NOT_FOUND`, naming some of those there are. */
export function findVoice(voices: readonly string[], voice: string): string {
  if (voices.includes(voice)) return voice;
  const known = voices.slice(0, MAX_NAMED).join(", ") + (voices.length > MAX_NAMED ? ", …" : "");
  throw new ParleyError("NOT_FOUND", `There is no voice "${voice}"; choose one of: ${known}.`);
}

const MAX_NAMED = 20;

/**
 * Cuts sound into frames as soon as it comes. A word counts as spoken once its share of the characters has sounded,
 * the last one at the end. Sound without a sample is a `MODEL_ERROR`.
 */
export async function* inChunks(
  sound: AsyncIterable<Float32Array>,
  { text, sampleRateHz, speed = 1 }: Speech,
): AsyncIterable<SpeechChunk> {
  const frameSamples = Math.round(CHUNK_MS * sampleRateHz / 1000);
  const wordEnds = [...text.matchAll(/\S+/g)].map(({ index, 0: word }) => index + word.length);
  const characterMs = CHARACTER_MS / speed;
  const frameOf = (samples: Float32Array) => ({ samples, sampleRateHz, startMs: 0, gap: false });
  let pending: Float32Array = new Float32Array(0);
  let soundedMs = 0;
  for await (const samples of sound) {
    pending = concatSamples([pending, samples]);
    // Something always stays back, so that there is a last frame to say that all has been spoken.
    let start = 0;
    for (; pending.length - start > frameSamples; start += frameSamples) {
      soundedMs += CHUNK_MS;
      const textEnd = wordEnds.slice(0, -1).findLast((end) => end * characterMs <= soundedMs) ?? 0;
      yield { frame: frameOf(pending.slice(start, start + frameSamples)), textEnd };
    }
    pending = pending.slice(start);
  }
  if (pending.length === 0) {
    throw new ParleyError("MODEL_ERROR", "The speech server gave no sound; try again.");
  }
  yield { frame: frameOf(pending), textEnd: text.length };
}
