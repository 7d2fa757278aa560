import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { UserRepository } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const context = createContext();
const updated_at = "2026-02-03T04:05:06.789Z";

/** An item that the original service has written. */
const legacyItem = {
  user_id: "7d9f3c1e-0000-4000-8000-000000000001",
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "John.Doe@example.com",
  phone_number: "1234567890",
};

/** Creates a table with these items, and a repository on it. */
async function createTableWith(...items: Record<string, unknown>[]): Promise<{
  users: UserRepository;
  readItem: (key: string) => Promise<Record<string, unknown> | undefined>;
}> {
  const { client, tableName } = await createUsersTable(dynamo);
  for (const Item of items) await client.send(new PutCommand({ TableName: tableName, Item }));
  return {
    users: createDynamoUserRepository({ client, tableName }),
    readItem: async (user_id) => (await client.send(new GetCommand({ TableName: tableName, Key: { user_id } }))).Item,
  };
}

describe("a legacy item", () => {
  test("is read and listed unchanged, with version 0 and without timestamps", async () => {
    const { users } = await createTableWith(legacyItem);
    const user = { ...legacyItem, version: 0 };
    expect(await users.get(legacyItem.user_id, context)).toEqual(user);
    expect(await users.list({ limit: 10 }, context)).toEqual({ users: [user], next: undefined });
  });

  test("may have invalid, missing and third-party attributes", async () => {
    const oddItem = {
      user_id: "any id / at all",
      lastname: "",
      gender: "male",
      address: null,
      dob: "yesterday",
      phone_number: 1234567890,
      email: ["a list"],
      balance: 12345678901234567890123456789012345678n,
      updated_at: "never",
      tags: new Set(["x"]),
    };
    const { users } = await createTableWith(oddItem);
    const user = {
      user_id: "any id / at all",
      lastname: "",
      gender: "male",
      dob: "yesterday",
      phone_number: "1234567890",
      version: 0,
    };
    expect(await users.get(oddItem.user_id, context)).toEqual(user);
    expect((await users.list({ limit: 10 }, context)).users).toEqual([user]);
    expect(await users.update(oddItem.user_id, { lastname: "Doe" }, { updated_at }, context)).toEqual({
      ...user,
      lastname: "Doe",
      version: 1,
      updated_at,
    });
    await users.delete(oddItem.user_id, {}, context);
    expect(await users.get(oddItem.user_id, context)).toBeUndefined();
  });

  test("keeps third-party attributes when it is updated", async () => {
    const { users, readItem } = await createTableWith({ ...legacyItem, note: "keep me" });
    await users.update(legacyItem.user_id, { address: "456 Another St" }, { updated_at }, context);
    await users.update(legacyItem.user_id, { email: "new@example.com" }, { updated_at }, context);
    expect(await readItem(legacyItem.user_id)).toMatchObject({
      note: "keep me",
      lastname: "Doe",
      email: "new@example.com",
    });
  });

  test("claims its email with its first update", async () => {
    const { users } = await createTableWith(legacyItem);
    expect(await users.findBy("email", legacyItem.email, context)).toBeUndefined();
    const updated = await users.update(legacyItem.user_id, { address: "456 Another St" }, { updated_at }, context);
    expect(updated).toEqual({ ...legacyItem, address: "456 Another St", version: 1, updated_at });
    expect(await users.get(legacyItem.user_id, context)).toEqual(updated);
    expect(await users.findBy("email", "john.doe@EXAMPLE.com", context)).toEqual(updated);
    await expect(users.insert(buildUser({ email: legacyItem.email }), undefined, context)).rejects.toMatchObject({
      code: "email-taken",
    });
  });

  test("cannot be updated while another user has claimed its email, unless the update sets another email", async () => {
    const { users } = await createTableWith(legacyItem);
    const other = buildUser({ email: "john.doe@example.com" });
    await users.insert(other, undefined, context);
    const update = users.update(legacyItem.user_id, { address: "456 Another St" }, { updated_at }, context);
    await expect(update).rejects.toMatchObject({ code: "email-taken" });
    expect(await users.get(legacyItem.user_id, context)).toEqual({ ...legacyItem, version: 0 });
    const updated = await users.update(legacyItem.user_id, { email: "jd@example.com" }, { updated_at }, context);
    expect(await users.findBy("email", "jd@example.com", context)).toEqual(updated);
    expect(await users.findBy("email", "john.doe@example.com", context)).toEqual(other);
  });

  test("can be updated and deleted with an email of any type", async () => {
    const emails = [42, [1], { a: 1 }, true, null, new Set([1, 2]), new Uint8Array([1])];
    const { users } = await createTableWith(
      ...emails.map((email, index) => ({ user_id: `odd-${index}`, lastname: "Doe", email })),
    );
    for (const index of emails.keys()) {
      const updated = await users.update(
        `odd-${index}`,
        { email: `odd.${index}@example.com` },
        { updated_at },
        context,
      );
      expect(await users.findBy("email", `odd.${index}@example.com`, context)).toEqual(updated);
    }
    const { users: otherUsers } = await createTableWith(
      ...emails.map((email, index) => ({ user_id: `odd-${index}`, email })),
    );
    for (const index of emails.keys()) await otherUsers.delete(`odd-${index}`, {}, context);
    expect((await otherUsers.list({ limit: 10 }, context)).users).toEqual([]);
  });

  test("can be deleted without releasing the email claim of another user", async () => {
    const twin = { ...legacyItem, user_id: "7d9f3c1e-0000-4000-8000-000000000002" };
    const { users } = await createTableWith(legacyItem, twin);
    const updated = await users.update(twin.user_id, { lastname: "Roe" }, { updated_at }, context);
    await users.delete(legacyItem.user_id, {}, context);
    expect(await users.get(legacyItem.user_id, context)).toBeUndefined();
    expect(await users.findBy("email", legacyItem.email, context)).toEqual(updated);
    await users.delete(twin.user_id, {}, context);
    await users.insert(buildUser({ email: legacyItem.email }), undefined, context);
  });

  test("has version 0 for preconditions until it is updated", async () => {
    const { users } = await createTableWith(legacyItem);
    const { user_id } = legacyItem;
    const update = { lastname: "Roe" };
    for (const ifVersionIn of [[1], [1, 2], []]) {
      const stale = { code: "stale-version", currentVersion: 0 };
      await expect(users.update(user_id, update, { updated_at, ifVersionIn }, context)).rejects.toMatchObject(stale);
      await expect(users.delete(user_id, { ifVersionIn }, context)).rejects.toMatchObject(stale);
    }
    expect(await users.update(user_id, update, { updated_at, ifVersionIn: [0] }, context)).toMatchObject({
      version: 1,
    });
    await expect(users.update(user_id, update, { updated_at, ifVersionIn: [0] }, context)).rejects.toMatchObject({
      code: "stale-version",
      currentVersion: 1,
    });
  });

  test("merges concurrent first updates", async () => {
    const { users } = await createTableWith(legacyItem);
    const updates = [
      { lastname: "Roe" },
      { firstname: "Richard" },
      { address: "1 Side St" },
      { email: "rr@example.com" },
    ];
    await Promise.all(
      updates.map((update) => users.update(legacyItem.user_id, update, { updated_at }, createContext())),
    );
    const merged = { ...legacyItem, ...Object.assign({}, ...updates), version: 4, updated_at };
    expect(await users.get(legacyItem.user_id, context)).toEqual(merged);
    expect(await users.findBy("email", "rr@example.com", context)).toEqual(merged);
    await users.insert(buildUser({ email: legacyItem.email }), undefined, context);
  });
});

