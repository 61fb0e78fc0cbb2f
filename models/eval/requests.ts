/** Requests whose right answer is known: a call of a tool, or speech. */
import { z } from "zod";
import { ParleyError } from "../../pipeline/errors.ts";
import type { Call } from "./calls.ts";
import { type Voice, voice } from "./speech.ts";

/** One request. */
export interface Request {
  readonly text: string;
  /** None where speech is expected. */
  readonly call: Call | undefined;
  /** Who says it. */
  readonly voice: Voice;
}

const line = z.strictObject({
  text: z.string().min(1),
  tool: z.string().nullable(),
  arguments: z.record(z.string(), z.unknown()).nullable(),
  voice,
});

/**
 * Those of a file, else the fixed ones of `requests.jsonl`. Rejects with `NOT_FOUND`, with
 * `VALIDATION_ERROR` where there is none in it, and as {@linkcode parseRequests}.
 */
export async function readRequests(file?: string): Promise<readonly Request[]> {
  const lines = await Deno.readTextFile(file ?? new URL("requests.jsonl", import.meta.url)).catch((cause) => {
    const message = `There is no file "${file}" of requests.`;
    throw new ParleyError("NOT_FOUND", message, { cause, recoverable: false });
  });
  const requests = parseRequests(lines);
  if (requests.length > 0) return requests;
  throw new ParleyError("VALIDATION_ERROR", `"${file}" holds no request.`, { recoverable: false });
}

/** Requests as JSON, one a line. Throws `VALIDATION_ERROR` naming the line that is none. */
export function parseRequests(lines: string): readonly Request[] {
  return lines.split("\n").filter(Boolean).map((json, index) => {
    try {
      const { text, tool, arguments: args, voice } = line.parse(JSON.parse(json));
      return { text, call: tool === null ? undefined : { tool, args }, voice };
    } catch (cause) {
      throw new ParleyError("VALIDATION_ERROR", `Line ${index + 1} of the requests is none.`, {
        cause,
        recoverable: false,
      });
    }
  });
}
