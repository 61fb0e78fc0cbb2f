/** Database files: made when missing, recognised when there, never overwritten. */
import { DatabaseSync } from "node:sqlite";
import { ParleyError } from "../pipeline/errors.ts";

/** Another process may be writing; nobody waits longer than this for it. */
const BUSY_MS = 250;

/** What a file of this kind holds. */
export interface DatabaseKind {
  /** As a person knows it: "memory". */
  readonly name: string;
  /** Marks the file in SQLite's own header field. */
  readonly applicationId: number;
  readonly version: number;
  /** Makes its tables. */
  readonly schema: string;
}

/**
 * Opens the file at `path`, or a database that lives in the process alone. Throws `CONFLICT` for a file that
 * is not Parley's or of a newer version, `UNAVAILABLE` for one damaged or out of reach; none is changed.
 */
export function openDatabase(kind: DatabaseKind, path = ":memory:"): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    prepare(database, kind);
    return database;
  } catch (error) {
    database?.close();
    throw databaseError(error, kind.name);
  }
}

/** What SQLite threw, as an error that says what to do about it. */
export function databaseError(error: unknown, name: string): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
  switch (code) {
    case 5: // SQLITE_BUSY
      return new ParleyError("UNAVAILABLE", `The ${name} file is in use by another program; try again.`, {
        cause: error,
      });
    case 11: // SQLITE_CORRUPT
      return unusable(name, "UNAVAILABLE", { fault: "is damaged", cause: error });
    case 26: // SQLITE_NOTADB
      return unusable(name, "CONFLICT", { fault: `is not a ${name} of Parley`, cause: error });
    default:
      return new ParleyError(
        "UNAVAILABLE",
        `The ${name} file cannot be read or written; check that its folder exists, is writable and has space.`,
        { cause: error, recoverable: false },
      );
  }
}

function prepare(database: DatabaseSync, { name, applicationId, version, schema }: DatabaseKind): void {
  const objects = Number(read(database, "SELECT count(*) FROM sqlite_schema"));
  const application = Number(read(database, "PRAGMA application_id"));
  if (application === 0 && objects === 0) {
    const marks = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version};`;
    database.exec(`BEGIN IMMEDIATE; ${schema} ${marks} COMMIT;`);
  } else {
    if (application !== applicationId) {
      throw unusable(name, "CONFLICT", { fault: `is not a ${name} of Parley` });
    }
    if (Number(read(database, "PRAGMA user_version")) !== version) {
      throw unusable(name, "CONFLICT", { fault: "was written by another version of Parley" });
    }
    if (read(database, "PRAGMA quick_check(1)") !== "ok") {
      throw unusable(name, "UNAVAILABLE", { fault: "is damaged" });
    }
  }
  // With a write-ahead log a crash of the machine loses at most the last entries, never the file.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
}

/** The one value that `sql` gives. */
function read(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

function unusable(
  name: string,
  code: "CONFLICT" | "UNAVAILABLE",
  { fault, cause }: { readonly fault: string; readonly cause?: unknown },
): ParleyError {
  return new ParleyError(code, `The ${name} file ${fault}; move it away or choose another.`, {
    cause,
    recoverable: false,
  });
}
