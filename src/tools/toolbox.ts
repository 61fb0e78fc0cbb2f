/** Everything the assistant can do. A new tool is one file and one line here. */
import type { Toolbox } from "../../pipeline/tools.ts";
import type { Memory } from "../memory/memory.ts";
import { calculate } from "./calculate.ts";
import { cancelTimer } from "./cancel_timer.ts";
import { getDate } from "./get_date.ts";
import { getSystemInfo, type SystemInfo } from "./get_system_info.ts";
import { getTime, type LocalTime } from "./get_time.ts";
import { listTimers } from "./list_timers.ts";
import { memoryRecall } from "./memory_recall.ts";
import { memoryStore } from "./memory_store.ts";
import { setTimer } from "./set_timer.ts";
import type { Timers } from "./timers.ts";

/** What the tools work on. */
export interface ToolboxOptions extends Pick<LocalTime, "clock"> {
  readonly memory: Memory;
  readonly timers: Timers;
  readonly systemInfo: () => SystemInfo;
  /** Memories given for one question. Default: 1, since the starter model mixes up several. */
  readonly recalled?: number;
  /** BCP 47. Default: "en-US", which the starter model is trained on. */
  readonly locale?: string;
  /** IANA name. Default: the machine's. */
  readonly timeZone?: string;
}

/** The tools of one session. */
export function createToolbox(options: ToolboxOptions): Toolbox {
  const { clock, memory, timers, systemInfo, recalled = 1, locale = "en-US", timeZone } = options;
  const localTime = { clock, locale, timeZone };
  const tools = [
    getTime(localTime),
    getDate(localTime),
    setTimer(timers),
    listTimers(timers),
    cancelTimer(timers),
    calculate,
    memoryStore(memory),
    memoryRecall(memory, recalled),
    getSystemInfo(systemInfo),
  ];
  return new Map(tools.map((tool) => [tool.spec.name, tool]));
}
