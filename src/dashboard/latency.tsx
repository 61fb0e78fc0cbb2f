/** Where the time of each turn went. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { colorOf } from "./colors.ts";
import type { Percentiles } from "../protocol/generated/client.ts";
import { save } from "./download.ts";
import { traceFile } from "./perfetto.ts";
import type { Store } from "./store.ts";
import type { TurnView } from "./turns.ts";

/** Turns shown on one time axis unless the reader chooses others. */
const SHOWN = 5;
const WIDTH = 600;
const ROW = 18;

type Traced = TurnView & { readonly trace: NonNullable<TurnView["trace"]> };

/** The waterfall, the percentiles and the course of a session. */
export function Latency({ store }: { readonly store: Store }) {
  const chosen = useSignal<readonly string[]>([]);
  const traced = store.turns.value.filter((turn): turn is Traced => turn.trace !== undefined);
  const shown = chosen.value.length > 0
    ? traced.filter(({ id }) => chosen.value.includes(id))
    : traced.slice(-SHOWN);
  const toggle = (id: string) => {
    chosen.value = chosen.value.includes(id)
      ? chosen.value.filter((other) => other !== id)
      : [...chosen.value, id];
  };
  if (traced.length === 0) return <p class="hint">After the first turn: where its time went.</p>;
  const longestMs = Math.max(1, ...shown.flatMap(({ trace }) => trace.spans.map(({ end_ms }) => end_ms)));
  return (
    <>
      <Distribution store={store} />
      {traced.some(({ trace }) => trace.voice_to_voice_ms !== undefined) && <Course turns={traced} />}
      <fieldset class="compare">
        <legend>Compare turns</legend>
        {traced.slice(-20).map((turn) => (
          <label key={turn.id}>
            <input
              type="checkbox"
              checked={chosen.value.includes(turn.id)}
              onChange={() => toggle(turn.id)}
            />
            {turn.user?.text || "said"}
          </label>
        ))}
      </fieldset>
      {shown.map((turn) => <Waterfall key={turn.id} turn={turn} longestMs={longestMs} />)}
      <button type="button" onClick={() => save("parley-trace.json", traceFile(traced))}>
        Save the trace for Perfetto
      </button>
    </>
  );
}

function Waterfall(
  { turn: { user, trace }, longestMs }: { readonly turn: Traced; readonly longestMs: number },
) {
  const stages = [...new Set(trace.spans.map(({ stage }) => stage))];
  const x = (ms: number) => 90 + ms / longestMs * (WIDTH - 100);
  const height = stages.length * ROW + 18;
  const total = trace.voice_to_voice_ms;
  const title = `${user?.text ?? "said"}: ${
    total === undefined ? "typed" : `${Math.round(total)} ms voice to voice`
  }`;
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={described(trace.spans)}>
        {stages.map((stage, row) => <text key={stage} x={0} y={row * ROW + 13}>{stage}</text>)}
        {trace.spans.map(({ stage, start_ms, end_ms }, index) => (
          <rect
            key={index}
            class={`span ${stage}`}
            x={x(start_ms)}
            y={stages.indexOf(stage) * ROW + 2}
            width={Math.max(1, x(end_ms) - x(start_ms))}
            height={ROW - 4}
          >
            <title>{`${stage}: ${start_ms} to ${end_ms} ms, ${Math.round(end_ms - start_ms)} ms`}</title>
          </rect>
        ))}
        {Object.entries(trace.marks).map(([mark, ms]) => (
          <line key={mark} class="mark" x1={x(Number(ms))} x2={x(Number(ms))} y1={0} y2={stages.length * ROW}>
            <title>{`${mark}: ${ms} ms`}</title>
          </line>
        ))}
        <text x={x(0)} y={height - 2}>0</text>
        <text x={x(longestMs)} y={height - 2} text-anchor="end">{Math.round(longestMs)} ms</text>
      </svg>
    </figure>
  );
}

function described(spans: Traced["trace"]["spans"]): string {
  return spans.map(({ stage, start_ms, end_ms }) => `${stage} from ${start_ms} to ${end_ms} milliseconds`)
    .join("; ");
}

const NAMES = {
  voice_to_voice_ms: "voice to voice",
  endpoint_ms: "end of speech",
  stt_ms: "speech to text",
  llm_ttft_ms: "first token",
  tts_ttfa_ms: "first audio",
} as const;

function Distribution({ store }: { readonly store: Store }) {
  const latency = store.metrics.value?.latency;
  if (!latency) return null;
  const rows = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => latency[name].n > 0);
  return (
    <table>
      <caption>Milliseconds, over the turns of this session</caption>
      <thead>
        <tr>
          <th scope="col">stage</th>
          <th scope="col">p50</th>
          <th scope="col">p95</th>
          <th scope="col">p99</th>
          <th scope="col">turns</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((name) => <PercentileRow key={name} name={NAMES[name]} values={latency[name]} />)}
      </tbody>
    </table>
  );
}

function PercentileRow({ name, values }: { readonly name: string; readonly values: Percentiles }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{values.p50.toFixed(0)}</td>
      <td>{values.p95.toFixed(0)}</td>
      <td>{values.p99.toFixed(0)}</td>
      <td>{values.n}</td>
    </tr>
  );
}

/** Voice to voice, turn by turn. */
function Course({ turns }: { readonly turns: readonly Traced[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const values = turns.flatMap(({ trace }) => trace.voice_to_voice_ms ?? []);
  useEffect(() => {
    const [stroke, grid] = [() => colorOf("--text"), { stroke: () => colorOf("--line"), width: 1 }];
    plot.current = new uPlot(
      {
        width: place.current!.clientWidth || WIDTH,
        height: 120,
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(most, 1) * 1.1] } },
        axes: [{ stroke, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100] }, {
          stroke,
          grid,
          size: 45,
        }],
        series: [{ label: "turn" }, {
          label: "ms",
          stroke: () => colorOf("--assistant"),
          points: { show: true },
        }],
        legend: { show: false },
      },
      [[], []],
      place.current!,
    );
    return () => plot.current?.destroy();
  }, []);
  useEffect(() => plot.current?.setData([values.map((_, index) => index + 1), values]), [values.length]);
  return (
    <figure>
      <figcaption>Voice to voice, ms, spoken turn by spoken turn</figcaption>
      <div ref={place} role="img" aria-label={`Voice to voice: ${values.map(Math.round).join(", ")} ms`} />
    </figure>
  );
}
