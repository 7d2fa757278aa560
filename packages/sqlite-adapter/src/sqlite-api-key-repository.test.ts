import { readFileSync, writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { ApiKeyRecord, ApiKeyRepository } from "@user-management/domain";
import { buildApiKey, buildUser, createContext, describeApiKeyRepository } from "@user-management/domain/testing";
import { describe, expect, test } from "vitest";
import { createSqliteApiKeyRepository, createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import { createTemporaryPath, listAllUsers, openTemporaryDatabase } from "./testing/temporary-database.ts";

describeApiKeyRepository("the SQLite repository", () =>
  createSqliteApiKeyRepository({ database: openTemporaryDatabase() }),
);

const UNAVAILABLE = { name: "UserError", code: "unavailable" };
const EPOCH = "1970-01-01T00:00:00.000Z";
const LATER = "2030-01-01T00:00:00.000Z";

test("returns the stored keys after the file is closed and opened again", async () => {
  const path = createTemporaryPath();
  const key = buildApiKey();
  const database = openUsersDatabase(path);
  await createSqliteApiKeyRepository({ database }).insert(key, createContext());
  database.close();
  const keys = createSqliteApiKeyRepository({ database: openTemporaryDatabase(path) });
  expect(await keys.list(createContext())).toEqual([key]);
});

describe("a database that users and keys share", () => {
  test("commits concurrent writes of both repositories, beside a conflict and an unexpected error", async () => {
    const database = openTemporaryDatabase();
    const users = createSqliteUserRepository({ database });
    const keys = createSqliteApiKeyRepository({ database });
    const [user, key, otherKey] = [buildUser(), buildApiKey(), buildApiKey()];
    const outcomes = await Promise.allSettled([
      users.insert(user, undefined, createContext()),
      keys.insert(key, createContext()),
      users.insert(buildUser({ email: user.email }), undefined, createContext()),
      keys.insert(otherKey, createContext()),
      keys.revoke("missing", LATER, createContext()),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "fulfilled"))).toEqual([
      "fulfilled",
      "fulfilled",
      "email-taken",
      "fulfilled",
      "not-found",
    ]);
    expect(await listAllUsers(users)).toEqual([user]);
    expect(await listIds(keys)).toEqual(new Set([key.id, otherKey.id]));
  });

  test("rolls back only the writes of the repository in which an unexpected error occurs", async () => {
    const database = openTemporaryDatabase();
    const users = createSqliteUserRepository({ database });
    const keys = createSqliteApiKeyRepository({ database });
    const [user, key] = [buildUser(), buildApiKey()];
    const [rolledBack, failed, inserted] = await Promise.allSettled([
      users.insert(user, undefined, createContext()),
      users.insert(buildUser({ lastname: {} as never }), undefined, createContext()),
      keys.insert(key, createContext()),
    ]);
    expect([rolledBack, failed, inserted].map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(await listAllUsers(users)).toEqual([]);
    expect(await keys.list(createContext())).toEqual([key]);
  });

  test("reports a digest that is stored with another id as a bug, not as a taken email", async () => {
    const keys = createSqliteApiKeyRepository({ database: openTemporaryDatabase() });
    const key = buildApiKey();
    await keys.insert(key, createContext());
    const insert = keys.insert({ ...key, id: "another id" }, createContext());
    await expect(insert).rejects.toMatchObject({ code: "ERR_SQLITE_ERROR" });
    expect(await keys.list(createContext())).toEqual([key]);
  });
});

test("rejects writes with `unavailable` if the file cannot be written, and lists the keys", async () => {
  const database = openTemporaryDatabase();
  const keys = createSqliteApiKeyRepository({ database });
  const key = buildApiKey();
  await keys.insert(key, createContext());
  database.exec("PRAGMA query_only = ON");
  const writes = [
    keys.insert(buildApiKey(), createContext()),
    keys.revoke(key.id, LATER, createContext()),
    keys.limitExpiry(key.id, LATER, createContext()),
    keys.recordUse(key.id, LATER, createContext()),
    keys.delete(key.id, createContext()),
  ];
  for (const outcome of await Promise.allSettled(writes)) expect(outcome).toMatchObject({ reason: UNAVAILABLE });
  expect(await keys.list(createContext())).toEqual([key]);
});

test("rejects every operation with `unavailable` if the file is damaged while it is open", async () => {
  const path = createTemporaryPath();
  const database = openTemporaryDatabase(path);
  const keys = createSqliteApiKeyRepository({ database });
  const key = buildApiKey();
  await keys.insert(key, createContext());
  database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory");
  writeFileSync(path, readFileSync(path).fill(0xff, 4096));
  await expect(keys.list(createContext())).rejects.toMatchObject(UNAVAILABLE);
  await expect(keys.insert(buildApiKey(), createContext())).rejects.toMatchObject(UNAVAILABLE);
});

describe("a row that was edited by hand", () => {
  test.for<[label: string, columns: Record<string, string>, expected: Partial<ApiKeyRecord>]>([
    ["an unknown scope is ignored", { scopes: "users:read users:admin" }, { scopes: ["users:read"] }],
    ["`*` is no scope", { scopes: "*" }, { scopes: [] }],
    ["an empty text has no scope", { scopes: "" }, { scopes: [] }],
    ["a JSON array has no scope", { scopes: '["users:read"]' }, { scopes: [] }],
    ["an expiry that is no time is in the past", { expires_at: "never" }, { expires_at: EPOCH }],
    ["an empty expiry is in the past", { expires_at: "" }, { expires_at: EPOCH }],
    [
      "without a valid creation the key is expired",
      { created_at: "yesterday" },
      { created_at: EPOCH, expires_at: EPOCH },
    ],
    ["a revocation at no time is a revocation", { revoked_at: "no" }, { revoked_at: EPOCH }],
    ["an invalid last use is long ago", { last_used_at: "today" }, { last_used_at: EPOCH }],
  ])("%s", async ([, columns, expected]) => {
    const database = openTemporaryDatabase();
    const keys = createSqliteApiKeyRepository({ database });
    const [key, other] = [buildApiKey(), buildApiKey()];
    await keys.insert(key, createContext());
    await keys.insert(other, createContext());
    editRow(database, key.id, columns);
    const listed = await keys.list(createContext());
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual({ ...key, ...expected });
    expect(listed).toContainEqual(other);
  });

  test("is listed first if its creation is invalid", async () => {
    const database = openTemporaryDatabase();
    const keys = createSqliteApiKeyRepository({ database });
    const [key, other] = [buildApiKey(), buildApiKey({ created_at: "2026-01-01T00:00:00.000Z" })];
    await keys.insert(key, createContext());
    await keys.insert(other, createContext());
    editRow(database, key.id, { created_at: "yesterday" });
    expect((await keys.list(createContext())).map(({ id }) => id)).toEqual([key.id, other.id]);
  });

  test("stays expired if its expiry is limited", async () => {
    const database = openTemporaryDatabase();
    const keys = createSqliteApiKeyRepository({ database });
    const key = buildApiKey();
    await keys.insert(key, createContext());
    editRow(database, key.id, { expires_at: "never" });
    expect(await keys.limitExpiry(key.id, LATER, createContext())).toEqual({ ...key, expires_at: EPOCH });
    expect(await keys.list(createContext())).toEqual([{ ...key, expires_at: EPOCH }]);
  });

  test("stays revoked if it is revoked again", async () => {
    const database = openTemporaryDatabase();
    const keys = createSqliteApiKeyRepository({ database });
    const key = buildApiKey();
    await keys.insert(key, createContext());
    editRow(database, key.id, { revoked_at: "yes" });
    expect(await keys.revoke(key.id, LATER, createContext())).toEqual({ ...key, revoked_at: EPOCH });
  });
});

function editRow(database: DatabaseSync, id: string, columns: Record<string, string>): void {
  for (const [column, value] of Object.entries(columns)) {
    database.prepare(`UPDATE api_keys SET ${column} = ? WHERE id = ?`).run(value, id);
  }
}

async function listIds(keys: ApiKeyRepository): Promise<Set<string>> {
  return new Set((await keys.list(createContext())).map(({ id }) => id));
}
