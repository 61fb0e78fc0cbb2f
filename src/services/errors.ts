/** Failures as OpenAI's clients read them. */
import { type ErrorCode, ParleyError } from "../../pipeline/errors.ts";

/** What is said of a failure beside its message. */
export interface FailureDetails {
  /** The field of the request that is at fault: `messages[0].content`. */
  readonly param?: string;
  /** For programs: `model_not_found`. */
  readonly code?: string;
  /** Where the status that goes with the error's code does not tell enough. */
  readonly status?: number;
}

/** A failure in the form in which it is sent. */
export interface FailureBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_ERROR: 400,
  NOT_FOUND: 404,
  PERMISSION_DENIED: 403,
  RATE_LIMITED: 429,
  CONFLICT: 409,
  UNAVAILABLE: 503,
  PAYLOAD_TOO_LARGE: 413,
  DEVICE_ERROR: 500,
  MODEL_ERROR: 500,
  TIMEOUT: 504,
  SERVER_ERROR: 500,
};

/** A request that cannot be done as it is. */
export function invalid(message: string, details: FailureDetails = {}): ParleyError {
  return new ParleyError("VALIDATION_ERROR", message, { recoverable: false, details: { ...details } });
}

/** What is sent of a failure, whatever was thrown, and its status. */
export function failure(error: unknown): { readonly status: number; readonly body: FailureBody } {
  if (!(error instanceof ParleyError)) {
    // What a mistake of the server's own says may name its files: only its kind is told.
    const kind = error instanceof Error ? error.name : typeof error;
    return failure(
      new ParleyError("SERVER_ERROR", `The server made a mistake (${kind}) and could not do this.`),
    );
  }
  const { param, code, status = STATUSES[error.code] }: FailureDetails = error.details ?? {};
  return {
    status,
    body: {
      error: {
        message: error.message,
        type: status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error",
        param: param ?? null,
        code: code ?? error.code.toLowerCase(),
      },
    },
  };
}

/** The answer that tells of a failure. */
export function failureResponse(error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const { status, body } = failure(error);
  return Response.json(body, { status, headers });
}
