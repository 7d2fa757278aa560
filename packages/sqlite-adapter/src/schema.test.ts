import { DatabaseSync } from "node:sqlite";
import { UNIQUE_FIELDS, USER_FIELD_NAMES, USER_FIELDS } from "@user-management/domain";
import { buildApiKey, buildUser, createContext } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteApiKeyRepository, createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import { createTemporaryPath, listAllUsers, openTemporaryDatabase } from "./testing/temporary-database.ts";

/** The schema of version 1, as the first release created it. */
const SCHEMA_1 = [
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
];

/** The schema of version 2, which adds API keys. */
const SCHEMA_2 = [
  ...SCHEMA_1,
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
];

const JANE = buildUser({
  user_id: "00000000-0000-4000-8000-000000000001",
  firstname: "Jane",
  email: "Jane@example.com",
});
const JOHN = buildUser({ user_id: "00000000-0000-4000-8000-000000000002", email: "john@example.com" });
const RECORD = { key: "key", fingerprint: "content", created_at: 1_000, expires_at: 2_000 };

/** Creates a file of version 1 that contains {@link JANE}, {@link JOHN} and the idempotency record of John. */
function createVersion1File(): string {
  const path = createTemporaryPath();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA application_id = 0x75736572; PRAGMA journal_mode = WAL");
  for (const statement of SCHEMA_1) database.exec(statement);
  database.exec("PRAGMA user_version = 1");
  for (const { firstname = null, ...user } of [JANE, JOHN]) {
    const row = { ...user, firstname, canonical_email: user.email.toLowerCase() };
    const columns = Object.keys(row);
    database
      .prepare(`INSERT INTO users (${columns.join()}) VALUES (${columns.map((column) => `:${column}`).join()})`)
      .run(row);
  }
  database
    .prepare("INSERT INTO idempotency (key, fingerprint, user_id, expires_at) VALUES (?, ?, ?, ?)")
    .run(RECORD.key, RECORD.fingerprint, JOHN.user_id, RECORD.expires_at);
  database.close();
  return path;
}

function readSchema(database: DatabaseSync): unknown[] {
  return database
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    .all()
    .map(({ sql }) => sql);
}

test("a new file has the schema of version 2", () => {
  const database = openTemporaryDatabase();
  expect(readSchema(database)).toEqual(SCHEMA_2);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 2 });
  expect(database.prepare("PRAGMA application_id").get()).toEqual({ application_id: 0x75736572 });
});

test("every operation works on a file of version 1", async () => {
  const database = openTemporaryDatabase(createVersion1File());
  const users = createSqliteUserRepository({ database });
  const context = createContext();
  const updated_at = "2026-02-03T04:05:06.789Z";
  expect(await users.get(JANE.user_id, context)).toEqual(JANE);
  expect(await users.findByEmail("JANE@EXAMPLE.COM", context)).toEqual(JANE);
  expect(await listAllUsers(users)).toEqual([JANE, JOHN]);

  expect(await users.insert(buildUser(), RECORD, context)).toBe(JOHN.user_id);
  const duplicate = buildUser({ email: "JOHN@example.com" });
  await expect(users.insert(duplicate, undefined, context)).rejects.toMatchObject({ code: "email-taken" });
  const user = buildUser({ user_id: "00000000-0000-4000-8000-000000000003" });
  expect(await users.insert(user, undefined, context)).toBe(user.user_id);

  const { firstname: _, ...withoutFirstname } = JANE;
  const update = { firstname: null, email: "Roe@example.com" };
  expect(await users.update(JANE.user_id, update, { updated_at, ifVersionIn: [1] }, context)).toEqual({
    ...withoutFirstname,
    email: "Roe@example.com",
    version: 2,
    updated_at,
  });
  expect((await users.findByEmail("roe@example.com", context))?.user_id).toBe(JANE.user_id);
  await users.delete(JANE.user_id, { ifVersionIn: [2] }, context);
  expect(await listAllUsers(users)).toEqual([JOHN, user]);
});

test("a file of version 1 is migrated to version 2, and then contains its users and stores API keys", async () => {
  const path = createVersion1File();
  const database = openUsersDatabase(path);
  expect(readSchema(database)).toEqual(SCHEMA_2);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 2 });
  const key = buildApiKey();
  const keys = createSqliteApiKeyRepository({ database });
  expect(await keys.list(createContext())).toEqual([]);
  await keys.insert(key, createContext());
  database.close();
  const reopened = openTemporaryDatabase(path);
  expect(await createSqliteApiKeyRepository({ database: reopened }).list(createContext())).toEqual([key]);
  expect(await listAllUsers(createSqliteUserRepository({ database: reopened }))).toEqual([JANE, JOHN]);
});

test("a repository that was created before another process migrates the file continues to work", async () => {
  const path = createVersion1File();
  const older = new DatabaseSync(path);
  onTestFinished(() => older.close());
  const users = createSqliteUserRepository({ database: older });
  openTemporaryDatabase(path);
  const user = buildUser({ user_id: "00000000-0000-4000-8000-000000000003" });
  await users.insert(user, undefined, createContext());
  expect(await listAllUsers(users)).toEqual([JANE, JOHN, user]);
});

test("a migration that fails leaves a file of version 1 unchanged", () => {
  const path = createVersion1File();
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  database.exec("CREATE TABLE api_keys (x)");
  const schema = readSchema(database);
  expect(() => openUsersDatabase(path)).toThrow("table api_keys already exists");
  expect(readSchema(database)).toEqual(schema);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
});

test("every field of a user has a column, which accepts NULL if the field is not required", () => {
  const rows = openTemporaryDatabase().prepare("SELECT name, \"notnull\" FROM pragma_table_info('users')").all();
  const columns = new Map(rows.map(({ name, notnull }) => [name, notnull]));
  for (const field of USER_FIELD_NAMES) {
    expect(columns.has(field), `A step in MIGRATIONS must add a column for the field ${field}.`).toBe(true);
    if (!USER_FIELDS[field].required) expect(columns.get(field), field).toBe(0);
  }
});

test("every unique field has a column with a unique index for its canonical form", () => {
  const indexed = openTemporaryDatabase()
    .prepare(
      `SELECT info.name FROM pragma_index_list('users') AS list, pragma_index_info(list.name) AS info
       WHERE list."unique" AND list.origin <> 'pk'`,
    )
    .all();
  expect(indexed.map(({ name }) => name)).toEqual(UNIQUE_FIELDS.map(({ field }) => `canonical_${field}`));
});
