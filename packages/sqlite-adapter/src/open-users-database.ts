import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "@user-management/domain";
import { reasonOf } from "./sqlite-failure.ts";

/** Marks a file as ours (https://sqlite.org/pragma.html#pragma_application_id): "user" in ASCII. */
const APPLICATION_ID = 0x75736572;

/** Step n brings a file from schema version n to n + 1; a step that has been released never changes. */
const migrations = [
  `CREATE TABLE users (
     user_id TEXT PRIMARY KEY,
     lastname TEXT NOT NULL,
     firstname TEXT,
     dob TEXT NOT NULL,
     address TEXT NOT NULL,
     gender TEXT NOT NULL,
     email TEXT NOT NULL,
     phone_number TEXT NOT NULL,
     version INTEGER NOT NULL,
     created_at TEXT NOT NULL,
     updated_at TEXT NOT NULL,
     canonical_email TEXT NOT NULL UNIQUE
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE idempotency (
     key TEXT PRIMARY KEY,
     fingerprint TEXT NOT NULL,
     user_id TEXT NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);`,
];

/** How long SQLite itself waits for another process's lock, in milliseconds: long to open, short while serving. */
const OPENING_TIMEOUT = 2_000;
const SERVING_TIMEOUT = 20;

/**
 * Opens the database file, making it and its folder when they do not exist and bringing its schema up to date.
 * Whoever opens it closes it.
 *
 * @throws UserError `unavailable`, with a message that names the file and says why it cannot serve; a file that is
 *   not ours, or is newer than this code, is left as it was
 */
export function openUsersDatabase(path: string): DatabaseSync {
  const file = resolve(path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) examine(file);
    const database = new DatabaseSync(file, { timeout: OPENING_TIMEOUT });
    try {
      prepareForService(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (cause) {
    throw new UserError("unavailable", { message: `${file} cannot hold the users: ${explain(cause)}`, cause });
  }
}

class UnsuitableFile extends Error {}

/**
 * Looks at a file's header (https://sqlite.org/fileformat.html#the_database_header) without SQLite, which would leave
 * files of its own beside one that is not ours.
 */
function examine(file: string): void {
  const stats = statSync(file);
  if (!stats.isFile()) throw new UnsuitableFile("it is no file");
  if (stats.size === 0) return;
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, "r");
  readSync(descriptor, header);
  closeSync(descriptor);
  if (header.toString("latin1", 0, 16) !== "SQLite format 3\0") throw new UnsuitableFile("it is not a SQLite database");
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw new UnsuitableFile("it is a database of another application");
  refuseNewer(header.readUInt32BE(60));
}

function refuseNewer(version: number): void {
  if (version > migrations.length) throw new UnsuitableFile("a newer version of this service has written it");
}

/**
 * Marks a new file as ours before anything else. A commit is on disk when it returns: WAL with a sync at every commit
 * (https://sqlite.org/pragma.html#pragma_synchronous).
 */
function prepareForService(database: DatabaseSync): void {
  if (numberOf(database, "PRAGMA application_id") !== APPLICATION_ID) {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  }
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("BEGIN IMMEDIATE");
  const version = numberOf(database, "PRAGMA user_version");
  refuseNewer(version);
  for (const step of migrations.slice(version)) database.exec(step);
  if (numberOf(database, "SELECT count(*) FROM sqlite_schema WHERE name IN ('users', 'idempotency')") < 2) {
    throw new UnsuitableFile("its tables are missing");
  }
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec("COMMIT");
  database.exec(`PRAGMA busy_timeout = ${SERVING_TIMEOUT}`);
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

function explain(cause: unknown): string {
  if (cause instanceof UnsuitableFile) return cause.message;
  return reasonOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
}
