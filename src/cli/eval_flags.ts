/** The flags of `deno task models eval`: light, since every command's arguments are read with them. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { CommandLine, OwnFlags } from "../config.ts";

/** As the command line knows them. */
export const EVAL_FLAGS = {
  recordings: { type: "string" },
  requests: { type: "string" },
  quick: { type: "boolean" },
  json: { type: "string" },
} as const satisfies OwnFlags;

/** What was given for them. */
export type EvalValues = CommandLine["own"];

/** What they ask for. */
export interface EvalWishes {
  /** A folder of recordings with transcripts. */
  readonly recordings?: string;
  /** A file of other requests than the fixed ones. */
  readonly requests?: string;
  /** Every tenth item alone. */
  readonly quick: boolean;
  /** The file for the figures as JSON. */
  readonly json?: string;
}

/** Reads them. Throws `VALIDATION_ERROR` for an empty name. */
export function readEvalFlags({ recordings, requests, quick, json }: EvalValues): EvalWishes {
  if (recordings === "" || requests === "" || json === "") {
    const message = "Name a folder behind --recordings, and a file behind --requests and --json.";
    throw new ParleyError("VALIDATION_ERROR", message);
  }
  return {
    quick: quick === true,
    ...(typeof recordings === "string" && { recordings }),
    ...(typeof requests === "string" && { requests }),
    ...(typeof json === "string" && { json }),
  };
}
