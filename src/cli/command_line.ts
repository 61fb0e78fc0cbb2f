/** Reading the settings of this process: flags, environment and parley.toml where there is one. */
import { type CommandLine, readConfig } from "../config.ts";

/** Throws `VALIDATION_ERROR` naming what is wrong. */
export async function readCommandLine(flags: readonly string[]): Promise<CommandLine> {
  const file = await readIfThere("parley.toml");
  const environment = Deno.env.toObject();
  return readConfig({ flags, environment, ...(file !== undefined && { file }) });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
