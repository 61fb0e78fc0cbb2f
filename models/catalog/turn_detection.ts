/** Whether somebody who pauses has finished. */
import type { CatalogEntry } from "../catalog.ts";
import { known, sourceOf } from "./build.ts";

const SMART_TURN = "pipecat-ai/smart-turn-v3";
const FILE = "smart-turn-v3.2-cpu.onnx";

/** Models that hear whether a turn is over. */
export const turnDetection: readonly CatalogEntry[] = [
  {
    name: "smart-turn-v3",
    task: "turn",
    summary: "hears whether you have finished or only think: answers sooner, and cuts in less",
    licence: "BSD-2-Clause",
    // As its makers list them.
    languages: "en ar bn zh da nl de fi fr hi id it ja ko mr no pl pt ru es tr uk vi".split(" "),
    engine: "smart_turn",
    options: { file: FILE },
    source: sourceOf(SMART_TURN),
    files: [known(SMART_TURN, FILE)],
    variants: [{ dtype: "int8", runsOn: "any", files: [], megabytes: 9 }],
  },
];
