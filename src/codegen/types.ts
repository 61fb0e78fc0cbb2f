/** The data of every message as types of a language, by quicktype. */
import {
  FetchingJSONSchemaStore,
  InputData,
  JSONSchemaInput,
  type LanguageName,
  quicktype,
} from "quicktype-core";
import type { ContractSchema, JsonSchema } from "./schema.ts";

/** Source text that declares every definition of the contract. */
export async function typesIn(
  language: LanguageName,
  { definitions }: ContractSchema,
  rendererOptions: Readonly<Record<string, string | boolean>>,
): Promise<string> {
  const input = new JSONSchemaInput(new FetchingJSONSchemaStore());
  const $defs = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, opened(schema)]),
  );
  // The slash at the end makes each definition a type of its own.
  await input.addSource({ name: "Parley", schema: JSON.stringify({ $defs }), uris: ["#/$defs/"] });
  const inputData = new InputData();
  inputData.addInput(input);
  const { lines } = await quicktype({ inputData, lang: language, rendererOptions: { ...rendererOptions } });
  return lines.join("\n");
}

/** Names of definitions that quicktype makes no types of, since they are only maps. */
export function mapsOf({ definitions }: ContractSchema): string[] {
  return Object.entries(definitions).filter(([, schema]) => isOpen(schema)).map(([name]) => name);
}

/** An object that may hold anything is a map: as a class it would lose what its fields do not name. */
function opened(schema: JsonSchema): JsonSchema {
  const { properties, required: _, ...rest } = schema;
  if (isOpen(schema)) return rest;
  const inside = Object.entries(properties ?? {}).map(([name, part]) => [name, opened(part)]);
  const items = schema.items as JsonSchema | undefined;
  return {
    ...schema,
    ...(schema.type === "object" && { additionalProperties: false }),
    ...(properties && { properties: Object.fromEntries(inside) }),
    ...(items && { items: opened(items) }),
  };
}

function isOpen({ type, additionalProperties }: JsonSchema): boolean {
  return type === "object" && additionalProperties !== undefined;
}
