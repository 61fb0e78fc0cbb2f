/**
 * The settings one by one, as flags, environment variables and the keys of parley.toml name them:
 * `turn_taking.endpoint_ms` is `--turn-taking-endpoint-ms` and `PARLEY_TURN_TAKING_ENDPOINT_MS`.
 */
import { z } from "zod";
import { configSchema } from "./config_schema.ts";

/** One setting as flags, environment and help name it. */
export interface Setting {
  readonly path: readonly string[];
  readonly flag: string;
  readonly variable: string;
  readonly kind: "string" | "number" | "boolean" | "list";
  readonly description: string;
  /** What may stand there, for a person: "0 to 65535". Empty where anything may. */
  readonly allowed: string;
  readonly default: unknown;
}

/** Every setting, read off the schema. */
export const settings: readonly Setting[] = leavesOf(configSchema, []);

function leavesOf(schema: z.ZodObject, path: readonly string[]): Setting[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const inner = unwrap(field as z.ZodType);
    const here = [...path, key];
    if (inner instanceof z.ZodObject) return leavesOf(inner, here);
    if (inner instanceof z.ZodRecord || isTables(inner)) return []; // Too much for a flag: in parley.toml alone.
    const name = here.join("_");
    return [{
      path: here,
      flag: name.replaceAll("_", "-"),
      variable: `PARLEY_${name.toUpperCase()}`,
      kind: kindOf(inner),
      description: (field as z.ZodType).description ?? inner.description ?? "",
      allowed: allowedOf(inner),
      default: (field as z.ZodType).safeParse(undefined).data,
    }];
  });
}

function isTables(schema: z.ZodType): boolean {
  return schema instanceof z.ZodArray && unwrap(schema.element as z.ZodType) instanceof z.ZodObject;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}

function kindOf(schema: z.ZodType): Setting["kind"] {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodArray ? "list" : "string";
}

/** What of JSON Schema tells what is allowed. */
interface Limits {
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

function allowedOf(schema: z.ZodType): string {
  const { enum: choices, minimum, maximum, minLength }: Limits = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema)),
  );
  if (choices) return `one of ${choices.join(", ")}`;
  if (minLength !== undefined) return `at least ${minLength} characters`;
  if (minimum === undefined) return "";
  // Whole numbers without a limit of their own are limited by what numbers can be.
  return maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER
    ? `from ${minimum}`
    : `${minimum} to ${maximum}`;
}

/** The settings as a table for `--help`. */
export function settingsHelp(): string {
  return settings.map(({ flag, kind, description, allowed, default: value }) => {
    const usual = value === undefined || Array.isArray(value) ? "" : `default: ${value}`;
    const notes = [usual, allowed].filter(Boolean).join("; ");
    return `  --${`${flag}${kind === "boolean" ? "" : ` <${kind}>`}`.padEnd(40)} ${description}${
      notes && ` (${notes})`
    }`;
  }).join("\n");
}
