/** What was heard, in the forms in which it can be asked for. */
import type { HeardPiece } from "./transcribe.ts";

/** A line of subtitles. */
export interface Cue {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence?: number;
}

/** A pause between words that ends a line. */
const PAUSE_MS = 700;
/** As long as a line of subtitles stands at most, and as long as two lines of text are (BBC, Netflix guidelines). */
const LONGEST_CUE_MS = 7000;
const LONGEST_CUE_CHARS = 84;

/** All that was said. */
export function textOf(pieces: readonly HeardPiece[]): string {
  return pieces.map(({ text }) => text).filter(Boolean).join(" ");
}

/** What was said, in lines that can be read while they are heard; a piece without times of words is one line. */
export function cuesOf(pieces: readonly HeardPiece[]): Cue[] {
  return pieces.flatMap((piece) => piece.words && piece.words.length > 0 ? wordCues(piece) : wholeCue(piece));
}

function wholeCue({ text, startMs, endMs, confidence }: HeardPiece): Cue[] {
  return text ? [{ text, startMs, endMs, ...(confidence !== undefined && { confidence }) }] : [];
}

function wordCues({ words = [], confidence }: HeardPiece): Cue[] {
  const cues: Cue[] = [];
  for (const { word, startMs, endMs } of words) {
    const last = cues.at(-1);
    const goesOn = last && startMs - last.endMs < PAUSE_MS && endMs - last.startMs <= LONGEST_CUE_MS &&
      last.text.length + 1 + word.length <= LONGEST_CUE_CHARS;
    if (goesOn) cues[cues.length - 1] = { ...last, text: `${last.text} ${word}`, endMs };
    else cues.push({ text: word, startMs, endMs, ...(confidence !== undefined && { confidence }) });
  }
  return cues;
}

/** SubRip. */
export function toSrt(cues: readonly Cue[]): string {
  return cues.map(({ text, startMs, endMs }, index) =>
    `${index + 1}\n${timestamp(startMs, ",")} --> ${timestamp(endMs, ",")}\n${text}\n\n`
  ).join("");
}

/** WebVTT. */
export function toVtt(cues: readonly Cue[]): string {
  const lines = cues.map(({ text, startMs, endMs }) =>
    `${timestamp(startMs, ".")} --> ${timestamp(endMs, ".")}\n${text}\n\n`
  );
  return `WEBVTT\n\n${lines.join("")}`;
}

function timestamp(ms: number, point: string): string {
  const [whole, part] = [Math.floor(Math.round(ms) / 1000), Math.round(ms) % 1000];
  const two = (value: number) => `${Math.floor(value)}`.padStart(2, "0");
  return `${two(whole / 3600)}:${two(whole / 60 % 60)}:${two(whole % 60)}${point}${
    `${part}`.padStart(3, "0")
  }`;
}

/** What the long form tells beside the pieces. */
export interface VerboseOptions {
  readonly language: string | undefined;
  readonly granularities: readonly ("word" | "segment")[];
}

/** A language that nobody named (ISO 639-2). */
const UNDETERMINED = "und";

/** OpenAI's long form. What Whisper alone knows of a segment has the value that says nothing. */
export function toVerbose(pieces: readonly HeardPiece[], { language, granularities }: VerboseOptions) {
  const seconds = secondsOf(pieces);
  const segments = cuesOf(pieces).map(({ text, startMs, endMs, confidence }, id) => ({
    id,
    seek: 0,
    start: startMs / 1000,
    end: endMs / 1000,
    text,
    tokens: [],
    temperature: 0,
    avg_logprob: confidence === undefined ? 0 : Math.log(Math.max(confidence, Number.EPSILON)),
    compression_ratio: 1,
    no_speech_prob: 0,
  }));
  const words = pieces.flatMap(({ words = [] }) =>
    words.map(({ word, startMs, endMs }) => ({ word, start: startMs / 1000, end: endMs / 1000 }))
  );
  return {
    task: "transcribe",
    language: pieces.find((piece) => piece.language)?.language ?? language ?? UNDETERMINED,
    duration: seconds,
    text: textOf(pieces),
    ...(granularities.includes("segment") && { segments }),
    ...(granularities.includes("word") && { words }),
    usage: usageOf(pieces),
  };
}

/** What was used: time. */
export function usageOf(pieces: readonly HeardPiece[]) {
  return { type: "duration", seconds: Math.ceil(secondsOf(pieces)) };
}

function secondsOf(pieces: readonly HeardPiece[]): number {
  return (pieces.at(-1)?.endMs ?? 0) / 1000;
}
