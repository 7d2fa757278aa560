import {
  CreateTableCommand,
  ResourceInUseException,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { KEYS_TABLE_DEFINITION, USERS_TABLE_DEFINITION } from "./table.ts";
import {
  describeTable,
  ensureDeletionProtection,
  ensureRecovery,
  ensureTimeToLive,
  waitUntilActive,
} from "./table-settings.ts";

type TableDefinition = typeof USERS_TABLE_DEFINITION | typeof KEYS_TABLE_DEFINITION;

export interface EnsureTableOptions {
  /** Changes nothing; the lines describe what a call would change. Defaults to `false`. */
  readonly isDryRun?: boolean;
}

/** The error for an existing table whose key is not that of its definition. */
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
export async function ensureUsersTable(
  client: DynamoDBClient,
  tableName: string,
  { isDryRun = false }: EnsureTableOptions = {},
): Promise<string[]> {
  return [
    await ensureTable(client, tableName, USERS_TABLE_DEFINITION, isDryRun),
    await ensureDeletionProtection(client, tableName, isDryRun),
    await ensureTimeToLive(client, tableName, isDryRun),
    await ensureRecovery(client, tableName, isDryRun),
  ];
}

/**
 * Creates the table of API keys as {@link ensureUsersTable} creates the users table, but without time to live.
 *
 * @returns one line per setting, which describes its state and whether this call changed it
 * @throws UnsuitableTable if the table has another key; nothing is changed then
 */
export async function ensureKeysTable(
  client: DynamoDBClient,
  tableName: string,
  { isDryRun = false }: EnsureTableOptions = {},
): Promise<string[]> {
  return [
    await ensureTable(client, tableName, KEYS_TABLE_DEFINITION, isDryRun),
    await ensureDeletionProtection(client, tableName, isDryRun),
    await ensureRecovery(client, tableName, isDryRun),
  ];
}

/** Creates the table unless it exists, and waits until it is active. */
async function ensureTable(
  client: DynamoDBClient,
  tableName: string,
  definition: TableDefinition,
  isDryRun: boolean,
): Promise<string> {
  const existing = await describeTable(client, tableName);
  if (existing) validateKey(existing, definition);
  if (isDryRun) return existing ? `${tableName} exists` : `would create ${tableName} with on-demand capacity`;
  const isCreated = !existing && (await createTable(client, tableName, definition));
  await waitUntilActive(client, tableName);
  validateKey((await describeTable(client, tableName))!, definition);
  return isCreated ? `created ${tableName} with on-demand capacity` : `${tableName} exists`;
}

function validateKey(table: TableDescription, definition: TableDefinition): void {
  const [key, expectedKey] = [describeKey(table), describeKey(definition)];
  if (key === expectedKey) return;
  throw new UnsuitableTable(`The key of ${table.TableName} is ${key}; it must be ${expectedKey}. Nothing was changed.`);
}

function describeKey({
  KeySchema = [],
  AttributeDefinitions = [],
}: Pick<CreateTableCommandInput, "KeySchema" | "AttributeDefinitions">): string {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => {
    const type = AttributeDefinitions.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    return `${AttributeName} (${KeyType}, ${type})`;
  });
  return keys.join(" with ");
}

/** Returns `false` if the table was created concurrently. */
async function createTable(client: DynamoDBClient, TableName: string, definition: TableDefinition): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand({ TableName, ...definition, DeletionProtectionEnabled: true }));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}
