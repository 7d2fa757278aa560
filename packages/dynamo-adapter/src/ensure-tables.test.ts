import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { buildApiKey, createContext } from "@user-management/domain/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  createDynamoApiKeyRepository,
  createDynamoClient,
  ensureKeysTable,
  getDefaultKeysTableName,
  UnsuitableTable,
} from "./index.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;
let client: DynamoDBClient;

beforeAll(async () => {
  dynamo = await startDynamo();
  client = new DynamoDBClient(dynamo.config);
}, 120_000);
afterAll(() => dynamo.stop());

const RECOVERY = expect.stringMatching(
  /^(enabled point-in-time recovery|point-in-time recovery is (enabled|not supp.*))$/,
);

/** Returns the name of a table that does not exist yet and is deleted when the test finishes. */
function createTableName(): string {
  const TableName = `Keys-${randomUUID()}`;
  onTestFinished(async () => {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
  });
  return TableName;
}

test("creates a protected keys table without time to live, and is idempotent", async () => {
  const tableName = createTableName();
  expect(await ensureKeysTable(client, tableName)).toEqual([
    `created ${tableName} with on-demand capacity`,
    "deletion protection is enabled",
    RECOVERY,
  ]);
  expect(await ensureKeysTable(client, tableName)).toEqual([
    `${tableName} exists`,
    "deletion protection is enabled",
    RECOVERY,
  ]);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  expect(Table).toMatchObject({
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    DeletionProtectionEnabled: true,
  });
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
  expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: "DISABLED" });
  const keys = createDynamoApiKeyRepository({ client: createDynamoClient(dynamo.config), tableName });
  const key = buildApiKey();
  await keys.insert(key, createContext());
  expect(await keys.list(createContext())).toEqual([key]);
});

test("enables the protection of a keys table that was created by hand", async () => {
  const { tableName, keysTableName } = await createUsersTable(dynamo);
  expect(keysTableName).toBe(getDefaultKeysTableName(tableName));
  const lines = await ensureKeysTable(client, keysTableName);
  expect(lines.slice(0, 2)).toEqual([`${keysTableName} exists`, "enabled deletion protection"]);
});

test("creates a keys table once if it is called concurrently", async () => {
  const tableName = createTableName();
  const results = await Promise.all([1, 2, 3].map(() => ensureKeysTable(client, tableName)));
  const created = results.filter(([line]) => line === `created ${tableName} with on-demand capacity`);
  expect(created).toHaveLength(1);
});

test("rejects the users table as keys table, and changes nothing", async () => {
  const { tableName } = await createUsersTable(dynamo);
  const before = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const ensured = ensureKeysTable(client, tableName);
  await expect(ensured).rejects.toThrow(
    new UnsuitableTable(`The key of ${tableName} is user_id (HASH, S); it must be id (HASH, S). Nothing was changed.`),
  );
  const after = await client.send(new DescribeTableCommand({ TableName: tableName }));
  expect(after.Table).toEqual(before.Table);
});

test("rejects a table with a sort key or a key of another type", async () => {
  const tableName = createTableName();
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "N" },
        { AttributeName: "name", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "name", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await expect(ensureKeysTable(client, tableName)).rejects.toThrow(
    `The key of ${tableName} is id (HASH, N) with name (RANGE, S); it must be id (HASH, S). Nothing was changed.`,
  );
});
