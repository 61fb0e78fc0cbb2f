/** The tool that remembers. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import type { Memory } from "../memory/memory.ts";
import { defineTool } from "./define_tool.ts";

/** `memory_store {"text": "my keys are in the blue bag"}` → `{"ok": true}`. Emits `memory.store`. */
export function memoryStore(memory: Memory): Tool {
  return defineTool({
    name: "memory_store",
    description: "Remembers a fact the user has told, in the user's own words.",
    args: z.object({ text: z.string().min(1) }),
    pure: false,
    run({ text }, context) {
      context.emit({ type: "memory.store", ...memory.store(text) });
      return { ok: true };
    },
  });
}
