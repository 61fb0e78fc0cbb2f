/** Latency percentiles over the turns of a session: a reader of its traces. */
import type { LatencyTrace, MarkName } from "../../pipeline/events.ts";

/** The distribution of one latency, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How many turns it was measured in. */
  readonly n: number;
}

/** The latencies that are measured, under the names of the contract. */
export interface LatencyPercentiles {
  readonly voice_to_voice_ms: Percentiles;
  readonly endpoint_ms: Percentiles;
  readonly stt_ms: Percentiles;
  readonly llm_ttft_ms: Percentiles;
  readonly tts_ttfa_ms: Percentiles;
}

/** How many of the newest turns are kept. */
const TURNS_KEPT = 1000;

/** Keeps the traces of a session's turns. */
export class LatencyMetrics {
  #traces: LatencyTrace[] = [];

  add(trace: LatencyTrace): void {
    this.#traces.push(trace);
    if (this.#traces.length > TURNS_KEPT) this.#traces.shift();
  }

  /** How many turns are kept. */
  get turns(): number {
    return this.#traces.length;
  }

  /** The latencies of the newest `turns` turns (default: all kept). */
  percentiles(turns: number = TURNS_KEPT): LatencyPercentiles {
    const measured = this.#traces.slice(-turns).map(latenciesOf);
    const over = (name: keyof LatencyPercentiles) =>
      percentilesOf(measured.map((latencies) => latencies[name]));
    return {
      voice_to_voice_ms: over("voice_to_voice_ms"),
      endpoint_ms: over("endpoint_ms"),
      stt_ms: over("stt_ms"),
      llm_ttft_ms: over("llm_ttft_ms"),
      tts_ttfa_ms: over("tts_ttfa_ms"),
    };
  }
}

/** The latencies of one turn, where it has them. */
export function latenciesOf(
  trace: LatencyTrace,
): { readonly [K in keyof LatencyPercentiles]: number | undefined } {
  return {
    voice_to_voice_ms: trace.voiceToVoiceMs,
    endpoint_ms: between(trace, "speech_end", "endpoint"),
    stt_ms: between(trace, "endpoint", "stt_final"),
    llm_ttft_ms: stageTo(trace, "llm", "llm_first_token"),
    tts_ttfa_ms: stageTo(trace, "tts", "tts_first_audio"),
  };
}

/** Nearest-rank percentiles of the values that are there; zeros when none is. */
export function percentilesOf(values: readonly (number | undefined)[]): Percentiles {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), n: sorted.length };
}

function between({ marks }: LatencyTrace, from: MarkName, to: MarkName): number | undefined {
  const [start, end] = [marks[from], marks[to]];
  return start === undefined || end === undefined ? undefined : end - start;
}

/** From the last start of a stage before the mark: a turn with tools runs the language model several times. */
function stageTo({ spans, marks }: LatencyTrace, stage: string, to: MarkName): number | undefined {
  const end = marks[to];
  if (end === undefined) return undefined;
  const start = spans.findLast((span) => span.stage === stage && span.startMs <= end);
  return start && end - start.startMs;
}
