/** Reading the settings: flags win over the environment, that over the file, that over the schema's defaults. */
import { parseArgs } from "node:util";
import { parse as parseToml } from "smol-toml";
import type { z } from "zod";
import { ParleyError } from "../pipeline/errors.ts";
import { type Config, configSchema } from "./config_schema.ts";
import { type Setting, settings } from "./settings.ts";

/** Where settings come from. */
export interface ConfigSources {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Text of parley.toml, if there is one. */
  readonly file?: string;
  /** Flags of the command that are no settings. */
  readonly own?: OwnFlags;
}

/** Flags of one command by their names, and whether a value follows. */
export type OwnFlags = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;
/** What was given for them. */
export type OwnValues = Readonly<Record<string, string | boolean>>;

/** What the command line said. */
export interface CommandLine {
  readonly config: Config;
  readonly help: boolean;
  /** What is not a flag. */
  readonly positionals: readonly string[];
  /** What was given for the command's own flags. */
  readonly own: OwnValues;
}

/** Reads all settings. Throws `VALIDATION_ERROR` naming the setting, its value and what is allowed. */
export function readConfig({ flags, environment, file, own = {} }: ConfigSources): CommandLine {
  const raw = file === undefined ? {} : readToml(file);
  for (const setting of settings) unsetEmpty(raw, setting);
  for (const setting of settings) {
    const value = environment[setting.variable];
    if (value !== undefined && value !== "") place(raw, setting, decode(value, setting, setting.variable));
  }
  const { values, positionals } = readFlags(flags, own);
  for (const setting of settings) {
    const value = values[setting.flag] ?? values[SHORT_FLAGS[setting.flag] ?? ""];
    if (typeof value === "string") place(raw, setting, decode(value, setting, `--${setting.flag}`));
    else if (value !== undefined) place(raw, setting, value);
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw invalid(parsed.error.issues.map((issue) => describe(issue, raw)).join("; "));
  const given = Object.keys(own).flatMap((name) => values[name] === undefined ? [] : [[name, values[name]]]);
  return { config: parsed.data, help: values.help === true, positionals, own: Object.fromEntries(given) };
}

/** Flags that have a second, shorter name. */
const SHORT_FLAGS: Readonly<Record<string, string>> = { "models-auto-pull": "pull" };

interface Flags {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

function readFlags(args: readonly string[], own: OwnFlags): Flags {
  const options = Object.fromEntries(settings.map(({ flag, kind }) => [
    flag,
    { type: kind === "boolean" ? "boolean" as const : "string" as const },
  ]));
  try {
    return parseArgs({
      args: [...args],
      // Which file was read is no setting: it has been read by now.
      options: {
        ...options,
        ...own,
        help: { type: "boolean", short: "h" },
        config: { type: "string" },
        pull: { type: "boolean" },
      },
      allowPositionals: true,
      allowNegative: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw invalid(`${reason}; --help lists all flags`, error);
  }
}

function readToml(text: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (error) {
    throw invalid(`parley.toml is not valid TOML: ${error instanceof Error ? error.message : error}`, error);
  }
}

function decode(value: string, { kind }: Setting, name: string): unknown {
  if (kind === "list") return value.split(",").map((item) => item.trim()).filter(Boolean);
  if (kind === "number") {
    const number = Number(value);
    if (value.trim() === "" || Number.isNaN(number)) throw invalid(`${name} is "${value}", not a number`);
    return number;
  }
  if (kind !== "boolean") return value;
  if (["1", "true", "yes", "on"].includes(value.toLowerCase())) return true;
  if (["0", "false", "no", "off"].includes(value.toLowerCase())) return false;
  throw invalid(`${name} is "${value}"; use true or false`);
}

function place(target: Record<string, unknown>, { path }: Setting, value: unknown): void {
  let here = target;
  for (const key of path.slice(0, -1)) {
    const next = here[key];
    here = isRecord(next) ? next : (here[key] = {}) as Record<string, unknown>;
  }
  here[path.at(-1)!] = value;
}

/** Empty, as parley.example.toml shows what is not set, is not set: in a file as in the environment. */
function unsetEmpty(raw: Record<string, unknown>, { path, default: usual }: Setting): void {
  const section = path.slice(0, -1).reduce<unknown>(
    (part, key) => isRecord(part) ? part[key] : undefined,
    raw,
  );
  const key = path.at(-1)!;
  if (usual === undefined && isRecord(section) && section[key] === "") delete section[key];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(issue: z.core.$ZodIssue, raw: unknown): string {
  if (issue.code === "unrecognized_keys") {
    return `there is no setting ${issue.keys.map((key) => [...issue.path, key].join(".")).join(", ")}`;
  }
  const name = issue.path.join(".") || "settings";
  const value = issue.path.reduce<unknown>(
    (part, key) => isRecord(part) ? part[String(key)] : undefined,
    raw,
  );
  // Sections are too long to show, and the token is nobody's business.
  if (value === undefined || isRecord(value) || name === "token") return `${name}: ${issue.message}`;
  return `${name} is ${JSON.stringify(value)}: ${issue.message}`;
}

function invalid(message: string, cause?: unknown): ParleyError {
  return new ParleyError("VALIDATION_ERROR", `Wrong settings: ${message}.`, { cause, recoverable: false });
}
