/** `deno task bench [engines] [models] [protocol] [dashboard] [turns] [room]`: every figure that the README claims, measured on this machine. */
import { hasVirtualAudio } from "../support/virtual_audio.ts";
import { dashboardFigures } from "./dashboard.ts";
import { engineFigures } from "./engines.ts";
import { protocolFigures } from "./protocol.ts";
import { type Figure, table } from "./report.ts";
import { modelFigures } from "./models.ts";
import { roomFigures } from "./room.ts";
import { turnTakingFigures } from "./turn_taking.ts";

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  engines: engineFigures,
  models: modelFigures,
  protocol: protocolFigures,
  dashboard: dashboardFigures,
  turns: turnTakingFigures,
  room() {
    if (!hasVirtualAudio()) throw new Error("The virtual room needs pulseaudio and pulseaudio-utils");
    return roomFigures({ turns: 20, interruptions: 10, memoryTurns: 60 });
  },
};

if (import.meta.main) {
  const names = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHES);
  const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0) throw new Error(`There is no bench ${unknown}; there are ${Object.keys(BENCHES)}`);
  const figures: Figure[] = [];
  for (const name of names) figures.push(...await BENCHES[name]!());
  await Deno.stdout.write(new TextEncoder().encode(`${table(figures)}\n`));
}
