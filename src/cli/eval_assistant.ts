/** What the language model is told in a session of its own: who it is, and which tools it has. */
import { z } from "zod";
import type { AnsweringOptions } from "../../models/eval/answering.ts";
import type { Meanings } from "../../models/eval/calls.ts";
import { systemClock } from "../../pipeline/clock.ts";
import { configSchema } from "../config_schema.ts";
import { openMemory } from "../memory/memory.ts";
import { evaluateSpoken, sayNumber } from "../tools/spoken/arithmetic.ts";
import { parseDuration } from "../tools/spoken/durations.ts";
import { createTimers } from "../tools/timers.ts";
import { createToolbox } from "../tools/toolbox.ts";

/** The assistant that sessions begin with where nobody has set another. */
export type AssistantParts = Pick<AnsweringOptions, "systemPrompt" | "tools" | "meanings">;

/** Its parts. `signal` ends what tools may have begun. */
export function assistantParts(signal: AbortSignal): AssistantParts {
  using memory = openMemory({ clock: systemClock });
  const timers = createTimers({ clock: systemClock, signal, onDone: () => {} });
  const systemInfo = () => ({ version: "", uptimeMs: 0, memoryBytes: 0 });
  const tools = createToolbox({ clock: systemClock, memory, timers, systemInfo });
  return {
    systemPrompt: configSchema.parse({}).system_prompt,
    tools: [...tools.values()].map(({ spec }) => spec),
    meanings: MEANINGS,
  };
}

const MEANINGS: Meanings = {
  calculate: (args) => sayNumber(evaluateSpoken(z.object({ expression: z.string() }).parse(args).expression)),
  set_timer: (args) => parseDuration(z.object({ duration: z.string() }).parse(args).duration),
};
