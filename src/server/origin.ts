/** Which web pages may connect: a microphone behind a local port is a target for any page the user has open. */

/** What a request says of where it comes from and whom it wants. */
export interface OriginRules {
  /** Host names under which this server may be addressed, without port. */
  readonly hosts: readonly string[];
  /** Web origins that may connect beside the server's own and Tauri's. */
  readonly allowedOrigins: readonly string[];
}

/** Where Tauri's webview says it comes from, by platform. */
const TAURI_ORIGINS = ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The names of a server that listens on `hostname`: loopback goes by several. */
export function hostsOf(hostname: string): string[] {
  const name = (hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname)
    .toLowerCase();
  return isLoopback(hostname) || isAnyAddress(hostname) ? [...LOOPBACK, name] : [name];
}

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || hostname === "[::1]" ||
    /^127(\.\d+){3}$/.test(hostname);
}

/** Whether a server that listens there is reached under every address of the machine. */
export function isAnyAddress(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::" || hostname === "[::]";
}

/** Why a request is refused. */
export interface RefusedRequest {
  readonly reason: "host" | "origin";
  /** In one sentence. */
  readonly message: string;
}

/**
 * Why the request is refused, or undefined. `anyHost` is for a server on all addresses, whose names cannot be
 * known: there the token guards.
 */
export function refusal(request: Request, rules: OriginRules, anyHost = false): RefusedRequest | undefined {
  const host = request.headers.get("host") ?? "";
  // A page that had its own name resolve to this address (DNS rebinding) still sends that name.
  if (!anyHost && !rules.hosts.includes(withoutPort(host))) {
    return { reason: "host", message: `This server does not go by the name "${host}".` };
  }
  const origin = request.headers.get("origin");
  if (origin === null) return undefined; // Only browsers send one, and they always do.
  const own = [`http://${host}`, `https://${host}`];
  if ([...own, ...TAURI_ORIGINS, ...rules.allowedOrigins].includes(origin)) return undefined;
  const message = `Pages of "${origin}" may not connect; add it to allowed_origins if they should.`;
  return { reason: "origin", message };
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}
