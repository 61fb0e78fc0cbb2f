/** The one error class of the project and the closed list of its codes. */

/** Every code a client can meet, on the wire exactly as written here. */
export const ERROR_CODES = [
  "VALIDATION_ERROR",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "RATE_LIMITED",
  "CONFLICT",
  "UNAVAILABLE",
  "PAYLOAD_TOO_LARGE",
  "DEVICE_ERROR",
  "MODEL_ERROR",
  "TIMEOUT",
  "SERVER_ERROR",
] as const;

/** One of {@linkcode ERROR_CODES}. */
export type ErrorCode = typeof ERROR_CODES[number];

/** What may be said about an error beside its message. */
export interface ParleyErrorOptions extends ErrorOptions {
  /** Whether trying again can succeed without anybody changing anything. Default: true. */
  readonly recoverable?: boolean;
  /** Facts a program can use; never a secret, never a path of the machine's file system. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A failure somebody is told about. Its message is one sentence that a person can act on. */
export class ParleyError extends Error {
  override readonly name = "ParleyError";
  readonly recoverable: boolean;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(readonly code: ErrorCode, message: string, options: ParleyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.recoverable = options.recoverable ?? true;
    this.details = options.details;
  }
}

/** Any thrown value as a {@linkcode ParleyError}: itself if it is one, else `code` with its message. */
export function toParleyError(error: unknown, code: ErrorCode = "SERVER_ERROR"): ParleyError {
  if (error instanceof ParleyError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ParleyError(code, message, { cause: error });
}
