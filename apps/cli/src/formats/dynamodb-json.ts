import type { User } from "@user-management/domain";
import { createImportItems } from "@user-management/dynamo-adapter";

/**
 * Formats a user and its claims as lines of DynamoDB's import from S3 (AWS: "Amazon S3 import formats for DynamoDB").
 *
 * @returns `undefined` if DynamoDB cannot store the id
 */
export function formatDynamoLines(user: User): string | undefined {
  return createImportItems(user)
    ?.map((item) => `${JSON.stringify({ Item: item })}\n`)
    .join("");
}
