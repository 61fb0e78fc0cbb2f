/** The tool that cancels a timer. */
import { z } from "zod";
import { ParleyError } from "../../pipeline/errors.ts";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";
import type { Timer, Timers } from "./timers.ts";

/** `cancel_timer {"timer_id"?: "timer-1"}` → `{"ok": true, "name": "ten minute timer"}`; without an id, the only one. */
export function cancelTimer(timers: Timers): Tool {
  return defineTool({
    name: "cancel_timer",
    description: "Cancels a running timer. The timer_id may be left out when only one runs.",
    args: z.object({ timer_id: z.string().optional().describe("as list_timers gives it") }),
    pure: false,
    run({ timer_id }) {
      const { name } = timers.cancel(timer_id ?? only(timers.list()).timerId);
      return { ok: true, name };
    },
  });
}

function only(running: readonly Timer[]): Timer {
  const [timer] = running;
  if (!timer) throw new ParleyError("NOT_FOUND", "No timer is running.");
  if (running.length === 1) return timer;
  const names = running.map(({ timerId, name }) => `${timerId} (${name})`).join(", ");
  throw new ParleyError("CONFLICT", `Several timers are running; name one of ${names}.`);
}
