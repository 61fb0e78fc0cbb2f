/** How a tool is written: a schema of its arguments and what it does. */
import { z } from "zod";
import { ParleyError } from "../../pipeline/errors.ts";
import type { Tool, ToolContext } from "../../pipeline/tools.ts";

/** A tool before its arguments are checked. */
export interface ToolDefinition<Args extends z.ZodObject> {
  readonly name: string;
  /** What the model reads to decide when to use it. */
  readonly description: string;
  readonly args: Args;
  /** Changes nothing, so it may run ahead of the decision that the user has finished. */
  readonly pure: boolean;
  /** Does it. What it returns must be JSON. */
  run(args: z.output<Args>, context: ToolContext): unknown;
}

/** Makes a {@linkcode Tool}. Wrong arguments are a `VALIDATION_ERROR` that names each wrong field. */
export function defineTool<Args extends z.ZodObject>(definition: ToolDefinition<Args>): Tool {
  const { name, description, args: schema, pure } = definition;
  return {
    spec: { name, description, parameters: z.toJSONSchema(schema, { io: "input" }) },
    pure,
    async run(args, context) {
      context.signal.throwIfAborted();
      const parsed = schema.safeParse(args ?? {});
      if (!parsed.success) throw wrongArguments(name, parsed.error);
      return await definition.run(parsed.data, context);
    },
  };
}

function wrongArguments(name: string, { issues }: z.ZodError): ParleyError {
  const wrong = issues.map(({ path, message }) => `${path.join(".") || "arguments"}: ${message}`);
  return new ParleyError("VALIDATION_ERROR", `Wrong arguments for ${name}: ${wrong.join("; ")}.`, {
    details: { fields: issues.map(({ path }) => path.join(".")) },
  });
}
