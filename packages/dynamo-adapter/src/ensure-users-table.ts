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
import { setTimeout as elapsed } from "node:timers/promises";
import { TTL_ATTRIBUTE, usersTable } from "./table.ts";

/** How long a new table may take to become active, in seconds. */
const PATIENCE = 300;

/** A table that exists and cannot hold users. */
export class UnsuitableTable extends Error {
  override readonly name = "UnsuitableTable";
}

/**
 * Makes the users table, or completes one that exists: on demand, deleting expired items by itself, with
 * point-in-time recovery and protected from deletion, as far as the engine has these. Safe to run again.
 *
 * @returns what there was and what was done, a line each
 * @throws UnsuitableTable when there is a table of another shape; nothing is changed then
 */
export async function ensureUsersTable(client: DynamoDBClient, tableName: string): Promise<string[]> {
  const existing = await describe(client, tableName);
  if (existing) refuseOtherShape(existing);
  const made = !existing && (await create(client, tableName));
  await waitUntilTableExists({ client, maxWaitTime: PATIENCE, minDelay: 1 }, { TableName: tableName });
  refuseOtherShape((await describe(client, tableName))!);
  return [
    made ? `made ${tableName}, on demand` : `${tableName} exists`,
    await ensureProtection(client, tableName),
    await ensureExpiry(client, tableName),
    await ensureRecovery(client, tableName),
  ];
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function refuseOtherShape({ TableName, KeySchema = [], AttributeDefinitions = [] }: TableDescription): void {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => {
    const type = AttributeDefinitions.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    return `${AttributeName} (${KeyType}, ${type})`;
  });
  if (keys.join() === "user_id (HASH, S)") return;
  throw new UnsuitableTable(
    `${TableName} has another shape: its key is ${keys.join(" with ")}, and users need user_id (HASH, S). Nothing was changed.`,
  );
}

async function create(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand({ TableName, ...usersTable, DeletionProtectionEnabled: true }));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false; // Another run makes it at this moment.
    throw error;
  }
}

async function ensureProtection(client: DynamoDBClient, TableName: string): Promise<string> {
  const table = await describe(client, TableName);
  if (table?.DeletionProtectionEnabled) return "it is protected from deletion";
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  await waitUntilTableExists({ client, maxWaitTime: PATIENCE, minDelay: 1 }, { TableName });
  return "protected it from deletion";
}

async function ensureExpiry(client: DynamoDBClient, TableName: string): Promise<string> {
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  const isOn = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
  if (isOn && ttl.AttributeName === TTL_ATTRIBUTE) return `expired items are deleted by ${TTL_ATTRIBUTE}`;
  if (isOn)
    return `expired items are deleted by ${ttl.AttributeName}, which was left so; records of idempotency keys stay`;
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return `turned on that expired items are deleted, by ${TTL_ATTRIBUTE}`;
}

async function ensureRecovery(client: DynamoDBClient, TableName: string): Promise<string> {
  try {
    const { ContinuousBackupsDescription: backups } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED") {
      return "point-in-time recovery is on";
    }
    await turnOnRecovery(client, TableName);
    return "turned on point-in-time recovery";
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownOperationException") {
      return "point-in-time recovery is not there: this engine has none";
    }
    throw error;
  }
}

/** DynamoDB prepares the backups of a new table for some seconds, and refuses to turn them on meanwhile. */
async function turnOnRecovery(client: DynamoDBClient, TableName: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
      return;
    } catch (error) {
      if (!(error instanceof ContinuousBackupsUnavailableException) || attempt === 20) throw error;
      await elapsed(3_000);
    }
  }
}
