import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "@user-management/domain";
import { describeOutage } from "./sqlite-error.ts";

/** Identifies files of this service (https://sqlite.org/pragma.html#pragma_application_id): "user" in ASCII. */
const APPLICATION_ID = 0x75736572;

/** Step n migrates a file from schema version n to n + 1. A released step never changes. */
const MIGRATIONS = [
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
  `CREATE TABLE api_keys (
     id TEXT PRIMARY KEY,
     digest TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     scopes TEXT NOT NULL,
     created_at TEXT NOT NULL,
     expires_at TEXT,
     last_used_at TEXT,
     revoked_at TEXT
   ) STRICT, WITHOUT ROWID;`,
  // The partial indexes have no entry for users without these fields.
  `ALTER TABLE users ADD COLUMN external_id TEXT;
   ALTER TABLE users ADD COLUMN status TEXT;
   ALTER TABLE users ADD COLUMN metadata TEXT;
   ALTER TABLE users ADD COLUMN canonical_external_id TEXT;
   CREATE UNIQUE INDEX users_by_external_id ON users (canonical_external_id) WHERE canonical_external_id IS NOT NULL;
   CREATE INDEX users_by_status ON users (status) WHERE status IS NOT NULL;`,
];

/** The tables that each step creates. */
const TABLES = [["users", "idempotency"], ["api_keys"], []];

/**
 * The maximum time for which SQLite waits for the lock of another process while opening a file, in milliseconds: longer than
 * the migration of a large file, and than a busy writer leaves no gap.
 */
const OPEN_TIMEOUT_MS = 5_000;

/** The same time for later statements. It is short because SQLite blocks the event loop while it waits. */
const SERVE_TIMEOUT_MS = 20;

/** A file that cannot be used, for a reason that SQLite does not detect. */
class UnsuitableFile extends Error {}

/**
 * Opens the database file, creates it and its folder if they do not exist, and migrates its schema. Only the owner
 * can access new folders and files. The caller closes the database.
 *
 * @throws UserError `unavailable`, with a message that names the file and the reason; a file of another application or
 *   of a newer version is left unchanged
 */
export function openUsersDatabase(path: string): DatabaseSync {
  const file = resolve(path);
  try {
    createFolder(dirname(file));
    if (existsSync(file)) validateHeader(file);
    else createFile(file);
    const database = new DatabaseSync(file, { timeout: OPEN_TIMEOUT_MS });
    try {
      prepareDatabase(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (cause) {
    throw new UserError("unavailable", {
      message: `Cannot use ${file} as the user database: ${describeCause(cause)}`,
      cause,
    });
  }
}

/** Creates a folder and its parents. The recursive `mkdir` of Node.js does not return below /proc. */
function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  createFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have created it in between.
    if (!existsSync(folder)) throw error;
  }
}

/** Creates an empty file. SQLite gives the files beside it (`-wal`, `-shm`) the same permissions. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch (cause) {
    throw new UnsuitableFile("it cannot be opened", { cause });
  }
}

/**
 * Validates the header of a file (https://sqlite.org/fileformat.html#the_database_header) without opening the file in
 * SQLite, which would create `-wal` and `-shm` files beside the file of another application.
 */
function validateHeader(file: string): void {
  const stats = statSync(file);
  if (!stats.isFile()) throw new UnsuitableFile("it is not a file");
  if (stats.size === 0) return;
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, "r");
  readSync(descriptor, header);
  closeSync(descriptor);
  if (header.toString("latin1", 0, 16) !== "SQLite format 3\0") throw new UnsuitableFile("it is not a SQLite database");
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw new UnsuitableFile("it is a database of another application");
  validateSchemaVersion(header.readUInt32BE(60));
}

function validateSchemaVersion(version: number): void {
  if (version > MIGRATIONS.length) throw new UnsuitableFile("it was written by a newer version of this service");
}

/**
 * Marks a new file as a file of this service, configures durability and migrates the schema. In WAL mode with
 * `synchronous = FULL` a commit is durable once it returns (https://sqlite.org/pragma.html#pragma_synchronous).
 */
function prepareDatabase(database: DatabaseSync): void {
  if (queryNumber(database, "PRAGMA application_id") !== APPLICATION_ID) {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  }
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("BEGIN IMMEDIATE");
  const version = queryNumber(database, "PRAGMA user_version");
  validateSchemaVersion(version);
  validateTables(database, version);
  for (const step of MIGRATIONS.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  database.exec("COMMIT");
  database.exec(`PRAGMA busy_timeout = ${SERVE_TIMEOUT_MS}`);
}

/** Validates that a file has the tables of its schema version. */
function validateTables(database: DatabaseSync, version: number): void {
  const statement = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  const names = TABLES.slice(0, version).flat();
  if (!names.every((name) => statement.get(name))) throw new UnsuitableFile("its tables are missing");
}

function queryNumber(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

function describeCause(cause: unknown): string {
  if (cause instanceof UnsuitableFile) return cause.message;
  return describeOutage(cause) ?? (cause instanceof Error ? cause.message : String(cause));
}
