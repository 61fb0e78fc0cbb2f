/** The tool that tells about the program itself. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";

/** The program as it is now. */
export interface SystemInfo {
  readonly version: string;
  readonly uptimeMs: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}

/** `get_system_info {}` → `{"version": "0.1.0", "uptime": "12 minutes", "memory": "310 MB"}`. */
export function getSystemInfo(systemInfo: () => SystemInfo): Tool {
  return defineTool({
    name: "get_system_info",
    description: "Tells the assistant's version, how long it has been running and how much memory it uses.",
    args: z.object({}),
    pure: true,
    run() {
      const { version, uptimeMs, memoryBytes } = systemInfo();
      return { version, uptime: uptime(uptimeMs), memory: `${Math.round(memoryBytes / 1e6)} MB` };
    },
  });
}

/** In the largest unit that fills once. */
function uptime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [count, unit] = seconds < 60
    ? [seconds, "second"]
    : seconds < 3600
    ? [Math.floor(seconds / 60), "minute"]
    : seconds < 86_400
    ? [Math.floor(seconds / 3600), "hour"]
    : [Math.floor(seconds / 86_400), "day"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
