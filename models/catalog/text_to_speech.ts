/** Voices. */
import type { CatalogEntry } from "../catalog.ts";
import { fromRepository, known, sourceOf } from "./build.ts";

const TOKENIZER = ["tokenizer.json", "tokenizer_config.json"];

/** The voices of Kokoro 1.0 whose languages can be spelt in sounds here; the first is the usual one. */
const KOKORO_VOICES = [
  ..."af_heart af_alloy af_aoede af_bella af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky"
    .split(" "),
  ..."am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa".split(" "),
  ..."bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis".split(" "),
  ..."ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi".split(" "),
  ..."if_sara im_nicola pf_dora pm_alex pm_santa".split(" "),
];

const SUPERTONIC_VOICES = "F1 F2 F3 F4 F5 M1 M2 M3 M4 M5".split(" ");

const PIPER = "rhasspy/piper-voices";

/** A voice of Piper's collection: `en_US-amy-medium` and the like. */
function piper(voice: string, licence: string, summary: string): CatalogEntry {
  const [language = "", name, quality] = voice.split("-");
  const path = `${language.split("_")[0]}/${language}/${name}/${quality}/${voice}.onnx`;
  return {
    name: `piper-${voice.toLowerCase().replace("_", "-")}`,
    task: "tts",
    summary,
    licence,
    languages: [language.replace("_", "-")],
    engine: "piper",
    options: { file: path },
    source: sourceOf(PIPER),
    files: [known(PIPER, path), known(PIPER, `${path}.json`)],
    variants: [{ dtype: "fp32", runsOn: "any", files: [], megabytes: 63 }],
  };
}

/** Models that speak. */
export const textToSpeech: readonly CatalogEntry[] = [
  {
    name: "kokoro-82m",
    task: "tts",
    summary: "natural voices in seven languages and accents",
    licence: "Apache-2.0",
    languages: ["en-US", "en-GB", "es", "fr", "hi", "it", "pt-BR"],
    engine: "kokoro",
    options: {},
    ...fromRepository({
      id: "onnx-community/Kokoro-82M-v1.0-ONNX",
      megabytes: { q8: 114, fp32: 347, fp16: 185 },
      graphs: ["model"],
      files: [...TOKENIZER, ...KOKORO_VOICES.slice(0, 1).map(voiceFile)],
      optional: KOKORO_VOICES.slice(1).map(voiceFile),
    }),
  },
  {
    name: "supertonic",
    task: "tts",
    summary: "natural English, fast, ten voices",
    licence: "BigScience Open RAIL-M",
    languages: ["en"],
    engine: "supertonic",
    options: {},
    ...fromRepository({
      id: "onnx-community/Supertonic-TTS-ONNX",
      megabytes: { fp32: 264 },
      graphs: ["text_encoder", "latent_denoiser", "voice_decoder"],
      files: [...TOKENIZER, ...SUPERTONIC_VOICES.slice(0, 1).map(voiceFile)],
      optional: SUPERTONIC_VOICES.slice(1).map(voiceFile),
    }),
  },
  piper("en_US-amy-medium", "see the voice's model card", "clear American English, fast on any machine"),
  piper("en_US-lessac-medium", "Blizzard 2013 (research)", "lively American English, fast on any machine"),
  piper("de_DE-thorsten-medium", "CC0-1.0", "clear German, fast on any machine"),
  piper("fr_FR-siwis-medium", "CC-BY-4.0", "clear French, fast on any machine"),
  piper("es_ES-davefx-medium", "see the voice's model card", "clear Spanish, fast on any machine"),
  {
    name: "mms-tts-eng",
    task: "tts",
    summary: "small and plain English; Meta's collection has a thousand languages in this form",
    licence: "CC-BY-NC-4.0",
    languages: ["en"],
    engine: "vits",
    options: {},
    ...fromRepository({
      id: "Xenova/mms-tts-eng",
      megabytes: { q8: 39 },
      graphs: ["model"],
      files: TOKENIZER,
    }),
  },
];

function voiceFile(voice: string): string {
  return `voices/${voice}.bin`;
}
