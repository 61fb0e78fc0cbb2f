/** Sessions that outlive the server: their events, settings and history in SQLite. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { ParleyError } from "../../pipeline/errors.ts";
import { databaseError, type DatabaseKind, openDatabase } from "../database.ts";
import type { Journal } from "./event_log.ts";
import type { LoggedEvent } from "./session.ts";

/** "Prls". */
const SESSIONS: DatabaseKind = {
  name: "sessions",
  applicationId: 0x50726c73,
  version: 1,
  schema: `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    epoch TEXT NOT NULL,
    state TEXT NOT NULL,
    used_at_ms REAL NOT NULL
  ) STRICT;
  CREATE TABLE events (
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (session, seq)
  ) STRICT, WITHOUT ROWID;
`,
};

/** A session as it was left. */
export interface SavedSession {
  readonly epoch: string;
  readonly events: readonly LoggedEvent[];
  /** What {@linkcode SessionRecord.save} was given last; undefined when it never was. */
  readonly state: unknown;
}

/** One session being written down as it goes on. Its verbs never throw: see {@linkcode SessionStore.open}. */
export interface SessionRecord extends Journal<LoggedEvent> {
  readonly saved: SavedSession;
  /** Keeps `state`, which must be JSON, in the place of what was kept before. */
  save(state: unknown): void;
}

/** How the store is opened. */
export interface SessionStoreOptions {
  readonly path?: string;
  /** The time now, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Sessions that nobody has used for so long are forgotten when the store is opened. */
  readonly keepMs: number;
}

/**
 * Every event is in the file before anybody is told of it, so that a server that dies and comes back never
 * gives a number twice: 20 to 40 µs an event without waiting for the disk. Throws as `openDatabase` does.
 */
export class SessionStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #nowMs: () => number;

  constructor({ path, nowMs, keepMs }: SessionStoreOptions) {
    this.#database = openDatabase(SESSIONS, path);
    this.#nowMs = nowMs;
    this.#run("DELETE FROM sessions WHERE used_at_ms < ?", nowMs() - keepMs);
  }

  has(id: string): boolean {
    return this.#rows("SELECT 1 FROM sessions WHERE id = ?", id).length > 0;
  }

  /**
   * The record of a session, begun if it is not there. When it can no longer be written, on a full disk, it is
   * given up and `onFailure` told, once and later than now: the session itself goes on.
   */
  open(id: string, onFailure: (error: ParleyError) => void = () => {}): SessionRecord {
    this.#run(
      `INSERT INTO sessions VALUES (:id, :epoch, 'null', :now) ON CONFLICT (id) DO UPDATE SET used_at_ms = :now`,
      { id, epoch: crypto.randomUUID(), now: this.#nowMs() },
    );
    const [row] = this.#rows("SELECT epoch, state FROM sessions WHERE id = ?", id);
    const events = this.#rows("SELECT seq, type, json FROM events WHERE session = ? ORDER BY seq", id);
    const insert = this.#database.prepare("INSERT INTO events VALUES (?, ?, ?, ?)");
    let givenUp = false;
    const write = (work: () => void) => {
      if (givenUp) return;
      try {
        work();
      } catch (error) {
        givenUp = true;
        const told = databaseError(error, SESSIONS.name);
        queueMicrotask(() => onFailure(told));
      }
    };
    return {
      saved: {
        epoch: String(row?.epoch),
        state: JSON.parse(String(row?.state)) ?? undefined,
        events: events.map(({ seq, type, json }) => (
          { seq: Number(seq), type: String(type), json: String(json) }
        )),
      },
      append: ({ seq, type, json }) => write(() => insert.run(id, seq, type, json)),
      trim: (seq) =>
        write(() => this.#run("DELETE FROM events WHERE session = :id AND seq < :seq", { id, seq })),
      save: (state) =>
        write(() =>
          this.#run("UPDATE sessions SET state = :state, used_at_ms = :now WHERE id = :id", {
            id,
            state: JSON.stringify(state),
            now: this.#nowMs(),
          })
        ),
    };
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #run(sql: string, values: SQLInputValue | Record<string, SQLInputValue>): void {
    this.#told(() => {
      const statement = this.#database.prepare(sql);
      return typeof values === "object" && values !== null && !ArrayBuffer.isView(values)
        ? statement.run(values)
        : statement.run(values);
    });
  }

  #rows(sql: string, value: SQLInputValue) {
    return this.#told(() => this.#database.prepare(sql).all(value));
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, SESSIONS.name);
    }
  }
}
