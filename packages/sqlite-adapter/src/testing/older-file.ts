import { DatabaseSync } from "node:sqlite";
import type { NewUser } from "@user-management/domain";
import { buildUser } from "@user-management/domain/testing";
import { createTemporaryPath } from "./temporary-database.ts";

/** The statements that create each schema version, as its first release executed them. */
export const STATEMENTS = {
  1: [
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
   ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE idempotency (
     key TEXT PRIMARY KEY,
     fingerprint TEXT NOT NULL,
     user_id TEXT NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX idempotency_by_expiry ON idempotency (expires_at)",
  ],
  2: [
    `CREATE TABLE api_keys (
     id TEXT PRIMARY KEY,
     digest TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     scopes TEXT NOT NULL,
     created_at TEXT NOT NULL,
     expires_at TEXT,
     last_used_at TEXT,
     revoked_at TEXT
   ) STRICT, WITHOUT ROWID`,
  ],
};

export type OlderVersion = keyof typeof STATEMENTS;

export const OLDER_VERSIONS = Object.keys(STATEMENTS).map(Number) as OlderVersion[];

/** The columns of the table of users in older versions. */
const COLUMNS =
  "user_id, lastname, firstname, dob, address, gender, email, phone_number, version, created_at, updated_at, canonical_email";

/** Prepares the statement with which releases of older versions insert a user, and returns the function that runs it. */
export function prepareOlderInsert(database: DatabaseSync): (user: NewUser) => void {
  const statement = database.prepare(`INSERT INTO users (${COLUMNS}) VALUES (:${COLUMNS.replaceAll(", ", ", :")})`);
  return (user) => {
    const { firstname = null, metadata: _, ...fields } = user;
    statement.run({ ...fields, firstname, canonical_email: user.email.toLowerCase() });
  };
}

export const JANE = buildUser({
  user_id: "00000000-0000-4000-8000-000000000001",
  firstname: "Jane",
  email: "Jane@example.com",
});
export const JOHN = buildUser({ user_id: "00000000-0000-4000-8000-000000000002", email: "john@example.com" });

/** The idempotency record of {@link JOHN}. */
export const RECORD = { key: "key", fingerprint: "content", created_at: 1_000, expires_at: 2_000 };

/** Creates a file of an older schema version that contains {@link JANE}, {@link JOHN} and {@link RECORD}. */
export function createOlderFile(version: OlderVersion): string {
  const path = createTemporaryPath();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA application_id = 0x75736572; PRAGMA journal_mode = WAL");
  for (const each of OLDER_VERSIONS.filter((other) => other <= version)) {
    for (const statement of STATEMENTS[each]) database.exec(statement);
  }
  database.exec(`PRAGMA user_version = ${version}`);
  [JANE, JOHN].forEach(prepareOlderInsert(database));
  database
    .prepare("INSERT INTO idempotency (key, fingerprint, user_id, expires_at) VALUES (?, ?, ?, ?)")
    .run(RECORD.key, RECORD.fingerprint, JOHN.user_id, RECORD.expires_at);
  database.close();
  return path;
}
