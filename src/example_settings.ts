/** parley.example.toml: every setting with its meaning, its default and what is allowed. */
import { stringify } from "smol-toml";
import { z } from "zod";
import { configSchema } from "./config_schema.ts";
import { type Setting, settings } from "./settings.ts";

const HEAD =
  `# Every setting of Parley, as it is when nothing is said. Copy this file to parley.toml and take the "# " away
# from what you change. Flags and environment variables win over it: port is --port and PARLEY_PORT,
# turn_taking.endpoint_ms is --turn-taking-endpoint-ms and PARLEY_TURN_TAKING_ENDPOINT_MS.`;

/** The text of the file. */
export function exampleSettings(): string {
  const sections = Map.groupBy(settings, ({ path }) => path.slice(0, -1).join("."));
  const plain = [...sections].map(([section, members]) =>
    [...(section ? [`[${section}]`] : []), ...members.map(settingLines)].join("\n\n")
  );
  return [HEAD, ...plain, ...tables()].join("\n\n").trim() + "\n";
}

function settingLines({ path, description, allowed, kind, default: value }: Setting): string {
  const key = path.at(-1)!;
  const shown = value ?? (kind === "list" ? [] : ""); // Empty is not set, whatever the kind.
  const comment = `# ${description}${allowed ? `: ${allowed}` : ""}${
    value === undefined ? " (not set)" : ""
  }`;
  return `${comment}\n# ${stringify({ [key]: shown }).trim()}`;
}

/** Settings that only the file can hold, by their examples. */
function tables(): string[] {
  return Object.entries(configSchema.shape).flatMap(([key, field]) => {
    const { example, description } = z.globalRegistry.get(field as z.ZodType) ?? {};
    if (example === undefined) return [];
    // smol-toml writes an empty table around tables of tables, which says nothing.
    const text = stringify({ [key]: example }).trim().replace(/^\[\w+\]\n/, "");
    return [[`# ${description}`, ...text.split("\n").map((line) => line && `# ${line}`)].join("\n")];
  });
}
