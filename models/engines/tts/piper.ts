/** Piper's voices: one ONNX file each, and one that describes it. Fast on any machine. */
import { basename } from "node:path";
import { z } from "zod";
import type { CallOptions, TextToSpeech } from "../../../pipeline/engines.ts";
import { defineEngine } from "../../engine_spec.ts";
import { findVoice } from "../remote/speech.ts";
import { modelOptions } from "../transformers_source.ts";
import { modelFolder, readModelFile, wholeModel, wrongModel } from "./model_files.ts";
import { loadOnnx, type OnnxModel } from "../onnx_session.ts";
import { inPieces, type PieceSpeaker } from "./pieces.ts";
import { parsePiperVoice, phonemeIds, piperPhonemes, type PiperVoice, speakersOf } from "./piper_voice.ts";
import { type Clause, loadSpeller } from "./spelling.ts";

const options = modelOptions.pick({ model: true, device: true, threads: true }).extend({
  /** The voice's .onnx within the folder; its .onnx.json lies beside it. */
  file: z.string().endsWith(".onnx"),
  /** Who speaks in calls that name nobody, of a voice that has several, by name or number. */
  speaker: z.union([z.string().min(1), z.number().int().min(0)]).optional(),
  /** How slowly it speaks: 2 is twice as long. Default of this and of those below: the voice's own. */
  length_scale: z.number().min(0.25).max(4).optional(),
  /** How much the sound varies from one time to the next. */
  noise_scale: z.number().min(0).max(2).optional(),
  /** How much the lengths of phonemes vary. */
  noise_w: z.number().min(0).max(2).optional(),
});

/** The engine. */
export const piper = defineEngine({
  task: "tts",
  options,
  runs: "worker",
  async load({ file, speaker, ...settings }): Promise<TextToSpeech> {
    const { folder } = await modelFolder(settings.model);
    const name = basename(file, ".onnx");
    const weights = await readModelFile({ folder, name }, file);
    const voice = parsePiperVoice(await readModelFile({ folder, name }, `${file}.json`), name);
    const speakers = speakersOf(voice, name);
    const chosen = chosenSpeaker(speakers, speaker);
    const spell = await spellingOf(voice, name);
    const model = await wholeModel(name, () => loadOnnx(weights, settings));
    const { inference } = voice;
    const { noise_scale = inference.noise_scale, length_scale = inference.length_scale } = settings;
    const scales = [noise_scale, length_scale, settings.noise_w ?? inference.noise_w];
    return inPieces(new Piper({ voice, speakers, chosen, spell, model, scales }));
  },
});

function chosenSpeaker(speakers: ReadonlyMap<string, number>, speaker: string | number | undefined): string {
  const names = [...speakers.keys()];
  if (speaker === undefined) return names[0]!;
  const name = names.find((name) => name === speaker || speakers.get(name) === speaker);
  return name ?? findVoice(names, String(speaker));
}

type Spell = (text: string) => Promise<Clause[]>;

/** Voices that were taught letters need no sounds. */
async function spellingOf({ phoneme_type, espeak }: PiperVoice, name: string): Promise<Spell> {
  if (phoneme_type === "text" || !espeak) {
    return (text) => Promise.resolve([{ phonemes: text.toLowerCase(), mark: "" }]);
  }
  const speller = await loadSpeller();
  if (speller.knows(espeak.voice)) return (text) => speller.spell(text, espeak.voice);
  const problem =
    `speaks a language ("${espeak.voice}") that cannot be spelt in sounds here; choose another.`;
  throw wrongModel(name, problem);
}

interface Parts {
  readonly voice: PiperVoice;
  readonly speakers: ReadonlyMap<string, number>;
  readonly chosen: string;
  readonly spell: Spell;
  readonly model: OnnxModel;
  /** Noise, length, noise of lengths. */
  readonly scales: readonly number[];
}

class Piper implements PieceSpeaker {
  readonly voices: readonly string[];
  readonly sampleRateHz: number;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    const { voice, speakers, chosen } = parts;
    this.voices = [chosen, ...[...speakers.keys()].filter((name) => name !== chosen)];
    this.sampleRateHz = voice.audio.sample_rate;
    this.#parts = parts;
  }

  async speak(
    piece: string,
    { signal, voice: speaker }: CallOptions & { readonly voice: string },
  ): Promise<Float32Array | undefined> {
    const { voice, speakers, spell, model: { session, Tensor }, scales } = this.#parts;
    const ids = phonemeIds(piperPhonemes(await spell(piece)), voice);
    if (!ids) return undefined;
    signal.throwIfAborted();
    const output = await session.run({
      input: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
      input_lengths: new Tensor("int64", BigInt64Array.of(BigInt(ids.length)), [1]),
      scales: new Tensor("float32", Float32Array.from(scales), [3]),
      ...(session.inputNames.includes("sid") && {
        sid: new Tensor("int64", BigInt64Array.of(BigInt(speakers.get(speaker)!)), [1]),
      }),
    });
    return output[session.outputNames[0]!]!.data as Float32Array;
  }

  dispose(): Promise<void> {
    return this.#parts.model.session.release();
  }
}
