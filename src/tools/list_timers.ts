/** The tool that tells which timers run. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";
import type { Timers } from "./timers.ts";

/** `list_timers {}` → `{"timers": [{"timer_id": "timer-1", "name": "ten minute timer", "seconds_left": 400}]}`. */
export function listTimers(timers: Timers): Tool {
  return defineTool({
    name: "list_timers",
    description: "Lists the timers that are running and how many seconds each has left.",
    args: z.object({}),
    pure: true,
    run: () => ({
      timers: timers.list().map(({ timerId, name, leftMs }) => ({
        timer_id: timerId,
        name,
        seconds_left: Math.round(leftMs / 1000),
      })),
    }),
  });
}
