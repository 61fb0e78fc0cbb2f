/** One connected client: what it says becomes commands, what happens in its session becomes messages. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { Command, CommandData } from "../protocol/commands.ts";
import { encodeEvent } from "../protocol/envelope.ts";
import type { EventBody } from "../protocol/events.ts";
import { PROTOCOL_VERSION, SERVER_VERSION } from "../protocol/version.ts";
import { execute } from "../sessions/execute.ts";
import type { ClientSound } from "../sessions/ports.ts";
import type { OpenSession, SessionRegistry } from "../sessions/registry.ts";
import { Inbox, type InboxLimits } from "./inbox.ts";
import { join, type Joining, type Listener, type Membership, type Place } from "./membership.ts";
import { type Outbox, soundFrame } from "./outbox.ts";
import { Subscription } from "./subscription.ts";

/** What limits a client. */
export interface ClientLimits extends InboxLimits {
  readonly queueBytes: number;
  /** How many events a client that was never here before is told of. */
  readonly replayEvents: number;
}

/** How a client is connected. */
export interface ClientOptions {
  readonly outbox: Outbox;
  readonly sessions: SessionRegistry;
  readonly limits: ClientLimits;
  /** Told of every command, and what became of it: "ok" or the code of its error. */
  readonly count: (command: string, outcome: string) => void;
  /** How many clients there are, this one among them. */
  readonly clients: () => number;
}

/** Close code "message too big". */
const TOO_BIG = 1009;
/** Close code "policy violation". */
const NOT_HERE = 1008;

/** Lives from the socket's opening to its closing; disposing leaves the session. */
export class Client implements Disposable {
  readonly id = crypto.randomUUID();
  readonly #options: ClientOptions;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #wanted = new Subscription();
  readonly #listener: Listener;
  #membership: Membership | undefined;
  /** There while this client is the session's microphone. */
  #sound: ClientSound | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#outbox = options.outbox;
    this.#inbox = new Inbox(options.limits);
    this.#listener = {
      wants: (type) => this.#wanted.wants(type),
      tell: (json) => this.#tell(json),
      follow: ({ type, json, seq, sound }) => {
        if (this.#wanted.wants(type)) this.#put(json, type.endsWith("_progress"));
        if (sound && this.#wanted.audio) this.#put(soundFrame(seq, sound), true);
      },
      glimpse: ({ type, json }) => {
        if (this.#wanted.audio && this.#wanted.wants(type)) this.#put(json, true);
      },
    };
  }

  /** Events left out because the client was slow. */
  get dropped(): number {
    return this.#outbox.dropped;
  }

  /** Joins its first session and tells the client all it needs to begin. */
  open(sessionId: string, place: Place): void {
    try {
      this.#membership = this.#join({ sessionId, ...place });
    } catch (error) {
      this.#sendError(error);
      this.#outbox.close(NOT_HERE, "No such session");
      return;
    }
    this.#tellStatus("connected");
    this.#membership.begin(this.#listener);
  }

  /** Takes what the client sent: text is a command, bytes are sound. */
  receive(data: string | ArrayBuffer): void {
    if (!this.#membership) return; // It is being sent away.
    const incoming = this.#inbox.read(data);
    switch (incoming.type) {
      case "command":
        this.#execute(incoming.command);
        return;
      case "sound":
        return this.#receiveSound(incoming.bytes);
      case "refused":
        this.#options.count("unknown", incoming.error.code);
        return this.#sendError(incoming.error, incoming.id);
      case "too_big":
        this.#sendError(incoming.error);
        this.end(TOO_BIG, "Message too big");
    }
  }

  /** Tells the client that it is being sent away, and sends it away. */
  end(code: number, reason: string): void {
    this.#tellStatus("disconnected");
    this.#outbox.close(code, reason);
    this.#leave();
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  #tellStatus(status: "connected" | "disconnected"): void {
    this.#send({
      type: "connection_status",
      data: {
        status,
        client_id: this.id,
        clients: this.#options.clients(),
        protocol_version: PROTOCOL_VERSION,
        server_version: SERVER_VERSION,
      },
    });
  }

