import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** The table's name unless a setting says otherwise; the original service's. */
export const DEFAULT_TABLE_NAME = "UsersTable";

/** The attribute with the time, in seconds since 1970, after which DynamoDB may delete an item by itself. */
export const TTL_ATTRIBUTE = "expires_at";

/** The shape of the table: the original's, and nothing that a table made by hand would lack. */
export const usersTable = {
  AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
} as const satisfies Omit<CreateTableCommandInput, "TableName">;
