import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** The default name of the users table, as in the original service. */
export const DEFAULT_TABLE_NAME = "UsersTable";

/** The attribute with the time after which DynamoDB may delete an item, in seconds since the Unix epoch. */
export const TTL_ATTRIBUTE = "expires_at";

/** The definition of the users table: the key of the original service, without indexes. */
export const USERS_TABLE_DEFINITION = {
  AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
} as const satisfies Omit<CreateTableCommandInput, "TableName">;

/** The definition of the table of API keys. It has no time to live, because expired and revoked keys stay stored. */
export const KEYS_TABLE_DEFINITION = {
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
} as const satisfies Omit<CreateTableCommandInput, "TableName">;

/** Returns the default name of the table of API keys beside a users table. */
export function getDefaultKeysTableName(usersTableName: string): string {
  return `${usersTableName}Keys`;
}
