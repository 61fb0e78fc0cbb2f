/** Values made from a zod schema: what it allows, and where in it what could be wrong. */
import { z } from "zod";

/** What of JSON Schema the contract uses. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
}

/** Whole numbers below `below`, the same every time. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state >>> 8) % below; // The low bits of such a generator hardly change.
  };
}

/** In the place of {@linkcode seeded}: everything optional is there, every list has elements. */
export const fullest = (below: number): number => below - 1;

/** A value as `schema` allows it; optional fields are there or not by chance. */
export function valueOf(schema: z.ZodType, random: (below: number) => number): unknown {
  const { root, resolve } = jsonSchemaOf(schema);
  const make = (reference: JsonSchema): unknown => {
    const node = resolve(reference);
    if (node.const !== undefined) return node.const;
    if (node.enum) return node.enum[random(node.enum.length)];
    if (node.anyOf) return make(node.anyOf[random(node.anyOf.length)]!);
    const { minimum = 0, maximum = minimum + 1000 } = node;
    switch (typeof node.type === "string" ? node.type : node.type?.[random(node.type.length)]) {
      case "object":
        return Object.fromEntries([
          ...Object.entries(node.properties ?? {})
            .filter(([key]) => node.required?.includes(key) || random(2) === 1)
            .map(([key, field]) => [key, make(field)]),
          ...(typeof node.additionalProperties === "object"
            ? [["more", make(node.additionalProperties)]]
            : []),
        ]);
      case "array":
        return Array.from({ length: random(3) }, () => make(node.items ?? {}));
      case "integer":
        return minimum + random(Math.min(maximum - minimum, 1000) + 1);
      case "number":
        return minimum + random(101) / 100 * (maximum - minimum);
      case "boolean":
        return random(2) === 1;
      default:
        return [" ", "plain", 'with "quotes" and \n lines', "Grüße 🌍"][random(4)];
    }
  };
  return make(root);
}

/** A place in what a schema describes: the way to it, and examples of what may not stand there. */
export interface Place {
  readonly path: readonly (string | number)[];
  readonly wrong: readonly unknown[];
}

/** One value of each JSON type. */
const KINDS: Readonly<Record<string, unknown>> = {
  string: "\u0000no such choice",
  number: 0.5,
  boolean: true,
  null: null,
  array: [],
  object: {},
};

/** Every place in what `schema` describes, the elements of arrays among them. */
export function placesOf(schema: z.ZodType): Place[] {
  const { root, resolve } = jsonSchemaOf(schema);
  const visit = (reference: JsonSchema, path: Place["path"]): Place[] => {
    const node = resolve(reference);
    const inside = [
      ...Object.entries(node.properties ?? {}).flatMap(([key, field]) => visit(field, [...path, key])),
      ...(node.items ? visit(node.items, [...path, 0]) : []),
    ];
    const types = [node, ...(node.anyOf ?? [])].flatMap((option) => resolve(option).type ?? []);
    const isChoice = node.enum !== undefined || node.const !== undefined;
    if (types.length === 0 && !isChoice) return []; // Anything may stand here.
    // A choice allows none of the examples, and whole numbers do not allow the half.
    const wrong = Object.entries(KINDS).filter(([kind]) => isChoice || !types.includes(kind));
    return [{ path, wrong: wrong.map(([, value]) => value) }, ...inside];
  };
  return visit(root, []);
}

/** `value` with `wrong` put at `path`; what is missing on the way is made. */
export function withAt(value: unknown, path: Place["path"], wrong: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return wrong;
  if (typeof key === "number") return [withAt(Array.isArray(value) ? value[key] : undefined, rest, wrong)];
  const known = typeof value === "object" && value !== null ? value : {};
  return { ...known, [key]: withAt(Reflect.get(known, key), rest, wrong) };
}

function jsonSchemaOf(schema: z.ZodType) {
  const root = z.toJSONSchema(schema) as JsonSchema & {
    readonly $defs?: Readonly<Record<string, JsonSchema>>;
  };
  const resolve = (node: JsonSchema): JsonSchema => {
    const name = node.$ref?.split("/").at(-1);
    return name === undefined ? node : root.$defs?.[name] ?? root;
  };
  return { root, resolve };
}
