/** The key of a server. A setting names where it is and never holds it. */
import { z } from "zod";
import { ParleyError } from "../../../pipeline/errors.ts";

/** The settings of an engine that may need a key, for its schema. */
export const apiKeyOptions = {
  /** Name of the environment variable that holds the key; the key itself is never a setting. */
  api_key_env: z.string().min(1).optional(),
  /** File that holds nothing but the key, instead of a variable. */
  api_key_file: z.string().min(1).optional(),
};

/** Where a key is. */
export interface ApiKeyPlace {
  readonly api_key_env?: string | undefined;
  readonly api_key_file?: string | undefined;
}

/** No key is longer; what is names something else. */
const MAX_KEY_BYTES = 8192;

/**
 * The key, or nothing where none is named. `VALIDATION_ERROR` if the variable is empty, if both places are named or
 * if what is there can be no key; `NOT_FOUND` if the file cannot be read.
 */
export async function apiKeyOf({ api_key_env, api_key_file }: ApiKeyPlace): Promise<string | undefined> {
  if (api_key_env !== undefined && api_key_file !== undefined) {
    throw unusable("Set only one of api_key_env and api_key_file.");
  }
  if (api_key_env !== undefined) return keyOfVariable(api_key_env);
  return api_key_file === undefined ? undefined : await keyOfFile(api_key_file);
}

function keyOfVariable(name: string): string {
  const key = Deno.env.get(name)?.trim();
  if (!key) throw unusable(`Set the environment variable ${name} to the server's key.`);
  if (!isKey(key)) {
    throw unusable(`The environment variable ${name} holds no key: it must be one line of plain characters.`);
  }
  return key;
}

async function keyOfFile(path: string): Promise<string> {
  const key = new TextDecoder().decode(await beginningOf(path)).trim();
  if (key.length > MAX_KEY_BYTES || !isKey(key)) {
    throw unusable("The file that api_key_file names must hold the server's key and nothing else.");
  }
  return key;
}

async function beginningOf(path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_KEY_BYTES + 1);
  try {
    using file = await Deno.open(path);
    return bytes.subarray(0, await file.read(bytes) ?? 0);
  } catch { // Its message holds the path.
    throw new ParleyError("NOT_FOUND", "The file that api_key_file names cannot be read.", {
      recoverable: false,
    });
  }
}

/** What may stand in a header: anything else would be quoted by the error that refuses it. */
function isKey(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

function unusable(message: string): ParleyError {
  return new ParleyError("VALIDATION_ERROR", message, { recoverable: false });
}
