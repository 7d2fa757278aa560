import { setTimeout as delay } from "node:timers/promises";
import {
  ContinuousBackupsUnavailableException,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceNotFoundException,
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

/** Enables deletion protection. Returns a line that describes its state, as the functions below do. */
export async function ensureDeletionProtection(client: DynamoDBClient, TableName: string): Promise<string> {
  const table = await describeTable(client, TableName);
  if (table?.DeletionProtectionEnabled) return "deletion protection is enabled";
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  await waitUntilActive(client, TableName);
  return "enabled deletion protection";
}

/** Enables time to live, unless it is enabled on another attribute. */
export async function ensureTimeToLive(client: DynamoDBClient, TableName: string): Promise<string> {
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING") {
    if (ttl.AttributeName === TTL_ATTRIBUTE) return `time to live is enabled on ${TTL_ATTRIBUTE}`;
    return `time to live is enabled on ${ttl.AttributeName} and left unchanged; idempotency records are not deleted`;
  }
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return `enabled time to live on ${TTL_ATTRIBUTE}`;
}

/** Enables point-in-time recovery if the engine supports it. */
export async function ensureRecovery(client: DynamoDBClient, TableName: string): Promise<string> {
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
