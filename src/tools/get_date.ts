/** The tool that tells the date. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";
import type { LocalTime } from "./get_time.ts";

/** `get_date {}` → `{"date": "Friday, May 1, 2026"}`. */
export function getDate({ clock, locale, timeZone }: LocalTime): Tool {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone });
  return defineTool({
    name: "get_date",
    description: "Tells today's date and day of the week.",
    args: z.object({}),
    pure: true,
    run: () => ({ date: format.format(clock.now()) }),
  });
}
