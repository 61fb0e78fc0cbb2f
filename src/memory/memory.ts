/** What the user asked to remember, in SQLite with full-text search. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { databaseError, type DatabaseKind, openDatabase } from "../database.ts";
import { queryWords, subjectOf } from "./words.ts";

/** Something remembered. */
export interface StoredMemory {
  readonly memoryId: string;
  /** As the user said it. */
  readonly text: string;
}

/** Something found. */
export interface FoundMemory extends StoredMemory {
  /** How well it fits; larger is better, comparable within one search only. */
  readonly score: number;
}

/** Remembers and recalls. Disposing closes it. */
export interface Memory extends Disposable {
  /**
   * Remembers `text`; the same text again only becomes newer. Throws `VALIDATION_ERROR` for an empty text,
   * `PAYLOAD_TOO_LARGE` for one too long, `CONFLICT` when the memory is full.
   */
  store(text: string): StoredMemory;
  /**
   * What holds more than half of the query's telling words in any of their forms, best first; of what was said
   * of the same subject, newest first.
   */
  search(query: string, limit: number): readonly FoundMemory[];
  /** Throws `NOT_FOUND` when there is no such memory. */
  forget(memoryId: string): void;
  /** Everything, newest first. */
  list(): readonly StoredMemory[];
}

/** How a memory is opened. */
export interface MemoryOptions {
  readonly clock: Clock;
  /** The database file, made when missing. Default: in the process's own memory only. */
  readonly path?: string;
}

/** "Prly". */
const MEMORY: DatabaseKind = {
  name: "memory",
  applicationId: 0x50726c79,
  version: 1,
  schema: `
  CREATE TABLE memories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL UNIQUE COLLATE NOCASE,
    subject TEXT NOT NULL,
    stored_at_ms REAL NOT NULL
  ) STRICT;
  CREATE VIRTUAL TABLE memory_words USING fts5(
    text, content = 'memories', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
  );
  CREATE TRIGGER memory_stored AFTER INSERT ON memories BEGIN
    INSERT INTO memory_words (rowid, text) VALUES (new.id, new.text);
  END;
  CREATE TRIGGER memory_forgotten AFTER DELETE ON memories BEGIN
    INSERT INTO memory_words (memory_words, rowid, text) VALUES ('delete', old.id, old.text);
  END;
`,
};

const MAX_TEXT_CHARS = 1000;
const MAX_MEMORIES = 10_000;
const MAX_RESULTS = 100;

/**
 * Opens a memory. A file that is damaged, or not Parley's, is left untouched: `CONFLICT` or `UNAVAILABLE`,
 * not recoverable.
 */
export function openMemory({ clock, path }: MemoryOptions): Memory {
  return new SqliteMemory(openDatabase(MEMORY, path), clock);
}

/** Gives no row where the memory is full, unless it holds the text already. */
const STORE = `
  INSERT INTO memories (text, subject, stored_at_ms)
  SELECT :text, :subject, :now
  WHERE (SELECT count(*) FROM memories) < ${MAX_MEMORIES} OR EXISTS (SELECT 1 FROM memories WHERE text = :text)
  ON CONFLICT (text) DO UPDATE SET stored_at_ms = excluded.stored_at_ms
  RETURNING id, text`;

/** Each word is sought by itself, to count how many a memory holds; their scores add up to that of all of them. */
const SEARCH = `
  SELECT id, text, score FROM (
    SELECT memories.*, count(*) AS hits, -sum(memory_words.rank) AS score
    FROM json_each(:words) AS word
    JOIN memory_words ON memory_words MATCH word.value
    JOIN memories ON memories.id = memory_words.rowid
    GROUP BY memories.id HAVING 2 * hits > json_array_length(:words)
  )
  ORDER BY max(score) OVER (PARTITION BY subject) DESC, subject, stored_at_ms DESC, id DESC
  LIMIT :most`;

class SqliteMemory implements Memory {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  store(text: string): StoredMemory {
    const plain = text.trim().replace(/\s+/g, " ");
    if (!plain) throw new ParleyError("VALIDATION_ERROR", "There is nothing to remember.");
    if (plain.length > MAX_TEXT_CHARS) {
      throw new ParleyError("PAYLOAD_TOO_LARGE", `A memory holds at most ${MAX_TEXT_CHARS} characters.`);
    }
    const [row] = this.#rows(STORE, { text: plain, subject: subjectOf(plain), now: this.#clock.now() });
    if (row) return toMemory(row);
    throw new ParleyError("CONFLICT", `The memory is full with ${MAX_MEMORIES}; forget some first.`);
  }

  search(query: string, limit: number): readonly FoundMemory[] {
    const words = JSON.stringify(queryWords(query).map((word) => `"${word}"`));
    const most = Math.max(0, Math.min(Math.floor(limit), MAX_RESULTS));
    return this.#rows(SEARCH, { words, most })
      .map((row) => ({ ...toMemory(row), score: Number(row.score) }));
  }

  forget(memoryId: string): void {
    const [row] = this.#rows("DELETE FROM memories WHERE CAST(id AS TEXT) = :memoryId RETURNING id", {
      memoryId,
    });
    if (!row) throw new ParleyError("NOT_FOUND", `There is no memory "${memoryId}".`);
  }

  list(): readonly StoredMemory[] {
    return this.#rows("SELECT id, text FROM memories ORDER BY stored_at_ms DESC, id DESC").map(toMemory);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #rows(sql: string, values: Record<string, SQLInputValue> = {}): Row[] {
    try {
      return this.#database.prepare(sql).all(values);
    } catch (error) {
      throw databaseError(error, MEMORY.name);
    }
  }
}

type Row = Record<string, SQLOutputValue>;

function toMemory({ id, text }: Row): StoredMemory {
  return { memoryId: String(id), text: String(text) };
}
