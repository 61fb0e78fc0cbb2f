/** What a hook is, as parley.toml says it. */
import { z } from "zod";

/** One `[[hooks]]` table: calls a URL or runs a command when something happens. */
export const hookSettings = z.strictObject({
  name: z.string().min(1).max(64).describe("what `hook_triggered` calls it"),
  events: z.array(z.string().min(1).max(64)).min(1).max(64).describe("which events, with * as wildcard"),
  url: z.url({ protocol: /^https?$/ }).optional().describe("where the event is sent by POST"),
  secret_env: z.string().min(1).optional().describe(
    "name of the environment variable that holds the signing secret",
  ),
  command: z.array(z.string()).min(1).optional().describe(
    "program and arguments; the event comes by standard input",
  ),
  timeout_ms: z.number().int().min(100).max(60_000).default(5000).describe("how long one try may take"),
  retries: z.number().int().min(0).max(10).default(2).describe("further tries after one that failed for now"),
}).refine(({ url, command }) => (url === undefined) !== (command === undefined), {
  message: "give either url or command",
}).refine(({ url, secret_env }) => secret_env === undefined || url !== undefined, {
  path: ["secret_env"],
  message: "only what is sent to a url can be signed",
});

/** One hook. */
export type HookSettings = z.output<typeof hookSettings>;
