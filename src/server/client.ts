/** One connected client: what it says becomes commands, what happens in its session becomes messages. */
import { Buffer } from "node:buffer";
import { ParleyError } from "../../pipeline/errors.ts";
import type { Command, CommandData } from "../protocol/commands.ts";
import { encodeEvent } from "../protocol/envelope.ts";
import type { EventBody } from "../protocol/events.ts";
import { parseCommand } from "../protocol/parse.ts";
import { PROTOCOL_VERSION, SERVER_VERSION } from "../protocol/version.ts";
import { execute } from "../sessions/execute.ts";
import type { OpenSession, SessionRegistry } from "../sessions/registry.ts";
import type { ClientSound, LoggedEvent } from "../sessions/session.ts";
import { Outbox, type OutboxSocket, soundFrame } from "./outbox.ts";
import { TokenBucket } from "./rate_limit.ts";
import { Subscription } from "./subscription.ts";

/** What limits a client. */
export interface ClientLimits {
  readonly commandsPerSecond: number;
  readonly messageBytes: number;
  readonly queueBytes: number;
  /** How many events a client that was never here before is told of. */
  readonly replayEvents: number;
}

/** How a client is connected. */
export interface ClientOptions {
  readonly socket: OutboxSocket;
  readonly sessions: SessionRegistry;
  readonly limits: ClientLimits;
  /** How many clients there are, this one among them. */
  readonly clients: () => number;
}

/** Close code "message too big". */
const TOO_BIG = 1009;

