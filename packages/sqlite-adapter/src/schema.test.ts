import { DatabaseSync } from "node:sqlite";
import { UNIQUE_FIELDS, USER_FIELD_NAMES, USER_FIELDS } from "@user-management/domain";
import { buildApiKey, buildUser, createContext } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteApiKeyRepository, createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import {
  createOlderFile,
  JANE,
  JOHN,
  OLDER_VERSIONS,
  prepareOlderInsert,
  RECORD,
  STATEMENTS,
  type OlderVersion,
} from "./testing/older-file.ts";
import { listAllUsers, openTemporaryDatabase } from "./testing/temporary-database.ts";

/** The schema of version 3. SQLite appends added columns to the statement that created the table. */
const SCHEMA = [
  ...[...STATEMENTS[1], ...STATEMENTS[2]].map((statement) =>
    statement.startsWith("CREATE TABLE users")
      ? statement.replace(
          ") STRICT",
          ", external_id TEXT, status TEXT, metadata TEXT, canonical_external_id TEXT) STRICT",
        )
      : statement,
  ),
  "CREATE UNIQUE INDEX users_by_external_id ON users (canonical_external_id) WHERE canonical_external_id IS NOT NULL",
  "CREATE INDEX users_by_status ON users (status) WHERE status IS NOT NULL",
];

const context = createContext();
const updated_at = "2026-02-03T04:05:06.789Z";

function readSchema(database: DatabaseSync): unknown[] {
  return database
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    .all()
    .map(({ sql }) => sql);
}

test("a new file has the schema of version 3", () => {
  const database = openTemporaryDatabase();
  expect(readSchema(database)).toEqual(SCHEMA);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 3 });
  expect(database.prepare("PRAGMA application_id").get()).toEqual({ application_id: 0x75736572 });
});

test.for(OLDER_VERSIONS)(
  "a file of version %i is migrated, contains its users, and stores API keys",
  async (version) => {
    const path = createOlderFile(version);
    const database = openUsersDatabase(path);
    expect(readSchema(database)).toEqual(SCHEMA);
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 3 });
    const key = buildApiKey();
    const keys = createSqliteApiKeyRepository({ database });
    expect(await keys.list(context)).toEqual([]);
    await keys.insert(key, context);
    database.close();
    const reopened = openTemporaryDatabase(path);
    expect(await createSqliteApiKeyRepository({ database: reopened }).list(context)).toEqual([key]);
    expect(await listAllUsers(createSqliteUserRepository({ database: reopened }))).toEqual([JANE, JOHN]);
  },
);

test.for(OLDER_VERSIONS)("every read and insert works on a file of version %i", async (version) => {
  const users = openUsers(version);
  expect(await users.get(JANE.user_id, context)).toEqual(JANE);
  expect(await users.findBy("email", "JANE@EXAMPLE.COM", context)).toEqual(JANE);
  expect(await users.findBy("external_id", "", context)).toBeUndefined();
  expect(await listAllUsers(users)).toEqual([JANE, JOHN]);
  expect((await users.list({ limit: 10, status: "active" }, context)).users).toEqual([JANE, JOHN]);
  expect((await users.list({ limit: 10, status: "suspended" }, context)).users).toEqual([]);

  expect(await users.insert(buildUser(), RECORD, context)).toBe(JOHN.user_id);
  const conflicts = [
    [JANE, { code: "id-taken", existingUser: JANE }],
    [buildUser({ email: "JOHN@example.com" }), { code: "email-taken" }],
  ] as const;
  for (const [user, error] of conflicts) {
    await expect(users.insert(user, undefined, context)).rejects.toMatchObject(error);
  }
  const user = buildUser({
    user_id: "00000000-0000-4000-8000-000000000003",
    external_id: "42",
    status: "suspended",
    metadata: { team: "blue" },
  });
  expect(await users.insert(user, undefined, context)).toBe(user.user_id);
  expect(await listAllUsers(users)).toEqual([JANE, JOHN, user]);
});

test.for(OLDER_VERSIONS)("every update and deletion works on a file of version %i", async (version) => {
  const users = openUsers(version);
  const { firstname: _, ...withoutFirstname } = JANE;
  const fields = {
    email: "Roe@example.com",
    external_id: "42",
    status: "suspended",
    metadata: { team: "blue" },
  } as const;
  const update = { firstname: null, ...fields };
  const updated = { ...withoutFirstname, ...fields, version: 2, updated_at };
  expect(await users.update(JANE.user_id, update, { updated_at, ifVersionIn: [1] }, context)).toEqual(updated);
  expect(await users.findBy("email", "roe@example.com", context)).toEqual(updated);
  expect(await users.findBy("external_id", "42", context)).toEqual(updated);
  expect((await users.list({ limit: 10, status: "suspended" }, context)).users).toEqual([updated]);
  const repeated = users.update(JOHN.user_id, { external_id: "42" }, { updated_at }, context);
  await expect(repeated).rejects.toMatchObject({ code: "external-id-taken" });
  await users.delete(JANE.user_id, { ifVersionIn: [2] }, context);
  expect(await listAllUsers(users)).toEqual([JOHN]);
});

function openUsers(version: OlderVersion) {
  return createSqliteUserRepository({ database: openTemporaryDatabase(createOlderFile(version)) });
}

test.for(OLDER_VERSIONS)("a process of version %i that is running continues to insert users", async (version) => {
  const path = createOlderFile(version);
  const older = new DatabaseSync(path);
  onTestFinished(() => older.close());
  const insert = prepareOlderInsert(older);
  const users = createSqliteUserRepository({ database: openTemporaryDatabase(path) });
  const user = buildUser({ user_id: "00000000-0000-4000-8000-000000000003" });
  insert(user);
  expect(await listAllUsers(users)).toEqual([JANE, JOHN, user]);
});

test.for<[label: string, version: OlderVersion, sql: string, message: string]>([
  ["the table of API keys exists", 1, "CREATE TABLE api_keys (x)", "table api_keys already exists"],
  ["the last index exists", 1, "CREATE INDEX users_by_status ON users (dob)", "index users_by_status already exists"],
  ["a column exists", 2, "ALTER TABLE users ADD COLUMN metadata TEXT", "duplicate column name: metadata"],
])("a migration that fails because %s leaves the file unchanged", ([, version, sql, message]) => {
  const path = createOlderFile(version);
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  database.exec(sql);
  const schema = readSchema(database);
  expect(() => openUsersDatabase(path)).toThrow(message);
  expect(readSchema(database)).toEqual(schema);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: version });
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
  const expected = UNIQUE_FIELDS.map(({ field }) => `canonical_${field}`);
  expect(new Set(indexed.map(({ name }) => name))).toEqual(new Set(expected));
});
