/** Where the time of a turn went, computed from its facts alone. */
import type { Fact, LatencyTrace, MarkName, TraceSpan } from "./events.ts";

interface Timed {
  readonly fact: Fact;
  readonly atMs: number;
}

/** Marks that follow from a fact's first appearance; the others are told by `trace.mark`. */
const MARK_OF: Readonly<Partial<Record<Fact["type"], MarkName>>> = {
  "stt.result": "stt_final",
  "llm.progress": "llm_first_token",
  "tts.progress": "tts_first_audio",
};

/** A stage's span runs from each `begin` to the next `end`, or to the last fact of the turn. */
const SPANS: readonly { stage: string; begin: Fact["type"]; end: Fact["type"] }[] = [
  { stage: "stt", begin: "stt.start", end: "stt.result" },
  { stage: "llm", begin: "llm.start", end: "llm.result" },
  { stage: "tool", begin: "tool.call", end: "tool.result" },
];

/**
 * The latency trace of a turn that spoke, or undefined for one that did not. `facts` may be in any order:
 * those of an attempt are told after they happened. Times in the result count from `startMs`.
 */
export function traceOf(facts: readonly Timed[], startMs: number): LatencyTrace | undefined {
  const ordered = facts.toSorted((a, b) => a.atMs - b.atMs);
  const marks = marksOf(ordered, startMs);
  if (marks.playback_start === undefined) return undefined;
  const { speech_end: speechEnd, playback_start: playbackStart } = marks;
  return {
    ...(speechEnd !== undefined && { voiceToVoiceMs: playbackStart - speechEnd }),
    spans: spansOf(ordered, startMs, marks),
    marks,
  };
}

function marksOf(facts: readonly Timed[], startMs: number): Partial<Record<MarkName, number>> {
  const marks: Partial<Record<MarkName, number>> = {};
  for (const { fact, atMs } of facts) {
    const name = fact.type === "trace.mark" ? fact.name : MARK_OF[fact.type];
    if (name !== undefined) marks[name] ??= atMs - startMs;
  }
  return marks;
}

function spansOf(
  facts: readonly Timed[],
  startMs: number,
  marks: Partial<Record<MarkName, number>>,
): TraceSpan[] {
  const endMs = (facts.at(-1)?.atMs ?? startMs) - startMs;
  const spans: TraceSpan[] = [];
  const add = (stage: string, from: number | undefined, to: number | undefined) => {
    if (from !== undefined) spans.push({ stage, startMs: from, endMs: Math.max(from, to ?? endMs) });
  };
  add("endpointing", marks.speech_end, marks.endpoint);
  for (const { stage, begin, end } of SPANS) {
    for (const [index, { fact, atMs }] of facts.entries()) {
      if (fact.type !== begin) continue;
      const ending = facts.slice(index).find((later) => later.fact.type === end);
      add(stage, atMs - startMs, ending && ending.atMs - startMs);
    }
  }
  const synthesis = facts.filter(({ fact }) => fact.type === "tts.start" || fact.type === "tts.progress");
  if (synthesis.length > 0) add("tts", synthesis[0]!.atMs - startMs, synthesis.at(-1)!.atMs - startMs);
  for (const { fact, atMs } of facts) {
    if (fact.type === "attempt.discarded") add("discarded", fact.startedAtMs - startMs, atMs - startMs);
  }
  add("playback", marks.playback_start, endMs);
  return spans.toSorted((a, b) => a.startMs - b.startMs);
}