/** Lives from the socket's opening to its closing; disposing leaves the session. */
export class Client implements Disposable {
  readonly id = crypto.randomUUID();
  readonly #options: ClientOptions;
  readonly #outbox: Outbox;
  readonly #bucket: TokenBucket;
  readonly #wanted = new Subscription();
  #visit: ({ readonly session: OpenSession; readonly isNew: boolean } & Disposable) | undefined;
  #following: Disposable | undefined;
  /** There while this client is the session's microphone. */
  #sound: ClientSound | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.socket, options.limits.queueBytes);
    this.#bucket = new TokenBucket(options.limits.commandsPerSecond);
  }

  /** Events left out because the client was slow. */
  get dropped(): number {
    return this.#outbox.dropped;
  }

  /** Joins its first session and tells the client all it needs to begin. */
  open(sessionId: string, lastSeq: number | undefined): void {
    try {
      this.#visit = this.#options.sessions.visit(sessionId);
    } catch (error) {
      this.#sendError(error);
      this.#options.socket.close(1008, "No such session");
      return;
    }
    this.#send({
      type: "connection_status",
      data: {
        status: "connected",
        client_id: this.id,
        clients: this.#options.clients(),
        protocol_version: PROTOCOL_VERSION,
        server_version: SERVER_VERSION,
      },
    });
    this.#join(lastSeq);
  }

  /** Takes what the client sent: text is a command, bytes are sound. */
  receive(data: string | ArrayBuffer): void {
    if (!this.#visit) return; // It is being sent away.
    if (Buffer.byteLength(data) > this.#options.limits.messageBytes) {
      const message = `A message holds at most ${this.#options.limits.messageBytes} bytes.`;
      this.#sendError(new ParleyError("PAYLOAD_TOO_LARGE", message));
      this.#options.socket.close(TOO_BIG, "Message too big");
      this.#leave();
      return;
    }
    if (typeof data !== "string") return this.#receiveSound(new Uint8Array(data));
    const parsed = parseCommand(data);
    const id = parsed.ok ? parsed.command.id : parsed.error.id;
    if (!this.#bucket.take()) {
      const message = `Too many commands: ${this.#options.limits.commandsPerSecond} a second are taken.`;
      this.#sendError(new ParleyError("RATE_LIMITED", message), id);
    } else if (parsed.ok) this.#execute(parsed.command);
    else this.#send({ type: "error", data: withoutId(parsed.error) }, id);
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  get #session(): OpenSession {
    if (!this.#visit) throw new TypeError("The client has not joined a session");
    return this.#visit.session;
  }

  /** `id`: the command that asked to join, if one did. */
  #join(lastSeq: number | undefined, id?: string): void {
    const { session, conversation } = this.#session;
    const isResumed = this.#visit?.isNew === false;
    // Nothing is awaited between following the log and reading it: no event can fall between.
    this.#following = session.follow((event) => this.#forward(event));
    this.#send({ type: "session_info", data: session.info(conversation.mode, isResumed) }, id);
    const { events, complete } = lastSeq === undefined
      ? { ...session.recent(this.#options.limits.replayEvents), complete: true }
      : session.since(lastSeq);
    const wanted = events.filter((event) => this.#wanted.wants(event.type));
    const data = {
      events: wanted.map((event) => JSON.parse(event.json)),
      from_seq: events[0]?.seq ?? session.lastSeq,
      to_seq: session.lastSeq,
      complete,
    };
    this.#send({ type: "replay", data });
  }

  #forward({ type, json, seq, sound }: LoggedEvent): void {
    if (this.#wanted.wants(type)) this.#put(json, type.endsWith("_progress"));
    if (sound && this.#wanted.audio) this.#put(soundFrame(seq, sound), true);
  }

  async #execute(command: Command): Promise<void> {
    const { id } = command;
    try {
      switch (command.type) {
        case "connect":
          return this.#connect(command.data, id);
        case "ping":
          return this.#send({ type: "pong", data: { ...command.data, received_at: now() } }, id);
        case "subscribe":
          this.#wanted.add(command.data.events ?? []);
          if (command.data.audio !== undefined) this.#wanted.audio = command.data.audio;
          return this.#ackSubscription(id);
        case "unsubscribe":
          this.#wanted.remove(command.data.events ?? []);
          if (command.data.audio) this.#wanted.audio = false;
          return this.#ackSubscription(id);
        case "audio_start":
          this.#stopSound();
          this.#sound = this.#session.clientAudio.start(command.data.sample_rate);
          return this.#send({ type: "ack", data: {} }, id);
        case "audio_stop":
          this.#stopSound();
          return this.#send({ type: "ack", data: {} }, id);
      }
      this.#send(await execute(command, this.#session), id);
    } catch (error) {
      this.#sendError(error, id);
    }
  }

  #connect({ session_id, last_seq }: CommandData<"connect">, id: string | undefined): void {
    const { session } = this.#session;
    const target = session_id ?? session.id;
    // Who stays has seen all there is, unless it says otherwise.
    const lastSeq = last_seq ?? (target === session.id ? session.lastSeq : undefined);
    const visit = this.#options.sessions.visit(target);
    this.#leave();
    this.#visit = visit;
    this.#join(lastSeq, id);
  }

  #leave(): void {
    this.#following?.[Symbol.dispose]();
    this.#stopSound();
    this.#visit?.[Symbol.dispose]();
    this.#visit = undefined;
  }

  #stopSound(): void {
    this.#sound?.[Symbol.dispose]();
    this.#sound = undefined;
  }

  #receiveSound(bytes: Uint8Array): void {
    try {
      if (!this.#sound) throw new ParleyError("CONFLICT", "Send audio_start before audio.");
      this.#sound.push(bytes);
    } catch (error) {
      if (this.#bucket.take()) this.#sendError(error);
    }
  }

  #ackSubscription(id: string | undefined): void {
    this.#send({ type: "ack", data: { events: this.#wanted.events, audio: this.#wanted.audio } }, id);
  }

  #sendError(error: unknown, id?: string): void {
    const { code, message, details } = error instanceof ParleyError ? error : mistake(error);
    this.#send({ type: "error", data: { code, message, ...(details && { details }) } }, id);
  }

  /** An event for this client alone: without a number in the log. */
  #send(body: EventBody, id?: string): void {
    const session_id = this.#visit?.session.session.id ?? "";
    this.#put(encodeEvent(body, { timestamp: now(), session_id, ...(id !== undefined && { id }) }));
  }

  /** A client that cannot be reached any more leaves at once: its connection may take long to end. */
  #put(data: string | Uint8Array<ArrayBuffer>, droppable = false): void {
    if (!this.#outbox.send(data, droppable)) this.#leave();
  }
}

/** What a mistake of the server's own says may name its files: only its kind is told. */
function mistake(error: unknown): ParleyError {
  const kind = error instanceof Error ? error.name : typeof error;
  return new ParleyError("SERVER_ERROR", `The server made a mistake (${kind}) and could not do this.`);
}

function withoutId<T extends { id?: string }>({ id: _, ...rest }: T): Omit<T, "id"> {
  return rest;
}

function now(): string {
  return new Date().toISOString();
}