describe("a users table", () => {
  test("lists few users among many idempotency records", async () => {
    const records = Array.from({ length: 600 }, (_, index) => ({ user_id: `once#${index}`, expires_at: 1 }));
    const { users } = await createTableWith(legacyItem, ...records);
    expect(await users.list({ limit: 1 }, context)).toEqual({
      users: [{ ...legacyItem, version: 0 }],
      next: undefined,
    });
  });

  test("lists from the beginning if `after` cannot be a partition key", async () => {
    const { users } = await createTableWith(legacyItem);
    for (const after of ["", "x".repeat(2049), "\ud800"]) {
      expect(await users.list({ limit: 1, after }, context)).toEqual({
        users: [{ ...legacyItem, version: 0 }],
        next: undefined,
      });
    }
  });

  test("does not read, list, update or delete email claims and idempotency records as users", async () => {
    const { users, readItem } = await createTableWith();
    const user = buildUser({ email: "jane@example.com" });
    await users.insert(user, { key: "key", fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 }, context);
    for (const key of ["email#jane@example.com", "once#key"]) {
      expect(await readItem(key)).toMatchObject({ owner_id: user.user_id });
      expect(await users.get(key, context)).toBeUndefined();
      await expect(users.update(key, { lastname: "x" }, { updated_at }, context)).rejects.toMatchObject({
        code: "not-found",
      });
      await expect(users.delete(key, {}, context)).rejects.toMatchObject({ code: "not-found" });
      for (const listed of (await users.list({ limit: 10, after: key }, context)).users) expect(listed).toEqual(user);
    }
  });

  test("stores users under the attribute names of the original service", async () => {
    const { users, readItem } = await createTableWith();
    const user = buildUser({ firstname: "Jane" });
    await users.insert(user, undefined, context);
    expect(await readItem(user.user_id)).toEqual({ ...user, version: expect.objectContaining({ value: "1" }) });
  });
});
