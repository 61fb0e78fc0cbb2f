/** Speech piece by piece: what local voices that synthesise a stretch of text in one go have in common. */
import type { CallOptions, SpeechChunk, TextToSpeech } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { findVoice } from "../remote/speech.ts";
import { asWritten, breaths, speakableWords, type Word } from "./speakable.ts";

/** Little enough that what playback cuts off costs nothing, long enough to be worth a message. */
const CHUNK_MS = 120;
/** What stays of the silence with which a piece begins. */
const LEAD_IN_MS = 20;
/** What is quieter than this share of a piece's loudest sample, before the voice begins, is silence. */
const SILENT_SHARE = 0.02;
/** About 8 s of speech. Nothing stops a synthesis under way, and nobody hears any of it before it is done. */
const PIECE_CHARS = 120;

/** A voice, or several, of one model. */
export interface PieceSpeaker {
  /** The first is the default. */
  readonly voices: readonly string[];
  readonly sampleRateHz: number;
  /** The sound of a piece of text; undefined where there is nothing in it that this voice can say. */
  speak(piece: string, call: CallOptions & { readonly voice: string }): Promise<Float32Array | undefined>;
  dispose(): Promise<unknown>;
}

/**
 * Text-to-speech that cuts text at the ends of clauses into pieces and gives each as soon as it is synthesised. As
 * nobody knows when which word is said, it counts as spoken once its share of the piece's letters has sounded.
 */
export function inPieces(speaker: PieceSpeaker): TextToSpeech {
  return {
    voices: speaker.voices,
    sampleRateHz: speaker.sampleRateHz,
    synthesize: (text, call) => synthesize(text, speaker, call),
    async [Symbol.asyncDispose]() {
      await speaker.dispose();
    },
  };
}

async function* synthesize(
  text: string,
  speaker: PieceSpeaker,
  { signal, voice = speaker.voices[0]! }: CallOptions & { readonly voice?: string },
): AsyncIterable<SpeechChunk> {
  signal.throwIfAborted();
  findVoice(speaker.voices, voice);
  const { sampleRateHz } = speaker;
  const pieces = breaths(speakableWords(text, asWritten), PIECE_CHARS);
  let textEnd: number | undefined;
  for (const [index, words] of pieces.entries()) {
    const last = index === pieces.length - 1;
    const sound = await speaker.speak(words.map(({ spoken }) => spoken).join(" "), { signal, voice });
    signal.throwIfAborted();
    if (sound?.length === 0) throw new ParleyError("MODEL_ERROR", "The voice produced no sound; try again.");
    // With a piece that cannot be said at its end, a text is over all the same.
    const samples = sound ?? (last && textEnd !== undefined ? silence(sampleRateHz) : undefined);
    if (!samples) continue;
    for (const chunk of chunksOf(samples, { words, sampleRateHz, textEnd: textEnd ?? 0 })) {
      textEnd = last && chunk.textEnd === words.at(-1)!.end ? text.length : chunk.textEnd;
      yield { ...chunk, textEnd };
      signal.throwIfAborted();
    }
  }
}

interface Piece {
  readonly words: readonly Word[];
  readonly sampleRateHz: number;
  /** Where it begins in the text. */
  readonly textEnd: number;
}

function* chunksOf(samples: Float32Array, { words, sampleRateHz, ...piece }: Piece): Iterable<SpeechChunk> {
  const voice = withoutLeadIn(samples, sampleRateHz);
  const ends = wordEnds(words, voice.length);
  const chunkSamples = Math.round(CHUNK_MS * sampleRateHz / 1000);
  let { textEnd } = piece;
  for (let start = 0, said = 0; start < voice.length; start += chunkSamples) {
    const end = Math.min(start + chunkSamples, voice.length);
    while (said < words.length && ends[said]! <= end) textEnd = words[said++]!.end;
    yield { frame: { samples: voice.slice(start, end), sampleRateHz, startMs: 0, gap: false }, textEnd };
  }
}

/** The sample by which each word has been said. */
function wordEnds(words: readonly Word[], samples: number): number[] {
  const letters = words.reduce((sum, { spoken }) => sum + spoken.length, 0);
  let before = 0;
  return words.map(({ spoken }) => {
    before += spoken.length;
    return Math.floor(before / letters * samples);
  });
}

/** Numbers that make no sense are left in: whoever checks them is to find them. */
function withoutLeadIn(samples: Float32Array, sampleRateHz: number): Float32Array {
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const onset = samples.findIndex((sample) => Math.abs(sample) >= loudest * SILENT_SHARE);
  return samples.subarray(Math.max(0, onset - Math.round(LEAD_IN_MS * sampleRateHz / 1000)));
}

function silence(sampleRateHz: number): Float32Array {
  return new Float32Array(Math.round(LEAD_IN_MS * sampleRateHz / 1000));
}
