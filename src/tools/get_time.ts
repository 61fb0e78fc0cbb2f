/** The tool that tells the time. */
import { z } from "zod";
import type { Clock } from "../../pipeline/clock.ts";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";

/** Where and how times and dates are told. */
export interface LocalTime {
  readonly clock: Clock;
  /** BCP 47. The starter model is trained on "en-US". */
  readonly locale: string;
  /** IANA name. Default: the machine's. */
  readonly timeZone?: string | undefined;
}

/** `get_time {}` → `{"time": "3:42 PM"}`. */
export function getTime({ clock, locale, timeZone }: LocalTime): Tool {
  const format = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", timeZone });
  return defineTool({
    name: "get_time",
    description: "Tells the current time of day.",
    args: z.object({}),
    pure: true,
    // Intl writes a narrow space before AM and PM, which no model has met.
    run: () => ({ time: format.format(clock.now()).replace(/\s/g, " ") }),
  });
}
