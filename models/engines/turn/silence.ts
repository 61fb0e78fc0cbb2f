/** No detector: the length of the silence alone decides when the user has finished. */
import { z } from "zod";
import { defineEngine } from "../../engine_spec.ts";

/** The engine. */
export const silence = defineEngine({
  task: "turn",
  options: z.strictObject({}),
  runs: "inline",
  load: () =>
    Promise.resolve({
      completion: () => Promise.resolve(undefined),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
});
