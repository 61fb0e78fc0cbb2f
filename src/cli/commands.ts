/** What the command line offers. A new command is one file and one line here. */
import { type Config, settingsHelp } from "../config.ts";

/** A command of the command line. */
export interface CliCommand {
  readonly description: string;
  /** Runs until it is done or the user ends it; returns the process's exit code. */
  run(config: Config): Promise<number>;
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

${settingsHelp()}`;
}
