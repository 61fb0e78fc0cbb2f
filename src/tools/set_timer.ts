/** The tool that starts a timer. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";
import { parseDuration } from "./spoken/durations.ts";
import type { Timers } from "./timers.ts";

/** `set_timer {"duration": "ten minutes"}` → `{"ok": true}`. */
export function setTimer(timers: Timers): Tool {
  return defineTool({
    name: "set_timer",
    description: "Starts a timer. The user is told when it is done.",
    args: z.object({
      duration: z.string().min(1).max(100).describe(
        'up to 24 hours, such as "ten minutes" or "1 hour 30 minutes"',
      ),
    }),
    pure: false,
    run({ duration }) {
      timers.start(parseDuration(duration));
      return { ok: true };
    },
  });
}
