import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { UserRepository } from "@user-management/domain";
import { aNewUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const updated_at = "2026-02-03T04:05:06.789Z";

/** An item as the original service wrote it. */
const original = {
  user_id: "7d9f3c1e-0000-4000-8000-000000000001",
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "John.Doe@example.com",
  phone_number: "1234567890",
};

/** A repository on a table that holds these items already. */
async function tableWith(...items: Record<string, unknown>[]): Promise<{
  users: UserRepository;
  item: (key: string) => Promise<Record<string, unknown> | undefined>;
}> {
  const { client, tableName } = await createUsersTable(dynamo);
  for (const Item of items) await client.send(new PutCommand({ TableName: tableName, Item }));
  return {
    users: createDynamoUserRepository({ client, tableName }),
    item: async (user_id) => (await client.send(new GetCommand({ TableName: tableName, Key: { user_id } }))).Item,
  };
}

test("is read and listed as it stands, at version 0 and without times", async () => {
  const { users } = await tableWith(original);
  const user = { ...original, version: 0 };
  expect(await users.find(original.user_id)).toEqual(user);
  expect(await users.list({ limit: 10 })).toEqual({ users: [user], next: undefined });
});

test("may hold what today's rules refuse, miss attributes, and have attributes of others", async () => {
  const odd = {
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
  const { users } = await tableWith(odd);
  const user = {
    user_id: "any id / at all",
    lastname: "",
    gender: "male",
    dob: "yesterday",
    phone_number: "1234567890",
    version: 0,
  };
  expect(await users.find(odd.user_id)).toEqual(user);
  expect((await users.list({ limit: 10 })).users).toEqual([user]);
  expect(await users.update(odd.user_id, { lastname: "Doe" }, { updated_at })).toEqual({
    ...user,
    lastname: "Doe",
    version: 1,
    updated_at,
  });
  await users.remove(odd.user_id);
  expect(await users.find(odd.user_id)).toBeUndefined();
});

test("keeps the attributes of others when it is changed", async () => {
  const { users, item } = await tableWith({ ...original, note: "keep me" });
  await users.update(original.user_id, { address: "456 Another St" }, { updated_at });
  await users.update(original.user_id, { email: "new@example.com" }, { updated_at });
  expect(await item(original.user_id)).toMatchObject({ note: "keep me", lastname: "Doe", email: "new@example.com" });
});

test("claims its address with its first change", async () => {
  const { users } = await tableWith(original);
  expect(await users.findByEmail(original.email)).toBeUndefined();
  const changed = await users.update(original.user_id, { address: "456 Another St" }, { updated_at });
  expect(changed).toEqual({ ...original, address: "456 Another St", version: 1, updated_at });
  expect(await users.find(original.user_id)).toEqual(changed);
  expect(await users.findByEmail("john.doe@EXAMPLE.com")).toEqual(changed);
  await expect(users.insert(aNewUser({ email: original.email }))).rejects.toMatchObject({ code: "email-taken" });
});

test("is refused its first change when another user has claimed the address, unless it takes another", async () => {
  const { users } = await tableWith(original);
  const other = aNewUser({ email: "john.doe@example.com" });
  await users.insert(other);
  const change = users.update(original.user_id, { address: "456 Another St" }, { updated_at });
  await expect(change).rejects.toMatchObject({ code: "email-taken" });
  expect(await users.find(original.user_id)).toEqual({ ...original, version: 0 });
  const changed = await users.update(original.user_id, { email: "jd@example.com" }, { updated_at });
  expect(await users.findByEmail("jd@example.com")).toEqual(changed);
  expect(await users.findByEmail("john.doe@example.com")).toEqual(other);
});

test("can be changed and removed whatever its email is", async () => {
  const emails = [42, [1], { a: 1 }, true, null, new Set([1, 2]), new Uint8Array([1])];
  const { users } = await tableWith(...emails.map((email, n) => ({ user_id: `odd-${n}`, lastname: "Doe", email })));
  for (const n of emails.keys()) {
    const changed = await users.update(`odd-${n}`, { email: `odd.${n}@example.com` }, { updated_at });
    expect(await users.findByEmail(`odd.${n}@example.com`)).toEqual(changed);
  }
  const { users: others } = await tableWith(...emails.map((email, n) => ({ user_id: `odd-${n}`, email })));
  for (const n of emails.keys()) await others.remove(`odd-${n}`);
  expect((await others.list({ limit: 10 })).users).toEqual([]);
});

test("is removed, and never frees the address of another", async () => {
  const twin = { ...original, user_id: "7d9f3c1e-0000-4000-8000-000000000002" };
  const { users } = await tableWith(original, twin);
  const changed = await users.update(twin.user_id, { lastname: "Roe" }, { updated_at });
  await users.remove(original.user_id);
  expect(await users.find(original.user_id)).toBeUndefined();
  expect(await users.findByEmail(original.email)).toEqual(changed);
  await users.remove(twin.user_id);
  await users.insert(aNewUser({ email: original.email }));
});

test("has a version to require: 0, until it is changed", async () => {
  const { users } = await tableWith(original);
  const { user_id } = original;
  const change = { lastname: "Roe" };
  for (const ifVersion of [[1], [1, 2], []]) {
    const stale = { code: "stale-version", currentVersion: 0 };
    await expect(users.update(user_id, change, { updated_at, ifVersion })).rejects.toMatchObject(stale);
    await expect(users.remove(user_id, { ifVersion })).rejects.toMatchObject(stale);
  }
  expect(await users.update(user_id, change, { updated_at, ifVersion: [0] })).toMatchObject({ version: 1 });
  await expect(users.update(user_id, change, { updated_at, ifVersion: [0] })).rejects.toMatchObject({
    code: "stale-version",
    currentVersion: 1,
  });
});

test("simultaneous first changes all succeed and merge", async () => {
  const { users } = await tableWith(original);
  const changes = [
    { lastname: "Roe" },
    { firstname: "Richard" },
    { address: "1 Side St" },
    { email: "rr@example.com" },
  ];
  await Promise.all(changes.map((change) => users.update(original.user_id, change, { updated_at })));
  const merged = { ...original, ...Object.assign({}, ...changes), version: 4, updated_at };
  expect(await users.find(original.user_id)).toEqual(merged);
  expect(await users.findByEmail("rr@example.com")).toEqual(merged);
  await users.insert(aNewUser({ email: original.email }));
});

test("few users among many records of other kinds are listed", async () => {
  const records = Array.from({ length: 600 }, (_, n) => ({ user_id: `once#${n}`, expires_at: 1 }));
  const { users } = await tableWith(original, ...records);
  expect(await users.list({ limit: 1 })).toEqual({ users: [{ ...original, version: 0 }], next: undefined });
});

test("a place that no user can have starts a list like any other", async () => {
  const { users } = await tableWith(original);
  for (const after of ["", "x".repeat(2049), "\ud800"]) {
    expect(await users.list({ limit: 1, after })).toEqual({ users: [{ ...original, version: 0 }], next: undefined });
  }
});

test("what the service keeps beside users can be neither read, listed, changed nor removed as one", async () => {
  const { users, item } = await tableWith();
  const user = aNewUser({ email: "jane@example.com" });
  await users.insert(user, { key: "key", fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 });
  for (const key of ["email#jane@example.com", "once#key"]) {
    expect(await item(key)).toMatchObject({ owner_id: user.user_id });
    expect(await users.find(key)).toBeUndefined();
    await expect(users.update(key, { lastname: "x" }, { updated_at })).rejects.toMatchObject({ code: "not-found" });
    await expect(users.remove(key)).rejects.toMatchObject({ code: "not-found" });
    for (const listed of (await users.list({ limit: 10, after: key })).users) expect(listed).toEqual(user);
  }
});

test("a user keeps the original's attributes, so that the original service can read it", async () => {
  const { users, item } = await tableWith();
  const user = aNewUser({ firstname: "Jane" });
  await users.insert(user);
  expect(await item(user.user_id)).toEqual({ ...user, version: expect.objectContaining({ value: "1" }) });
});
