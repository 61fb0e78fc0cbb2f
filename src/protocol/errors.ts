/** The closed list of error codes on the wire. */
import { z } from "zod";

/** Checks a code. */
export const errorCode = z.enum([
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
]).meta({ id: "ErrorCode" });

/** One of the codes. */
export type WireErrorCode = z.infer<typeof errorCode>;
