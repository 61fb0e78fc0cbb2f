/** Reading the settings of this process: flags, environment and a file. */
import { ParleyError } from "../../pipeline/errors.ts";
import { type CommandLine, type OwnFlags, readConfig } from "../config.ts";

/** Read where it is there, unless another is named. */
const USUAL_FILE = "parley.toml";

/** `own`: the command's own flags. Throws `VALIDATION_ERROR` naming what is wrong, `NOT_FOUND` for a settings file that is named and not there. */
export async function readCommandLine(flags: readonly string[], own: OwnFlags = {}): Promise<CommandLine> {
  const environment = Deno.env.toObject();
  const named = namedFile(flags) ?? environment.PARLEY_CONFIG;
  const file = await readIfThere(named ?? USUAL_FILE);
  if (named !== undefined && file === undefined) {
    throw new ParleyError("NOT_FOUND", `There is no settings file "${named}".`, { recoverable: false });
  }
  return readConfig({ flags, own, environment, ...(file !== undefined && { file }) });
}

/** `--config FILE` or `--config=FILE`: needed before all other flags can be read. */
function namedFile(flags: readonly string[]): string | undefined {
  const at = flags.findIndex((flag) => flag === "--config" || flag.startsWith("--config="));
  return flags[at]?.split("=")[1] ?? (at < 0 ? undefined : flags[at + 1]);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
