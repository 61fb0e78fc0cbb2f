/** What a disk refuses, said so that somebody can act on it. */
import { ParleyError } from "../../pipeline/errors.ts";

/** Of a disk, or of one's share of it. */
const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** An error of the file system as an `UNAVAILABLE` that names no path; any other as it is. */
export function diskTrouble(error: unknown): unknown {
  const code = error instanceof Error ? String(Reflect.get(error, "code")) : "";
  if (error instanceof ParleyError || !/^E[A-Z0-9]+$/.test(code)) return error;
  const message = FULL.has(code)
    ? "The disk is full: free some of it, or set models.folder to another disk."
    : "The folder of the models cannot be used: set models.folder to one that can be read and written.";
  return new ParleyError("UNAVAILABLE", message, { cause: error });
}
