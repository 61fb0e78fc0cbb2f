/** Traces of turns as a file that Perfetto and chrome://tracing open. */
import type { TurnView } from "./turns.ts";

/** https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU: times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "i" | "M";
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly s?: "t";
  readonly args?: Readonly<Record<string, unknown>>;
}

/** One process a turn, one thread a stage. */
export function traceFile(turns: readonly TurnView[]): string {
  const traceEvents = turns.flatMap((turn, index) => eventsOf(turn, index + 1));
  return JSON.stringify({ traceEvents, displayTimeUnit: "ms" });
}

function eventsOf({ trace, startedAt, user }: TurnView, pid: number): TraceEvent[] {
  if (!trace) return [];
  const startUs = Date.parse(startedAt) * 1000;
  const stages = [...new Set(trace.spans.map((span) => span.stage))];
  const name = `turn ${pid}: ${user?.text ?? ""}`;
  return [
    { name: "process_name", ph: "M", ts: 0, pid, tid: 0, args: { name } },
    ...stages.map((stage, tid): TraceEvent => (
      { name: "thread_name", ph: "M", ts: 0, pid, tid: tid + 1, args: { name: stage } }
    )),
    ...trace.spans.map(({ stage, start_ms, end_ms }): TraceEvent => ({
      name: stage,
      ph: "X",
      ts: startUs + start_ms * 1000,
      dur: (end_ms - start_ms) * 1000,
      pid,
      tid: stages.indexOf(stage) + 1,
    })),
    ...Object.entries(trace.marks).map(([mark, ms]): TraceEvent => (
      { name: mark, ph: "i", ts: startUs + Number(ms) * 1000, pid, tid: 0, s: "t" }
    )),
  ];
}
