/** The Wyoming protocol over TCP: one JSON line, then the data and the payload whose lengths it tells. */
import { z } from "zod";
import type { CallOptions } from "../../../pipeline/engines.ts";
import { type ErrorCode, ParleyError } from "../../../pipeline/errors.ts";
import { ByteReader, CutShortError } from "./byte_reader.ts";
import { Patience } from "./patience.ts";
import {
  messageData,
  messageHead,
  toMessage,
  type WyomingMessage,
  type WyomingRequests,
} from "./wyoming_messages.ts";

/** Where a server is and how long it may take: the settings that both engines have. */
export interface WyomingAddress {
  readonly host: string;
  readonly port: number;
  /** Longest wait for the connection and for the next message. */
  readonly timeout_ms: number;
}

/** The settings of {@linkcode WyomingAddress}, for an engine's schema. */
export function addressOptions(defaultPort: number) {
  return {
    host: z.string().min(1).default("127.0.0.1"),
    port: z.number().int().min(1).max(65_535).default(defaultPort),
    timeout_ms: z.number().min(100).default(10_000),
  };
}

/** Above any list of voices (about 200 kB) and any piece of sound (16 MiB: 3 minutes at 48 kHz). */
const MAX_LINE_BYTES = 4 * 2 ** 20;
const MAX_PAYLOAD_BYTES = 16 * 2 ** 20;

/**
 * A connection to a server. It closes when the signal aborts, when a time limit passes and when it is disposed;
 * every call then rejects: with the signal's reason, or with what went wrong.
 */
export class WyomingConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #reader: ByteReader;
  readonly #signal: AbortSignal;
  readonly #address: WyomingAddress;
  /** Of whoever waits for a message. */
  readonly #patience: Patience;
  #receiving = false;
  #closed = false;
  /** Why it was closed, where something went wrong. */
  #failure: { readonly error: unknown } | undefined;

  private constructor(connection: Deno.TcpConn, address: WyomingAddress, signal: AbortSignal) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
    this.#address = address;
    this.#signal = signal;
    this.#patience = new Patience(address.timeout_ms);
    this.#patience.rest();
    this.#patience.signal.addEventListener("abort", () => this.fail(this.#tooSlow()), { once: true });
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Connects. `UNAVAILABLE` where nobody answers in time. */
  static async open(address: WyomingAddress, { signal }: CallOptions): Promise<WyomingConnection> {
    signal.throwIfAborted();
    using patience = new Patience(address.timeout_ms);
    try {
      const connection = await Deno.connect({
        hostname: address.host,
        port: address.port,
        signal: AbortSignal.any([signal, patience.signal]),
      });
      if (signal.aborted) connection.close();
      signal.throwIfAborted();
      connection.setNoDelay(true);
      return new WyomingConnection(connection, address, signal);
    } catch {
      signal.throwIfAborted();
      throw toError("UNAVAILABLE", `No Wyoming server answers at ${placeOf(address)}: is it running there?`);
    }
  }

  /** Sends one message; resolves once the machine has taken it. Calls must not overlap. */
  async send<K extends keyof WyomingRequests>(
    type: K,
    data: WyomingRequests[K],
    payload: Uint8Array = new Uint8Array(0),
  ): Promise<void> {
    const bytes = encode(type, data, payload);
    const limit = setTimeout(() => this.fail(this.#tooSlow()), this.#address.timeout_ms);
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    } catch {
      throw this.#reason();
    } finally {
      clearTimeout(limit);
    }
  }

  /**
   * The next message of a type this client knows. `patient`: nothing is expected of the server yet, so that it may
   * take any time until {@linkcode expectAnswer}. Calls must not overlap. `MODEL_ERROR` where it is not the
   * protocol's or tells of an error, `TIMEOUT` where none comes, `UNAVAILABLE` where the connection ends.
   */
  async receive({ patient = false } = {}): Promise<WyomingMessage> {
    if (this.#closed) throw this.#reason();
    this.#receiving = true;
    if (!patient) this.#patience.renew();
    try {
      const message = await this.#next();
      if (message.type !== "error") return message;
    } catch (error) {
      this.fail(error instanceof CutShortError ? this.#cut() : this.#unreadable());
      throw this.#reason();
    } finally {
      this.#receiving = false;
      this.#patience.rest();
    }
    const place = placeOf(this.#address);
    throw toError("MODEL_ERROR", `The Wyoming server at ${place} reported an error: see what it logged.`);
  }

  /** From now on whoever waits in {@linkcode receive} is no longer patient. */
  expectAnswer(): void {
    if (this.#receiving && !this.#closed) this.#patience.renew();
  }

  /** Closes the connection; whoever waits for it gets `error`, as does whoever uses it afterwards. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure = { error };
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#patience[Symbol.dispose]();
    this.#connection.close();
  }

  readonly #onAbort = (): void => this.fail(this.#signal.reason);

  async #next(): Promise<WyomingMessage> {
    while (true) {
      const line = await this.#reader.line(MAX_LINE_BYTES);
      if (!line) throw new CutShortError();
      const head = messageHead.parse(parseJson(line));
      const more = await this.#reader.block(head.data_length ?? 0, MAX_LINE_BYTES);
      const payload = await this.#reader.block(head.payload_length ?? 0, MAX_PAYLOAD_BYTES);
      const data = more.length > 0 ? messageData.parse(parseJson(more)) : {};
      const message = toMessage(head.type, { ...head.data, ...data }, payload);
      if (message) return message;
    }
  }

  /** Why nothing more is sent or received. */
  #reason(): unknown {
    return this.#failure ? this.#failure.error : this.#cut();
  }

  #tooSlow(): ParleyError {
    const { timeout_ms } = this.#address;
    return toError(
      "TIMEOUT",
      `The Wyoming server at ${placeOf(this.#address)} gave nothing for ${timeout_ms} ms.`,
    );
  }

  #cut(): ParleyError {
    const place = placeOf(this.#address);
    return toError("UNAVAILABLE", `The Wyoming server at ${place} broke off: is it still running?`);
  }

  #unreadable(): ParleyError {
    const place = placeOf(this.#address);
    return toError(
      "MODEL_ERROR",
      `What answers at ${place} does not speak the Wyoming protocol: check host and port.`,
    );
  }
}

/** What a server can do. */
export async function describe(
  address: WyomingAddress,
  call: CallOptions,
): Promise<Extract<WyomingMessage, { type: "info" }>["data"]> {
  using server = await WyomingConnection.open(address, call);
  await server.send("describe", {});
  while (true) {
    const message = await server.receive();
    if (message.type === "info") return message.data;
  }
}

/** A server's address for messages. */
export function placeOf({ host, port }: WyomingAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function toError(code: ErrorCode, message: string): ParleyError {
  return new ParleyError(code, message);
}

function encode(type: string, data: object, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const body = encoder.encode(JSON.stringify(data));
  const head = { type, data_length: body.length, payload_length: payload.length };
  const line = encoder.encode(`${JSON.stringify(head)}\n`);
  const bytes = new Uint8Array(line.length + body.length + payload.length);
  bytes.set(line);
  bytes.set(body, line.length);
  bytes.set(payload, line.length + body.length);
  return bytes;
}

function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
