import { GetCommand, PutCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ApiKeyRecord, ApiKeyRepository } from "@user-management/domain";
import { buildApiKey, createContext, describeApiKeyRepository } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoApiKeyRepository } from "./index.ts";
import { CLIENT_NAMES, createTestClient, type ClientName } from "./testing/clients.ts";
import type { Fault } from "./testing/faulty-endpoint.ts";
import { createFaultyKeysTable } from "./testing/faulty-table.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const EPOCH = "1970-01-01T00:00:00.000Z";
const LATER = "2030-01-01T00:00:00.000Z";
const LATEST = "2031-01-01T00:00:00.000Z";

interface KeysTable {
  readonly keys: ApiKeyRepository;
  /** A client with which the test edits items. */
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

async function createKeysTable(clientName: ClientName = "the wire client"): Promise<KeysTable> {
  const { client, keysTableName: tableName } = await createUsersTable(dynamo);
  const repositoryClient = createTestClient(clientName, dynamo.config);
  return { keys: createDynamoApiKeyRepository({ client: repositoryClient, tableName }), client, tableName };
}

for (const name of CLIENT_NAMES) {
  describeApiKeyRepository(`the DynamoDB repository over ${name}`, async () => (await createKeysTable(name)).keys);
}

test("lists the keys of all pages of a Scan in the order of creation", async () => {
  const { keys, healthyKeys, key, calls } = await createFaultyKeysTable(dynamo, () => "none");
  // Four names of 350 KB exceed one page of 1 MB.
  const large = [3, 1, 4, 2].map((day) =>
    buildApiKey({ name: "x".repeat(350_000), created_at: `2026-01-0${day}T00:00:00.000Z` }),
  );
  await healthyKeys.delete(key.id, createContext());
  for (const each of large) await healthyKeys.insert(each, createContext());
  const listed = await keys.list(createContext());
  expect(listed.map(({ id }) => id)).toEqual([1, 3, 0, 2].map((index) => large[index]!.id));
  expect(calls.map(({ operation }) => operation)).toEqual(["Scan", "Scan"]);
  for (const { input } of calls) expect(input).toMatchObject({ ConsistentRead: true });
});

test("accesses only `id` and `last_used_at` to record a use, so that an IAM policy can restrict it to them", async () => {
  const { keys, healthyKeys, key, calls } = await createFaultyKeysTable(dynamo, () => "none");
  await keys.recordUse(key.id, LATER, createContext());
  const { TableName: _, ...input } = calls[0]!.input;
  expect(calls).toHaveLength(1);
  expect(input).toEqual({
    Key: { id: { S: key.id } },
    UpdateExpression: "SET last_used_at = :time",
    ConditionExpression: "attribute_exists(id) AND (attribute_not_exists(last_used_at) OR last_used_at < :time)",
    ExpressionAttributeValues: { ":time": { S: LATER } },
    ReturnValues: "NONE",
  });
  expect(await healthyKeys.list(createContext())).toEqual([{ ...key, last_used_at: LATER }]);
});

test("limits an expiry that another process updates between the comparison and the write", async () => {
  const key = buildApiKey({ expires_at: "2040-01-01T00:00:00.000Z" });
  const otherProcess = Promise.withResolvers<ApiKeyRepository>();
  const { keys, healthyKeys, calls } = await createFaultyKeysTable(
    dynamo,
    async ({ previousCalls }): Promise<Fault> => {
      if (previousCalls === 1) await (await otherProcess.promise).limitExpiry(key.id, LATEST, createContext());
      return "none";
    },
  );
  otherProcess.resolve(healthyKeys);
  await healthyKeys.insert(key, createContext());
  expect(await keys.limitExpiry(key.id, LATER, createContext())).toEqual({ ...key, expires_at: LATER });
  expect(calls).toHaveLength(3);
  expect(await healthyKeys.list(createContext())).toContainEqual({ ...key, expires_at: LATER });
});

test.for([
  ["an empty id", ""],
  ["an id that is longer than a partition key", "x".repeat(3_000)],
  ["an id with a lone surrogate", "\ud800"],
])("treats %s as unknown", async ([, id]) => {
  const { keys } = await createKeysTable();
  const notFound = { code: "not-found", message: "No API key has this id." };
  await expect(keys.revoke(id!, LATER, createContext())).rejects.toMatchObject(notFound);
  await expect(keys.limitExpiry(id!, LATER, createContext())).rejects.toMatchObject(notFound);
  await keys.recordUse(id!, LATER, createContext());
  await keys.delete(id!, createContext());
  expect(await keys.list(createContext())).toEqual([]);
});

describe("an item that was edited by hand", () => {
  test.for<[label: string, attributes: Record<string, unknown>, expected: Partial<ApiKeyRecord>]>([
    ["an unknown scope is ignored", { scopes: ["users:read", "users:admin", 7] }, { scopes: ["users:read"] }],
    ["`*` is no scope", { scopes: ["*"] }, { scopes: [] }],
    ["a text has no scope", { scopes: "users:read" }, { scopes: [] }],
    ["a number has no scope", { scopes: 7 }, { scopes: [] }],
    ["a map has no scope", { scopes: { includes: true } }, { scopes: [] }],
    ["a third-party attribute is ignored", { note: "by hand" }, {}],
    ["a digest that is no text is that of no key", { digest: 7 }, { digest: "" }],
    ["a name that is no text is empty", { name: null }, { name: "" }],
    ["an expiry that is no time is in the past", { expires_at: "never" }, { expires_at: EPOCH }],
    ["an expiry that is null is in the past", { expires_at: null }, { expires_at: EPOCH }],
    ["an expiry that is a number is in the past", { expires_at: 4_102_444_800 }, { expires_at: EPOCH }],
    ["an expiry without a time of day is in the past", { expires_at: "2099-01-31" }, { expires_at: EPOCH }],
    [
      "an expiry on a day that does not exist is in the past",
      { expires_at: "2099-02-30T00:00:00.000Z" },
      { expires_at: EPOCH },
    ],
    ["an expiry in another time zone is in the past", { expires_at: "2099-01-31T00:00:00+1" }, { expires_at: EPOCH }],
    [
      "an expiry after the year 9999 is in the past",
      { expires_at: "+010000-01-01T00:00:00.000Z" },
      { expires_at: EPOCH },
    ],
    [
      "without a valid creation the key is expired",
      { created_at: "yesterday" },
      { created_at: EPOCH, expires_at: EPOCH },
    ],
    ["a revocation at no time is a revocation", { revoked_at: false }, { revoked_at: EPOCH }],
    ["a revocation that is null is a revocation", { revoked_at: null }, { revoked_at: EPOCH }],
    ["an invalid last use is long ago", { last_used_at: "today" }, { last_used_at: EPOCH }],
  ])("%s", async ([, attributes, expected]) => {
    const table = await createKeysTable();
    const [key, other] = [buildApiKey(), buildApiKey()];
    await putItem(table, { ...key, ...attributes });
    await table.keys.insert(other, createContext());
    const listed = await table.keys.list(createContext());
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual({ ...key, ...expected });
    expect(listed).toContainEqual(other);
  });

  test("an item with nothing but its id is a key that is expired", async () => {
    const table = await createKeysTable();
    await putItem(table, { id: "by hand" });
    const key = { id: "by hand", digest: "", name: "", scopes: [], created_at: EPOCH, expires_at: EPOCH };
    expect(await table.keys.list(createContext())).toEqual([key]);
  });

  test.for([
    ["no time", "never"],
    ["null", null],
    ["a number", 4_102_444_800],
  ])("an expiry that is %s is in the past even after it is limited", async ([, expires_at]) => {
    const table = await createKeysTable();
    const key = buildApiKey();
    await putItem(table, { ...key, expires_at });
    const expired = { ...key, expires_at: EPOCH };
    expect(await table.keys.limitExpiry(key.id, LATER, createContext())).toEqual(expired);
    expect(await table.keys.list(createContext())).toEqual([expired]);
  });

  test("a revocation at no time is kept if the key is revoked again", async () => {
    const table = await createKeysTable();
    const key = buildApiKey();
    await putItem(table, { ...key, revoked_at: null });
    expect(await table.keys.revoke(key.id, LATER, createContext())).toEqual({ ...key, revoked_at: EPOCH });
  });

  test("third-party attributes are kept", async () => {
    const table = await createKeysTable();
    const key = buildApiKey();
    await putItem(table, { ...key, note: "keep me" });
    await table.keys.insert(key, createContext());
    await table.keys.revoke(key.id, LATER, createContext());
    const { client, tableName } = table;
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { id: key.id } }));
    expect(Item).toEqual({ ...key, note: "keep me", revoked_at: LATER });
  });
});

async function putItem({ client, tableName }: KeysTable, Item: Record<string, unknown>): Promise<void> {
  await client.send(new PutCommand({ TableName: tableName, Item }));
}
