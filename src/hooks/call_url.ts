/** Hooks that call a URL. */
import { createHmac } from "node:crypto";
import { SERVER_VERSION } from "../protocol/version.ts";
import type { Deliver, Delivery } from "./delivery.ts";

/** Statuses that may be others in a moment: request timeout, too many requests; and everything from 500. */
const LATER = new Set([408, 429]);

/**
 * Sends the event by POST. With a secret it is signed as Stripe and GitHub do: `x-parley-signature` is
 * `sha256=` and the HMAC, in hexadecimal, of `x-parley-timestamp`, a full stop and the body.
 */
export function callUrl(url: string, secret?: string): Deliver {
  return async (delivery, signal) => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: headersOf(delivery, secret),
        body: delivery.json,
        redirect: "manual", // What is signed for one host is not for another.
        signal,
      });
      await response.body?.cancel();
      if (response.ok) return "ok";
      return response.status >= 500 || LATER.has(response.status) ? "later" : "failed";
    } catch {
      return "later"; // Out of reach, or out of time.
    }
  };
}

function headersOf({ id, event, json }: Delivery, secret: string | undefined): Record<string, string> {
  const timestamp = `${Math.floor(Date.now() / 1000)}`;
  const signature = secret && createHmac("sha256", secret).update(`${timestamp}.${json}`).digest("hex");
  return {
    "content-type": "application/json",
    "user-agent": `parley/${SERVER_VERSION}`,
    "x-parley-event": event,
    "x-parley-delivery": id,
    "x-parley-timestamp": timestamp,
    ...(signature && { "x-parley-signature": `sha256=${signature}` }),
  };
}
