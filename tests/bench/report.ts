/** Benchmarks as a table: what was measured, what is to be reached, and whether it was. */
import { percentilesOf } from "../../src/sessions/metrics.ts";

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** At most this. Absent for what is only told. */
  readonly limit?: number;
  /** How it was measured, in a few words. */
  readonly over: string;
}

/** p50 and p95 of a latency, each with its limit. */
export function latencyFigures(
  name: string,
  values: readonly number[],
  limits: { readonly p50?: number; readonly p95?: number; readonly over: string },
): Figure[] {
  const { p50, p95, n } = percentilesOf(values);
  const over = `${n} ${limits.over}`;
  return [
    { name: `${name}, p50`, value: p50, unit: "ms", over, ...(limits.p50 && { limit: limits.p50 }) },
    { name: `${name}, p95`, value: p95, unit: "ms", over, ...(limits.p95 && { limit: limits.p95 }) },
  ];
}

/** The table in Markdown, as it stands in the README. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, limit, over }) => {
    const shown = `${digits(value)} ${unit}`.trim();
    const wanted = limit === undefined ? "–" : `≤ ${limit} ${unit}`.trim();
    const mark = limit === undefined ? "" : value <= limit ? " ✓" : " ✗";
    return `| ${name} | ${shown}${mark} | ${wanted} | ${over} |`;
  });
  return ["| figure | measured | to reach | over |", "|---|---|---|---|", ...rows].join("\n");
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return size >= 100 ? value.toFixed(0) : size >= 1 ? value.toFixed(1) : value.toFixed(4);
}
