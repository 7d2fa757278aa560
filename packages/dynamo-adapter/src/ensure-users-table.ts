import {
  ContinuousBackupsUnavailableException,
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type DynamoDBClient,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as delay } from "node:timers/promises";
import { TTL_ATTRIBUTE, USERS_TABLE_DEFINITION } from "./table.ts";

/** The timeout until a table is active. */
const TABLE_TIMEOUT_S = 300;

/** DynamoDB prepares the backups of a new table for about a minute. */
const BACKUP_ATTEMPTS = 20;
const BACKUP_RETRY_DELAY_MS = 3_000;

/** The error for an existing table whose key is not that of {@link USERS_TABLE_DEFINITION}. */
export class UnsuitableTable extends Error {
  override readonly name = "UnsuitableTable";
}

/**
 * Creates the users table with on-demand capacity unless it exists. Enables deletion protection, time to live and, if
 * the engine supports it, point-in-time recovery. It is idempotent.
 *
 * @returns one line per setting, which describes its state and whether this call changed it
 * @throws UnsuitableTable if the table has another key; nothing is changed then
 */
export async function ensureUsersTable(client: DynamoDBClient, tableName: string): Promise<string[]> {
  const existing = await describeTable(client, tableName);
  if (existing) validateKey(existing);
  const isCreated = !existing && (await createTable(client, tableName));
  await waitUntilActive(client, tableName);
  validateKey((await describeTable(client, tableName))!);
  return [
    isCreated ? `created ${tableName} with on-demand capacity` : `${tableName} exists`,
    await ensureDeletionProtection(client, tableName),
    await ensureTimeToLive(client, tableName),
    await ensureRecovery(client, tableName),
  ];
}

async function describeTable(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function waitUntilActive(client: DynamoDBClient, TableName: string): Promise<void> {
  await waitUntilTableExists({ client, maxWaitTime: TABLE_TIMEOUT_S, minDelay: 1 }, { TableName });
}

function validateKey({ TableName, KeySchema = [], AttributeDefinitions = [] }: TableDescription): void {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => {
    const type = AttributeDefinitions.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    return `${AttributeName} (${KeyType}, ${type})`;
  });
  if (keys.join() === "user_id (HASH, S)") return;
  throw new UnsuitableTable(
    `The key of ${TableName} is ${keys.join(" with ")}; it must be user_id (HASH, S). Nothing was changed.`,
  );
}

/** Returns `false` if the table was created concurrently. */
async function createTable(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    await client.send(
      new CreateTableCommand({ TableName, ...USERS_TABLE_DEFINITION, DeletionProtectionEnabled: true }),
    );
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}

async function ensureDeletionProtection(client: DynamoDBClient, TableName: string): Promise<string> {
  const table = await describeTable(client, TableName);
  if (table?.DeletionProtectionEnabled) return "deletion protection is enabled";
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  await waitUntilActive(client, TableName);
  return "enabled deletion protection";
}

async function ensureTimeToLive(client: DynamoDBClient, TableName: string): Promise<string> {
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING") {
    if (ttl.AttributeName === TTL_ATTRIBUTE) return `time to live is enabled on ${TTL_ATTRIBUTE}`;
    return `time to live is enabled on ${ttl.AttributeName} and left unchanged; idempotency records are not deleted`;
  }
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return `enabled time to live on ${TTL_ATTRIBUTE}`;
}

async function ensureRecovery(client: DynamoDBClient, TableName: string): Promise<string> {
  try {
    const { ContinuousBackupsDescription: backups } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED") {
      return "point-in-time recovery is enabled";
    }
    await enableRecovery(client, TableName);
    return "enabled point-in-time recovery";
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownOperationException") {
      return "point-in-time recovery is not supported by this engine";
    }
    throw error;
  }
}

async function enableRecovery(client: DynamoDBClient, TableName: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
      return;
    } catch (error) {
      if (!(error instanceof ContinuousBackupsUnavailableException) || attempt === BACKUP_ATTEMPTS) throw error;
      await delay(BACKUP_RETRY_DELAY_MS);
    }
  }
}