  get #session(): OpenSession {
    if (!this.#membership) throw new TypeError("The client has not joined a session");
    return this.#membership.session;
  }

  #join(joining: Omit<Joining, "replayEvents">): Membership {
    const { sessions, limits: { replayEvents } } = this.#options;
    return join(sessions, { ...joining, replayEvents });
  }

  async #execute(command: Command): Promise<void> {
    const { count } = this.#options;
    try {
      await this.#do(command);
      count(command.type, "ok");
    } catch (error) {
      count(command.type, told(error).code);
      this.#sendError(error, command.id);
    }
  }

  /** Does what concerns the connection itself; all else is the session's. */
  async #do(command: Command): Promise<void> {
    const { id } = command;
    switch (command.type) {
      case "connect":
        return this.#connect(command.data, id);
      case "ping":
        return this.#send({ type: "pong", data: { ...command.data, received_at: now() } }, id);
      case "subscribe":
        this.#wanted.add(command.data.events ?? []);
        if (command.data.audio !== undefined) this.#wanted.audio = command.data.audio;
        if (command.data.batch !== undefined) this.#outbox.isBatching = command.data.batch;
        return this.#ackSubscription(id);
      case "unsubscribe":
        this.#wanted.remove(command.data.events ?? []);
        if (command.data.audio) this.#wanted.audio = false;
        if (command.data.batch) this.#outbox.isBatching = false;
        return this.#ackSubscription(id);
      case "audio_start":
        this.#stopSound();
        this.#sound = this.#session.clientAudio.start(command.data.sample_rate);
        return this.#send({ type: "ack", data: {} }, id);
      case "audio_stop":
        this.#stopSound();
        return this.#send({ type: "ack", data: {} }, id);
      default:
        return this.#send(await execute(command, this.#session), id);
    }
  }

  #connect({ session_id, last_seq, epoch, ...wishes }: CommandData<"connect">, id: string | undefined): void {
    const { session } = this.#session;
    const target = session_id ?? session.id;
    // Who stays has seen all there is, unless it says otherwise.
    const lastSeq = last_seq ?? (target === session.id ? session.lastSeq : undefined);
    const membership = this.#join({ sessionId: target, lastSeq, epoch, wishes, id });
    this.#leave();
    this.#membership = membership;
    membership.begin(this.#listener);
  }

  #leave(): void {
    this.#stopSound();
    this.#membership?.[Symbol.dispose]();
    this.#membership = undefined;
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
      if (this.#inbox.mayComplain()) this.#sendError(error);
    }
  }

  #ackSubscription(id: string | undefined): void {
    const { events, audio } = this.#wanted;
    this.#send({ type: "ack", data: { events, audio, batch: this.#outbox.isBatching } }, id);
  }

  #sendError(error: unknown, id?: string): void {
    const { code, message, details } = told(error);
    this.#send({ type: "error", data: { code, message, ...(details && { details }) } }, id);
  }

  /** An event for this client alone: without a number in the log. */
  #send(body: EventBody, id?: string): void {
    const session_id = this.#membership?.session.session.id ?? "";
    this.#tell(encodeEvent(body, { timestamp: now(), session_id, ...(id !== undefined && { id }) }));
  }

  /** Answers are never kept waiting for other events. */
  #tell(json: string): void {
    this.#put(json);
    this.#outbox.flush();
  }

  /** A client that cannot be reached any more leaves at once: its connection may take long to end. */
  #put(data: string | Uint8Array<ArrayBuffer>, droppable = false): void {
    if (!this.#outbox.send(data, droppable)) this.#leave();
  }
}

/** What a mistake of the server's own says may name its files: only its kind is told. */
function told(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return new ParleyError("SERVER_ERROR", `The server made a mistake (${kind}) and could not do this.`);
}

function now(): string {
  return new Date().toISOString();
}
