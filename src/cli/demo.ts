/** `deno task demo`: the scripted conversation, then the latency of every turn. */
import type { Config } from "../config_schema.ts";
import type { LatencyTrace } from "../../pipeline/events.ts";
import { startShown } from "./start.ts";
import { LATENCY_STEPS, standardScreen, Terminal } from "./terminal.ts";

/** Runs the script once. Fails when a turn of it had no answer. */
export async function demo(config: Config): Promise<number> {
  const terminal = new Terminal(standardScreen());
  // A server may be running beside it: the demo takes any free port.
  await using app = await startShown({ ...config, port: 0 }, terminal);
  const turns: { text: string; trace?: LatencyTrace }[] = [];
  using _watching = app.local.session.watch((fact) => {
    if (fact.type === "message" && fact.role === "user") turns.push({ text: fact.text });
    const turn = turns.at(-1);
    if (fact.type === "latency.trace" && turn) turn.trace = fact.trace;
  });
  terminal.line("  script      recorded speech, at the pace of life\n");
  const lines = await app.local.startDemo({});
  await app.local.demoEnded();
  terminal.end();
  terminal.line(`\n${latencyTable(turns)}`);
  const answered = turns.filter((turn) => turn.trace).length;
  terminal.line(`\n${answered} of ${lines} turns answered.`);
  return answered === lines ? 0 : 1;
}

/** Latency of each turn, from the user's last voiced sample. */
function latencyTable(turns: readonly { text: string; trace?: LatencyTrace }[]): string {
  const steps = Object.keys(LATENCY_STEPS) as (keyof typeof LATENCY_STEPS)[];
  const rows = turns.map(({ text, trace }) => {
    const { marks = {} } = trace ?? {};
    const from = marks.speech_end;
    const cells = steps.map((step) => marks[step]).map((at) =>
      at === undefined || from === undefined ? "–" : (at - from).toFixed(0)
    );
    return [text, ...cells];
  });
  const width = Math.max(...rows.map(([text]) => text!.length), 30);
  const line = ([text, ...cells]: readonly string[]) =>
    text!.padEnd(width) + cells.map((cell) => cell.padStart(13)).join("");
  const head = line(["", ...Object.values(LATENCY_STEPS)]);
  return ["Milliseconds after the last sound of the user's voice:", head, ...rows.map(line)].join("\n");
}
