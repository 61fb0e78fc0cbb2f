/** Speech by voices that nothing is trained on (`models/training/synthesis.py` leaves them out). */
import { z } from "zod";
import type { CallOptions } from "../../pipeline/engines.ts";
import { outputOf } from "./program.ts";
import { integer, randomOf } from "./random.ts";
import { samplesOf } from "./sound.ts";

/** A voice, its speed and pitch: the same ones make the same sound. */
export const voice = z.discriminatedUnion("engine", [
  z.strictObject({
    engine: z.literal("espeak-ng"),
    name: z.string(),
    /** Words a minute. */
    speed: z.number(),
    /** 0 to 99. */
    pitch: z.number(),
    /** Pause between words, in steps of 10 ms. */
    gap: z.number(),
  }),
  z.strictObject({
    engine: z.literal("flite"),
    name: z.string(),
    /** Times as long as usual. */
    stretch: z.number(),
    /** Mean fundamental, Hz. */
    pitch: z.number(),
  }),
]);

/** One of them. */
export type Voice = z.output<typeof voice>;

const ESPEAK_VARIANTS = ["Michael", "m7", "f5", "grandpa", "Andy", "steph2"];
const FLITE_VOICE = "rms";

/** Of `texts` the one at `index` is always said by the same espeak-ng voice. */
export function espeakVoice(index: number): Voice {
  const random = randomOf(1000 + index);
  const accent = random() < 0.5 ? "en-us" : "en-gb";
  const name = `${accent}+${ESPEAK_VARIANTS[integer(random, 0, ESPEAK_VARIANTS.length - 1)]}`;
  const gap = Math.max(0, integer(random, -2, 2));
  return { engine: "espeak-ng", name, speed: integer(random, 125, 205), pitch: integer(random, 25, 75), gap };
}

/** The same of flite's held-out voice. */
export function fliteVoice(index: number): Voice {
  const random = randomOf(2000 + index);
  const stretch = integer(random, 80, 125) / 100;
  return { engine: "flite", name: FLITE_VOICE, stretch, pitch: integer(random, 85, 220) };
}

/** `text` in that voice, 16 kHz. Throws `UNAVAILABLE` where its engine is not installed. */
export async function speak(text: string, voice: Voice, call: CallOptions): Promise<Float32Array> {
  const { engine, name, pitch } = voice;
  if (engine === "espeak-ng") {
    const settings = ["-s", `${voice.speed}`, "-p", `${pitch}`, "-g", `${voice.gap}`];
    return await samplesOf(await outputOf(engine, ["-v", name, ...settings, "--stdout", text], call));
  }
  const settings = [`duration_stretch=${voice.stretch}`, `int_f0_target_mean=${pitch}`];
  const args = [
    "-voice",
    name,
    ...settings.flatMap((setting) => ["--setf", setting]),
    "-o",
    "/dev/stdout",
    "-t",
    text,
  ];
  return await samplesOf(await outputOf(engine, args, call));
}
