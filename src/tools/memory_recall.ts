/** The tool that recalls. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import type { Memory } from "../memory/memory.ts";
import { defineTool } from "./define_tool.ts";

/** `memory_recall {"query": "keys"}` → `{"memories": ["my keys are in the blue bag"]}`. Emits `memory.recall`. */
export function memoryRecall(memory: Memory, limit: number): Tool {
  return defineTool({
    name: "memory_recall",
    description: "Finds what the user has asked to remember, best first, by a few of its words.",
    args: z.object({ query: z.string().min(1) }),
    pure: true,
    run({ query }, context) {
      const items = memory.search(query, limit);
      context.emit({ type: "memory.recall", query, items });
      return { memories: items.map(({ text }) => text) };
    },
  });
}
