import { setTimeout as delay } from "node:timers/promises";
import {
  ContinuousBackupsUnavailableException,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceNotFoundException,
  TableNotFoundException,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type DynamoDBClient,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { TTL_ATTRIBUTE } from "./table.ts";

/** The timeout until a table is active. */
const TABLE_TIMEOUT_S = 300;

/** DynamoDB prepares the backups of a new table for about a minute. */
const BACKUP_ATTEMPTS = 20;
const BACKUP_RETRY_DELAY_MS = 3_000;

/** Returns the description of a table, or `undefined` if it does not exist. */
export async function describeTable(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export async function waitUntilActive(client: DynamoDBClient, TableName: string): Promise<void> {
  await waitUntilTableExists({ client, maxWaitTime: TABLE_TIMEOUT_S, minDelay: 1 }, { TableName });
}

/**
 * Enables deletion protection. Returns a line that describes its state, as the functions below do. A dry run changes
 * nothing, and describes what would be changed, also of a table that does not exist.
 */
export async function ensureDeletionProtection(
  client: DynamoDBClient,
  TableName: string,
  isDryRun: boolean,
): Promise<string> {
  const table = await describeTable(client, TableName);
  if (table?.DeletionProtectionEnabled) return "deletion protection is enabled";
  if (isDryRun) return "would enable deletion protection";
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  await waitUntilActive(client, TableName);
  return "enabled deletion protection";
}

/** Enables time to live, unless it is enabled on another attribute. */
export async function ensureTimeToLive(client: DynamoDBClient, TableName: string, isDryRun: boolean): Promise<string> {
  const ttl = await describeTimeToLive(client, TableName);
  if (ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING") {
    if (ttl.AttributeName === TTL_ATTRIBUTE) return `time to live is enabled on ${TTL_ATTRIBUTE}`;
    return `time to live is enabled on ${ttl.AttributeName} and left unchanged; idempotency records are not deleted`;
  }
  if (isDryRun) return `would enable time to live on ${TTL_ATTRIBUTE}`;
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return `enabled time to live on ${TTL_ATTRIBUTE}`;
}

/** Returns the time to live of a table, or `undefined` if the table does not exist. */
async function describeTimeToLive(client: DynamoDBClient, TableName: string) {
  try {
    return (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Enables point-in-time recovery if the engine supports it. */
export async function ensureRecovery(client: DynamoDBClient, TableName: string, isDryRun: boolean): Promise<string> {
  try {
    if (await hasRecovery(client, TableName)) return "point-in-time recovery is enabled";
    if (isDryRun) return "would enable point-in-time recovery";
    await enableRecovery(client, TableName);
    return "enabled point-in-time recovery";
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownOperationException") {
      return "point-in-time recovery is not supported by this engine";
    }
    throw error;
  }
}

async function hasRecovery(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    const { ContinuousBackupsDescription: backups } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED";
  } catch (error) {
    if (error instanceof TableNotFoundException) return false;
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
