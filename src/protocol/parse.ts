/** A client's text → a checked command, or the error that it is answered with. */
import type { z } from "zod";
import { type Command, type CommandName, COMMANDS } from "./commands.ts";
import type { WireErrorCode } from "./errors.ts";

/** Why a message is not a command. */
export interface CommandError {
  readonly code: WireErrorCode;
  readonly message: string;
  readonly details?: { readonly path: string };
  /** The message's own id, so that the client knows what failed. */
  readonly id?: string;
}

/** What {@linkcode parseCommand} found. */
export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly error: CommandError };

/** The longest id that is echoed: a client's own mark, not a place for data. */
const MAX_ID_CHARS = 200;
const ENVELOPE = new Set(["type", "data", "id", "timestamp"]);

/**
 * Tolerant of older and slightly malformed forms (no `data`, fields beside `type`, unknown fields), never of
 * a wrong type. Never throws.
 */
export function parseCommand(text: string): ParsedCommand {
  const message = readObject(text);
  if (!message) return wrong("", "A command is a JSON object with a type.");
  const { type, id } = message;
  const known = typeof id === "string" && id.length <= MAX_ID_CHARS ? { id } : {};
  if (id !== undefined && !("id" in known)) {
    return wrong("id", `id must be a string of at most ${MAX_ID_CHARS} characters.`);
  }
  if (typeof type !== "string") {
    return wrong("type", "type must be a string, the command's name.", known);
  }
  if (!isCommandName(type)) return unknownCommand(type, known);
  const data = dataOf(message);
  if (!data) return wrong("data", "data must be an object.", known);
  const parsed = COMMANDS[type].safeParse(data);
  if (parsed.success) {
    // The schema of `type` has just checked `data`: what the union asks for and the compiler cannot follow.
    return { ok: true, command: { type, data: parsed.data, ...known } as Command };
  }
  const issue = parsed.error.issues[0]!;
  const path = ["data", ...issue.path].join(".");
  return wrong(path, `${path}: ${sentence(issue)}`, known);
}

function isCommandName(type: string): type is CommandName {
  return Object.hasOwn(COMMANDS, type);
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The `data`, and under it whatever stands beside `type` in the older, flat form. */
function dataOf(message: Record<string, unknown>): Record<string, unknown> | undefined {
  const { data = {} } = message;
  if (!isObject(data)) return undefined;
  const beside = Object.entries(message).filter(([key]) => !ENVELOPE.has(key));
  return { ...Object.fromEntries(beside), ...data };
}

function unknownCommand(type: string, id: { id?: string }): ParsedCommand {
  const shown = type.slice(0, 60);
  const names = Object.keys(COMMANDS).join(", ");
  return failed("NOT_FOUND", `There is no command "${shown}"; there are ${names}.`, {
    details: { path: "type" },
    ...id,
  });
}

function sentence(issue: z.core.$ZodIssue): string {
  const words = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return words.endsWith(".") ? words : `${words}.`;
}

interface Failure {
  readonly details?: { readonly path: string };
  readonly id?: string;
}

function failed(code: WireErrorCode, message: string, { details, id }: Failure = {}): ParsedCommand {
  return {
    ok: false,
    error: { code, message, ...(details && { details }), ...(id !== undefined && { id }) },
  };
}

/** A wrong message, and where it is wrong. */
function wrong(path: string, message: string, id: { id?: string } = {}): ParsedCommand {
  return failed("VALIDATION_ERROR", message, { details: { path }, ...id });
}
