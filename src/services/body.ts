/** What a request carries: read within limits, and checked. */
import type { z } from "zod";
import { ParleyError } from "../../pipeline/errors.ts";
import { invalid } from "./errors.ts";

/** How a body is read. */
export interface BodyLimits {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** Longest wait for the next piece of it. */
  readonly patienceMs: number;
}

/** The bytes of the body. `PAYLOAD_TOO_LARGE` where it is larger than it may be, `TIMEOUT` where it stops coming. */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes } = limits;
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array(0);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    while (true) {
      const { done, value } = await nextOf(reader, limits);
      if (done) return new Uint8Array(await new Blob(pieces).arrayBuffer());
      bytes += value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      pieces.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // Whoever sends it may be gone already.
    throw error;
  }
}

/** A request's JSON, as the schema gives it. `VALIDATION_ERROR` names what is wrong. */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
  limits: BodyLimits,
): Promise<z.output<S>> {
  const bytes = await readBody(request, limits);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("The body is not JSON.");
  }
  return check(json, schema);
}

/** `value` as the schema gives it. `VALIDATION_ERROR` names the first field that is wrong. */
export function check<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = deepest(parsed.error.issues[0]!);
  const param = nameOf(path);
  if (!param) throw invalid(message);
  throw invalid(message.startsWith(param) ? message : `${param}: ${message}`, { param });
}

type Issue = Pick<z.core.$ZodIssue, "path" | "message">;

/** Of a value that may be several things, what is wrong with the one that it is most like. */
function deepest(issue: z.core.$ZodIssue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flatMap((issues) =>
    issues.slice(0, 1).map((first) => {
      const { path, message } = deepest(first);
      return { path: [...issue.path, ...path], message };
    })
  );
  return inner.filter(({ path }) => path.length > issue.path.length)
    .toSorted((a, b) => b.path.length - a.path.length)[0] ?? issue;
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("").replace(
    /^\./,
    "",
  );
}

function tooLarge(maxBytes: number): ParleyError {
  return new ParleyError("PAYLOAD_TOO_LARGE", `A request has at most ${Math.floor(maxBytes / 1e6)} MB.`);
}

async function nextOf(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  { signal, patienceMs }: BodyLimits,
) {
  signal.throwIfAborted();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const details = { status: 408 };
    late.reject(new ParleyError("TIMEOUT", "The rest of the request did not come; try again.", { details }));
  }, patienceMs);
  const onAbort = () => late.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([reader.read(), late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
