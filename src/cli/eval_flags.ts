/** The flags of `deno task models eval`: light, since every command's arguments are read with them. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { CommandLine, OwnFlags } from "../config.ts";

/** As the command line knows them. */
export const EVAL_FLAGS = {
  recordings: { type: "string" },
  quick: { type: "boolean" },
  json: { type: "string" },
} as const satisfies OwnFlags;

/** What was given for them. */
export type EvalValues = CommandLine["own"];

/** What they ask for. */
export interface EvalWishes {
  /** A folder of recordings with transcripts. */
  readonly recordings?: string;
  /** Every tenth item alone. */
  readonly quick: boolean;
  /** The file for the figures as JSON. */
  readonly json?: string;
}

/** Reads them. Throws `VALIDATION_ERROR` for an empty name. */
export function readEvalFlags({ recordings, quick, json }: EvalValues): EvalWishes {
  if (recordings === "" || json === "") {
    throw new ParleyError("VALIDATION_ERROR", "Name a folder behind --recordings, and a file behind --json.");
  }
  return {
    quick: quick === true,
    ...(typeof recordings === "string" && { recordings }),
    ...(typeof json === "string" && { json }),
  };
}
