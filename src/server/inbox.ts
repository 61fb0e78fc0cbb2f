/** What one client sends: measured, counted and read before anybody acts on it. */
import { Buffer } from "node:buffer";
import { ParleyError } from "../../pipeline/errors.ts";
import type { Command } from "../protocol/commands.ts";
import { parseCommand } from "../protocol/parse.ts";
import { TokenBucket } from "./rate_limit.ts";

/** What a message turned out to be. */
export type Incoming =
  | { readonly type: "command"; readonly command: Command }
  | { readonly type: "sound"; readonly bytes: Uint8Array }
  | { readonly type: "refused"; readonly error: ParleyError; readonly id?: string | undefined }
  /** The connection is to end. */
  | { readonly type: "too_big"; readonly error: ParleyError };

/** What a client may send. */
export interface InboxLimits {
  readonly commandsPerSecond: number;
  readonly messageBytes: number;
}

/** Reads the messages of one client. */
export class Inbox {
  readonly #limits: InboxLimits;
  readonly #bucket: TokenBucket;

  constructor(limits: InboxLimits) {
    this.#limits = limits;
    this.#bucket = new TokenBucket(limits.commandsPerSecond);
  }

  /** Text is a command, bytes are sound. */
  read(data: string | ArrayBuffer): Incoming {
    const { messageBytes, commandsPerSecond } = this.#limits;
    if (Buffer.byteLength(data) > messageBytes) {
      const message = `A message holds at most ${messageBytes} bytes.`;
      return { type: "too_big", error: new ParleyError("PAYLOAD_TOO_LARGE", message) };
    }
    if (typeof data !== "string") return { type: "sound", bytes: new Uint8Array(data) };
    const parsed = parseCommand(data);
    const id = parsed.ok ? parsed.command.id : parsed.error.id;
    if (!this.#bucket.take()) {
      const message = `Too many commands: ${commandsPerSecond} a second are taken.`;
      return { type: "refused", error: new ParleyError("RATE_LIMITED", message), id };
    }
    if (parsed.ok) return { type: "command", command: parsed.command };
    const { code, message, details } = parsed.error;
    return { type: "refused", error: new ParleyError(code, message, details && { details }), id };
  }

  /** Whether a client whose sound is refused is told of it once more: sound comes too often to answer it all. */
  mayComplain(): boolean {
    return this.#bucket.take();
  }
}
