/** The token that clients show where the server can be reached from other machines. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Whether the request shows `token`, in `?token=` or as a bearer. Takes as long for a near miss as for a far one. */
export function isAuthorized(request: Request, token: string): boolean {
  const bearer = request.headers.get("authorization")?.match(/^Bearer\s+(.+)$/i)?.[1];
  const shown = bearer ?? new URL(request.url).searchParams.get("token");
  return shown !== null && shown !== undefined && timingSafeEqual(digest(shown), digest(token));
}

/** Of equal length whatever was shown, as the constant-time comparison needs. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
