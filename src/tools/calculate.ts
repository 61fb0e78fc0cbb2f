/** The tool that does sums. */
import { z } from "zod";
import type { Tool } from "../../pipeline/tools.ts";
import { defineTool } from "./define_tool.ts";
import { evaluateSpoken, sayNumber } from "./spoken/arithmetic.ts";

/** Longer than any sum a person says, short enough that nesting stays shallow. */
const MAX_EXPRESSION_CHARS = 300;

/** `calculate {"expression": "twelve times four"}` → `{"result": "48"}`. */
export const calculate: Tool = defineTool({
  name: "calculate",
  description:
    "Works out arithmetic, rounded to two decimals. Takes words or signs: + - * / ^ ( ), square root, percent of.",
  args: z.object({
    expression: z.string().min(1).max(MAX_EXPRESSION_CHARS).describe(
      'such as "twelve times four" or "12 * 4"',
    ),
  }),
  pure: true,
  run: ({ expression }) => ({ result: sayNumber(evaluateSpoken(expression)) }),
});
