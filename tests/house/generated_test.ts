/** What is generated is what the schemas say now. */
import assert from "node:assert/strict";
import { outputs } from "../../src/codegen/outputs.ts";

Deno.test("generated: every file is as `deno task generate` would write it", async () => {
  for (const { path, text } of await outputs()) {
    const there = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    assert.ok(there === text, `${path} is stale: run \`deno task generate\``);
  }
});
