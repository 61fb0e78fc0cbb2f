/** A client's being in a session: what it is told when it comes, and everything that happens from then on. */
import type { CommandData } from "../protocol/commands.ts";
import { encodeEvent, encodeReplay } from "../protocol/envelope.ts";
import type { OpenSession, SessionRegistry } from "../sessions/registry.ts";
import type { LiveEvent, LoggedEvent } from "../sessions/session.ts";

/** Where a client that comes back left off. */
export interface Place {
  readonly lastSeq?: number | undefined;
  /** The epoch of the session that the number is from. */
  readonly epoch?: string | undefined;
}

/** How a client joins. */
export interface Joining extends Place {
  readonly sessionId: string;
  /** How a session that begins with it is to be. */
  readonly wishes?: Pick<CommandData<"connect">, "personality" | "history">;
  /** The command that asked for it, if one did. */
  readonly id?: string | undefined;
  /** How much of the past a client that was never here is told. */
  readonly replayEvents: number;
}

/** Who is told. */
export interface Listener {
  wants(type: string): boolean;
  /** Takes something for this client alone. */
  tell(json: string): void;
  /** Takes what happens in the session. */
  follow(event: LoggedEvent): void;
  /** Takes what is only so for a moment. */
  glimpse(event: LiveEvent): void;
}

/** Disposing it is leaving. */
export interface Membership extends Disposable {
  readonly session: OpenSession;
  /** Tells the client about the session and its past, and from then on what happens. */
  begin(listener: Listener): void;
}

/** Comes to a session. Throws as the registry and the session's settings do; then the client is nowhere new. */
export function join(sessions: SessionRegistry, joining: Joining): Membership {
  const visit = sessions.visit(joining.sessionId);
  try {
    if (joining.wishes) furnish(visit.session, joining.wishes);
  } catch (error) {
    visit[Symbol.dispose]();
    throw error;
  }
  const following = new DisposableStack();
  return {
    session: visit.session,
    begin(listener) {
      const { session, conversation } = visit.session;
      // Nothing is awaited between following the log and reading it: no event can fall between.
      following.use(session.follow((event) => listener.follow(event)));
      following.use(session.glimpse((event) => listener.glimpse(event)));
      const around = { timestamp: new Date().toISOString(), session_id: session.id };
      const info = { type: "session_info", data: session.info(conversation.mode, !visit.isNew) } as const;
      listener.tell(encodeEvent(info, { ...around, ...(joining.id !== undefined && { id: joining.id }) }));
      listener.tell(encodeReplay(past(visit.session, joining, listener), around));
    },
    [Symbol.dispose]() {
      following.dispose();
      visit[Symbol.dispose]();
    },
  };
}

function past({ session }: OpenSession, { lastSeq, epoch, replayEvents }: Joining, listener: Listener) {
  const { events, complete } = lastSeq === undefined
    ? { ...session.recent(replayEvents), complete: true }
    : session.since(lastSeq, epoch);
  return {
    events: events.filter((event) => listener.wants(event.type)).map((event) => event.json),
    fromSeq: events[0]?.seq ?? session.lastSeq,
    toSeq: session.lastSeq,
    complete,
  };
}

/** Makes a session that nothing has been said in as its client wishes; one that is under way stays as it is. */
function furnish(
  { settings, conversation, save }: OpenSession,
  { personality, history }: NonNullable<Joining["wishes"]>,
): void {
  if (conversation.history.length > 0) return;
  if (personality !== undefined && personality !== settings.current.personality) {
    settings.update({ personality });
  }
  if (!history) return;
  conversation.restartHistory(history);
  save();
}
