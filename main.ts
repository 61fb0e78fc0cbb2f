/** The command line: `deno task start`, `talk`, `demo`, `doctor`, `devices`. */
import { COMMANDS, help } from "./src/cli/commands.ts";
import { readCommandLine } from "./src/cli/command_line.ts";
import { ParleyError } from "./pipeline/errors.ts";

if (import.meta.main) {
  const [name = "start", ...flags] = Deno.args;
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command || flags.includes("--help") || flags.includes("-h")) {
      console.log(help());
      Deno.exit(command || name === "--help" || name === "-h" ? 0 : 2);
    }
    const { config } = await readCommandLine(flags);
    Deno.exit(await command.run(config));
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
