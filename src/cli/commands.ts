/** What the command line offers. A new command is one file and one line here. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { CommandLine, OwnFlags } from "../config.ts";
import type { Config } from "../config_schema.ts";
import { settingsHelp } from "../settings.ts";
import { readCommandLine } from "./command_line.ts";
import { EVAL_FLAGS } from "./eval_flags.ts";

/** A command of the command line. */
export interface CliCommand {
  readonly description: string;
  /** Flags that are no settings. */
  readonly flags?: OwnFlags;
  /** Runs until it is done or the user ends it; returns the process's exit code. */
  run(config: Config, line: CommandLine): Promise<number>;
}

/** The commands there are. Each file is loaded when it is run: `devices` need not wait for `start`'s imports. */
export const COMMANDS: Readonly<Record<string, CliCommand>> = {
  start: {
    description: "listen for clients, and to the microphone when one of them says so",
    run: async (config) => (await import("./start.ts")).start(config),
  },
  talk: {
    description: "the same, in conversation with you at this terminal",
    run: async (config) => (await import("./talk.ts")).talk(config),
  },
  demo: {
    description: "a scripted conversation from recorded speech, with the latency of every turn",
    run: async (config) => (await import("./demo.ts")).demo(config),
  },
  doctor: {
    description: "check devices, models, port and permissions, and say what to do",
    run: async (config) => (await import("./doctor.ts")).doctor(config),
  },
  devices: {
    description: "list microphones and loudspeakers",
    run: async (config) => (await import("./devices.ts")).devices(config),
  },
  models: {
    description: "list models; show, pull, remove, export, import or evaluate them",
    flags: EVAL_FLAGS,
    run: async (config, { positionals, own }) =>
      (await import("./models.ts")).models(config, positionals, { flags: own }),
  },
};

/** The text of `--help`. */
export function help(): string {
  const commands = Object.entries(COMMANDS).map(([name, { description }]) =>
    `  ${name.padEnd(10)}${description}`
  );
  return `Parley, a local voice server.

deno task <command> [flags]

${commands.join("\n")}

Flags (also as keys of parley.toml and as environment variables: --port is PARLEY_PORT)

  --${"config <file>".padEnd(40)} where parley.toml is, if not here
  --${"pull".padEnd(40)} the same as --models-auto-pull
${settingsHelp()}`;
}

/** Runs what the arguments say; returns the process's exit code: 2 for arguments that make no sense. */
export async function run(args: readonly string[]): Promise<number> {
  const [name = "start", ...flags] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const asked = args.some((argument) => argument === "--help" || argument === "-h");
  if (!command || asked) {
    // deno-lint-ignore no-console -- the command line's own voice
    console.log(help());
    return asked ? 0 : 2;
  }
  try {
    const line = await readCommandLine(flags, command.flags);
    return await command.run(line.config, line);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    // deno-lint-ignore no-console -- the command line's own voice
    console.error(error.message);
    return 1;
  }
}
