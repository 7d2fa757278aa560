import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
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
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) examine(path);
    const database = new DatabaseSync(path, { timeout: OPENING_TIMEOUT });
    try {
      prepareForService(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (cause) {
    throw new UserError("unavailable", { message: `${path} cannot hold the users: ${explain(cause)}`, cause });
  }
}

class UnsuitableFile extends Error {}

/** Looks without writing, so that a file that is not ours stays as it is. */
function examine(path: string): void {
  if (statSync(path).isDirectory()) throw new UnsuitableFile("it is a directory");
  const database = new DatabaseSync(path, { readOnly: true, timeout: OPENING_TIMEOUT });
  try {
    const tables = numberOf(database, "SELECT count(*) FROM sqlite_schema");
    if (tables > 0 && numberOf(database, "PRAGMA application_id") !== APPLICATION_ID) {
      throw new UnsuitableFile("it is a database of another application");
    }
    if (numberOf(database, "PRAGMA user_version") > migrations.length) {
      throw new UnsuitableFile("a newer version of this service has written it");
    }
  } finally {
    database.close();
  }
}

/** A commit is on disk when it returns: WAL with a sync at every commit (https://sqlite.org/pragma.html#pragma_synchronous). */
function prepareForService(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("BEGIN IMMEDIATE");
  const version = numberOf(database, "PRAGMA user_version");
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
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
