/** The database file of the memory: made when missing, recognised when there, never overwritten. */
import { DatabaseSync } from "node:sqlite";
import { ParleyError } from "../../pipeline/errors.ts";

/** Marks the file as Parley's in SQLite's own header field: "Prly". */
const APPLICATION_ID = 0x50726c79;
const SCHEMA_VERSION = 1;
/** Another process may be writing; nobody waits longer than this for it. */
const BUSY_MS = 250;

const SCHEMA = `
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
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the file at `path`, or a database that lives in the process alone. Throws `CONFLICT` for a file that
 * is not Parley's or of a newer version, `UNAVAILABLE` for one damaged or out of reach; none is changed.
 */
export function openDatabase(path = ":memory:"): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    throw databaseError(error);
  }
}

/** What SQLite threw, as an error that says what to do about it. */
export function databaseError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
  switch (code) {
    case 5: // SQLITE_BUSY
      return new ParleyError("UNAVAILABLE", "The memory file is in use by another program; try again.", {
        cause: error,
      });
    case 11: // SQLITE_CORRUPT
      return unusable("UNAVAILABLE", "is damaged", error);
    case 26: // SQLITE_NOTADB
      return unusable("CONFLICT", "is not a memory of Parley", error);
    default:
      return new ParleyError(
        "UNAVAILABLE",
        "The memory file cannot be read or written; check that its folder exists, is writable and has space.",
        { cause: error, recoverable: false },
      );
  }
}

function prepare(database: DatabaseSync): void {
  const objects = Number(read(database, "SELECT count(*) FROM sqlite_schema"));
  const application = Number(read(database, "PRAGMA application_id"));
  if (application === 0 && objects === 0) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
  } else {
    if (application !== APPLICATION_ID) throw unusable("CONFLICT", "is not a memory of Parley");
    if (Number(read(database, "PRAGMA user_version")) !== SCHEMA_VERSION) {
      throw unusable("CONFLICT", "was written by another version of Parley");
    }
    if (read(database, "PRAGMA quick_check(1)") !== "ok") throw unusable("UNAVAILABLE", "is damaged");
  }
  // With a write-ahead log a crash loses at most the last memories, never the file.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
}

/** The one value that `sql` gives. */
function read(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

function unusable(code: "CONFLICT" | "UNAVAILABLE", fault: string, cause?: unknown): ParleyError {
  return new ParleyError(code, `The memory file ${fault}; move it away or choose another.`, {
    cause,
    recoverable: false,
  });
}
