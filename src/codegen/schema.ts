/** The contract as one JSON Schema document, from which everything else is generated. */
import { z } from "zod";
import { COMMANDS } from "../protocol/commands.ts";
import { envelope } from "../protocol/envelope.ts";
import { EVENTS } from "../protocol/events.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";

/** As much of JSON Schema as is handled here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** Every type of the contract by its name, and the names by which messages find their types. */
export interface ContractSchema {
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  /** Event type → name of its data's definition. */
  readonly events: Readonly<Record<string, string>>;
  /** Command type → likewise. */
  readonly commands: Readonly<Record<string, string>>;
}

/** Reads the zod schemas. The data of the event `stt_result` is `SttResultData`, that of the command `say` `SayCommandData`. */
export function contractSchema(): ContractSchema {
  const definitions: Record<string, JsonSchema> = {};
  const add = (name: string, schema: z.ZodType) => {
    // What comes in may hold more than is known: optional fields are added without a new version.
    // As plain JSON: what zod hangs on its result beside the schema is of no use here.
    const { $schema: _, $defs = {}, ...definition }: JsonSchema & { $defs?: Record<string, JsonSchema> } =
      JSON
        .parse(JSON.stringify(z.toJSONSchema(schema, { io: "input" })));
    for (const [id, part] of Object.entries($defs)) definitions[id] = titled(id, part);
    definitions[name] = titled(name, definition);
    return name;
  };
  const each = (schemas: Readonly<Record<string, z.ZodType>>, suffix: string) =>
    Object.fromEntries(
      Object.entries(schemas).map(([type, schema]) => [
        type,
        add(`${pascalCase(type)}${suffix}`, schema),
      ]),
    );
  add("Envelope", envelope);
  return { definitions, events: each(EVENTS, "Data"), commands: each(COMMANDS, "CommandData") };
}

/** The document that is published: whole events and commands, discriminated by `type`. */
export function schemaDocument(contract: ContractSchema): JsonSchema {
  const { definitions, events, commands } = contract;
  const data = { ...definitions, ReplayData: withEvents(definitions.ReplayData!) };
  const { properties: around, required = [] } = definitions.Envelope!;
  const wholeEvents = entries(events, (type, name) => [
    `${pascalCase(type)}Event`,
    message(type, name, { properties: around ?? {}, required }),
  ]);
  const wholeCommands = entries(commands, (type, name) => [
    `${pascalCase(type)}Command`,
    message(type, name, {
      properties: { id: { type: "string" }, timestamp: { type: "string" } },
      required: [],
    }),
  ]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Parley",
    description: `The messages of Parley's WebSocket, version ${PROTOCOL_VERSION}.`,
    // Some events and commands share a name.
    anyOf: [reference("Event"), reference("Command")],
    $defs: {
      Event: { title: "Event", oneOf: Object.keys(wholeEvents).map(reference) },
      Command: { title: "Command", oneOf: Object.keys(wholeCommands).map(reference) },
      ...wholeEvents,
      ...wholeCommands,
      ...data,
    },
  };
}

/** "stt_result" → "SttResult". */
export function pascalCase(name: string): string {
  return name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** A reference to one of the document's definitions. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

function titled(title: string, { id: _, ...schema }: JsonSchema): JsonSchema {
  return { title, ...schema };
}

/** Replayed events are whole events, which zod cannot say where their data is defined. */
function withEvents(replay: JsonSchema): JsonSchema {
  return {
    ...replay,
    properties: { ...replay.properties, events: { type: "array", items: reference("Event") } },
  };
}

function message(
  type: string,
  dataName: string,
  { properties, required }: Required<Pick<JsonSchema, "properties" | "required">>,
): JsonSchema {
  return {
    type: "object",
    properties: { type: { const: type }, data: reference(dataName), ...properties },
    required: ["type", "data", ...required],
  };
}

function entries<T>(
  names: Readonly<Record<string, string>>,
  make: (type: string, name: string) => [string, T],
): Record<string, T> {
  return Object.fromEntries(Object.entries(names).map(([type, name]) => make(type, name)));
}
