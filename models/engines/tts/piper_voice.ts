/** What the file beside a Piper voice says of it. */
import { z } from "zod";
import { wrongModel } from "./model_files.ts";
import type { Clause } from "./spelling.ts";

const description = z.object({
  audio: z.object({ sample_rate: z.number().int().min(8000).max(192_000) }),
  espeak: z.object({ voice: z.string().min(1) }).optional(),
  phoneme_type: z.enum(["espeak", "text"]).default("espeak"),
  inference: z.object({
    noise_scale: z.number().default(0.667),
    length_scale: z.number().default(1),
    noise_w: z.number().default(0.8),
  }).prefault({}),
  num_speakers: z.number().int().min(1).default(1),
  speaker_id_map: z.record(z.string(), z.number().int().min(0)).default({}),
  /** What the voice was taught in the place of some of espeak-ng's sounds. */
  phoneme_map: z.record(z.string(), z.array(z.string())).default({}),
  phoneme_id_map: z.record(z.string(), z.array(z.number().int())),
}).refine(({ phoneme_type, espeak }) => phoneme_type === "text" || espeak !== undefined)
  .refine(({ phoneme_id_map }) => ["_", "^", "$"].every((token) => phoneme_id_map[token]?.length));

/** A Piper voice's description, with every default filled in. */
export type PiperVoice = z.output<typeof description>;

/** Reads a description. Throws `MODEL_ERROR` where it is none that this engine can follow. */
export function parsePiperVoice(json: Uint8Array, name: string): PiperVoice {
  try {
    return description.parse(JSON.parse(new TextDecoder().decode(json)));
  } catch (cause) {
    throw wrongModel(name, "has a description that is not one of a Piper voice.", cause);
  }
}

/** The voices' names and what the model calls them: its speakers, or where it has one, the model's name. */
export function speakersOf({ num_speakers, speaker_id_map }: PiperVoice, name: string): Map<string, number> {
  if (num_speakers === 1) return new Map([[name, 0]]);
  const named = Object.entries(speaker_id_map).toSorted(([, a], [, b]) => a - b);
  if (named.length > 0) return new Map(named);
  return new Map(Array.from({ length: num_speakers }, (_, id) => [String(id), id]));
}

/** Piper's voices were taught no other marks. */
const MARKS: Readonly<Record<string, string>> = { "…": "." };

/** The phonemes of a text as Piper puts them: a mark after each clause, and one at the end always. */
export function piperPhonemes(clauses: readonly Clause[]): string {
  return clauses.map(({ phonemes, mark }, index) => {
    const heard = mark === "" && index === clauses.length - 1 ? "." : mark;
    return phonemes + (MARKS[heard] ?? heard);
  }).join(" ");
}

/** The numbers of the phonemes, a pad after each; undefined where the voice knows none that sounds. */
export function phonemeIds(phonemes: string, voice: PiperVoice): number[] | undefined {
  const { phoneme_map, phoneme_id_map } = voice;
  const known = [...phonemes.normalize("NFD")]
    .flatMap((phoneme) => phoneme_map[phoneme] ?? [phoneme])
    .filter((phoneme) => Object.hasOwn(phoneme_id_map, phoneme));
  if (!known.some((phoneme) => /\p{L}|\p{N}/u.test(phoneme))) return undefined;
  const pad = phoneme_id_map["_"]!;
  const ids = ["^", ...known].flatMap((phoneme) => [...phoneme_id_map[phoneme]!, ...pad]);
  return [...ids, ...phoneme_id_map["$"]!];
}
