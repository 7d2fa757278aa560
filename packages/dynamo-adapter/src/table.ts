import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** The default name of the table, as in the original service. */
export const DEFAULT_TABLE_NAME = "UsersTable";

/** The attribute with the time after which DynamoDB may delete an item, in seconds since the Unix epoch. */
export const TTL_ATTRIBUTE = "expires_at";

/** The definition of the table: the key of the original service, without indexes. */
export const USERS_TABLE_DEFINITION = {
  AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
} as const satisfies Omit<CreateTableCommandInput, "TableName">;
