import {
  MAX_METADATA_MEMBERS,
  type IdempotencyRecord,
  type NewUser,
  type UserErrorCode,
  type UserUpdate,
} from "@user-management/domain";
import { buildUser, createContext, describeUserRepository } from "@user-management/domain/testing";
import { describe, expect, test } from "vitest";
import { createSqliteUserRepository } from "./index.ts";
import { listAllUsers, openTemporaryDatabase } from "./testing/temporary-database.ts";

describeUserRepository("the SQLite repository", () =>
  createSqliteUserRepository({ database: openTemporaryDatabase() }),
);

test("an insert with an idempotency key deletes at most 10 expired records", async () => {
  const database = openTemporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const insert = (record: IdempotencyRecord) => users.insert(buildUser(), record, createContext());
  const countRecords = () => Number(database.prepare("SELECT count(*) AS n FROM idempotency").get()!["n"]);
  for (let n = 0; n < 25; n += 1) await insert(createRecord(`key ${n}`, 100));
  expect(countRecords()).toBe(25);
  await insert(createRecord("first", 1_000));
  expect(countRecords()).toBe(16);
  await insert(createRecord("second", 1_000));
  await insert(createRecord("third", 1_000));
  expect(countRecords()).toBe(3);
});

/** Creates a record that expires after 10 seconds. */
function createRecord(key: string, created_at: number): IdempotencyRecord {
  return { key, fingerprint: "content", created_at, expires_at: created_at + 10 };
}

describe("a write with several conflicts", () => {
  test("an insert reports the idempotency record, then the id, then the email, then the external id", async () => {
    const users = createSqliteUserRepository({ database: openTemporaryDatabase() });
    const record = createRecord("key", 100);
    const [byId, byEmail, byExternalId] = [buildUser(), buildUser(), buildUser({ external_id: "42" })];
    await users.insert(byId, record, createContext());
    await users.insert(byEmail, undefined, createContext());
    await users.insert(byExternalId, undefined, createContext());
    const insert = (fields: Partial<NewUser>, used?: IdempotencyRecord) =>
      users.insert(buildUser({ email: byEmail.email, external_id: "42", ...fields }), used, createContext());
    const { user_id } = byId;
    expect(await insert({ user_id }, record)).toBe(user_id);
    await expectCode(insert({ user_id }, { ...record, fingerprint: "other" }), "idempotency-key-reused");
    await expect(insert({ user_id })).rejects.toMatchObject({ code: "id-taken", existingUser: byId });
    await expectCode(insert({}), "email-taken");
    await expectCode(insert({ email: "free@example.com" }), "external-id-taken");
    expect(await listAllUsers(users)).toHaveLength(3);
  });

  test("an update reports the version, then too many members, then the email, then the external id", async () => {
    const users = createSqliteUserRepository({ database: openTemporaryDatabase() });
    const names = Array.from({ length: MAX_METADATA_MEMBERS }, (_, n) => `m${n}`);
    const user = buildUser({ metadata: Object.fromEntries(names.map((name) => [name, "x"])) });
    const [byEmail, byExternalId] = [buildUser(), buildUser({ external_id: "42" })];
    for (const each of [byExternalId, user, byEmail]) await users.insert(each, undefined, createContext());
    const update = (fields: UserUpdate, ifVersionIn?: number[]) =>
      users.update(
        user.user_id,
        { email: byEmail.email, external_id: "42", ...fields },
        { updated_at: user.updated_at, ifVersionIn },
        createContext(),
      );
    await expectCode(update({ metadata: { more: "x" } }, [7]), "stale-version");
    await expectCode(update({ metadata: { more: "x" } }, [1]), "invalid-user");
    await expectCode(update({}), "email-taken");
    await expectCode(update({ email: user.email.toUpperCase() }), "external-id-taken");
    expect(await users.get(user.user_id, createContext())).toEqual(user);
  });

  test("keeps the SQLite error as the cause", async () => {
    const users = createSqliteUserRepository({ database: openTemporaryDatabase() });
    const user = buildUser();
    await users.insert(user, undefined, createContext());
    const insert = users.insert(buildUser({ email: user.email }), undefined, createContext());
    await expect(insert).rejects.toMatchObject({ cause: { code: "ERR_SQLITE_ERROR" } });
  });
});

test("an external id with U+FFFD is not found by a lone surrogate, which SQLite stores as that character", async () => {
  const users = createSqliteUserRepository({ database: openTemporaryDatabase() });
  const user = buildUser({ external_id: "\ufffd" });
  await users.insert(user, undefined, createContext());
  expect(await users.findBy("external_id", "\ufffd", createContext())).toEqual(user);
  for (const value of ["\ud800", "\ufffd\u0000", "\ufffd\u0000x"]) {
    expect(await users.findBy("external_id", value, createContext())).toBeUndefined();
  }
});

async function expectCode(promise: Promise<unknown>, code: UserErrorCode): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: "UserError", code });
}
