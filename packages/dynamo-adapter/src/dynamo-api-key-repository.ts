import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { UserError, type ApiKeyRepository } from "@user-management/domain";
import { compareApiKeys, toApiKey, toApiKeyItem } from "./api-key-items.ts";
import { isKey, type Item } from "./items.ts";
import { runOperation } from "./operation.ts";
import { unmarshallItem } from "./transaction.ts";

export interface DynamoApiKeyRepositoryOptions {
  /** A client with timeouts, such as one of {@link createDynamoClient}. The caller destroys it. */
  readonly client: DynamoDBDocumentClient;
  /** The name of a table with the key of {@link KEYS_TABLE_DEFINITION}. */
  readonly tableName: string;
}

type KeyUpdate = Pick<UpdateCommandInput, "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues">;

/**
 * Creates a repository of API keys on a DynamoDB table of their own. A repeated write changes nothing, so the client may
 * retry a write whose response was lost.
 */
export function createDynamoApiKeyRepository({ client, tableName }: DynamoApiKeyRepositoryOptions): ApiKeyRepository {
  return {
    insert: (key, { signal }) =>
      run(signal, async () => {
        const Item = toApiKeyItem(key);
        const put = new PutCommand({ TableName: tableName, Item, ConditionExpression: "attribute_not_exists(id)" });
        await client.send(put, { abortSignal: signal }).catch(ignoreFailedCondition);
      }),

    list: ({ signal }) =>
      run(signal, async () => {
        const items: Item[] = [];
        let start: Item | undefined;
        do {
          const scan = new ScanCommand({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey: start });
          const { Items = [], LastEvaluatedKey } = await client.send(scan, { abortSignal: signal });
          items.push(...Items);
          start = LastEvaluatedKey;
        } while (start);
        return items.map(toApiKey).toSorted(compareApiKeys);
      }),

    revoke: (id, revoked_at, { signal }) =>
      run(signal, async () => {
        const update = {
          UpdateExpression: "SET revoked_at = if_not_exists(revoked_at, :time)",
          ConditionExpression: "attribute_exists(id)",
          ExpressionAttributeValues: { ":time": revoked_at },
        };
        const { updated } = await updateKey(id, update, signal);
        return toApiKey(requireItem(updated));
      }),

    limitExpiry: (id, expires_at, { signal }) =>
      run(signal, async () => {
        // The first attempt assumes that the key never expires. A later one replaces the expiry that was compared.
        let later: string | undefined;
        for (;;) {
          const condition = later === undefined ? "attribute_not_exists(expires_at)" : "expires_at = :later";
          const update = {
            UpdateExpression: "SET expires_at = :time",
            ConditionExpression: `attribute_exists(id) AND ${condition}`,
            ExpressionAttributeValues: { ":time": expires_at, ...(later !== undefined && { ":later": later }) },
          };
          const { updated, current } = await updateKey(id, update, signal);
          const key = toApiKey(requireItem(updated ?? current));
          if (updated || (key.expires_at !== undefined && key.expires_at <= expires_at)) return key;
          later = key.expires_at;
        }
      }),

    recordUse: (id, last_used_at, { signal }) =>
      run(signal, async () => {
        if (!isKey(id)) return;
        // The IAM policy of the Lambda function allows these two attributes only, and no returned item.
        const update = new UpdateCommand({
          TableName: tableName,
          Key: { id },
          UpdateExpression: "SET last_used_at = :time",
          ConditionExpression: "attribute_exists(id) AND (attribute_not_exists(last_used_at) OR last_used_at < :time)",
          ExpressionAttributeValues: { ":time": last_used_at },
          ReturnValues: "NONE",
        });
        await client.send(update, { abortSignal: signal }).catch(ignoreFailedCondition);
      }),

    delete: (id, { signal }) =>
      run(signal, async () => {
        if (!isKey(id)) return;
        await client.send(new DeleteCommand({ TableName: tableName, Key: { id } }), { abortSignal: signal });
      }),
  };

  /** Updates a key, and returns the updated item, or the current one if the condition failed. */
  async function updateKey(
    id: string,
    update: KeyUpdate,
    signal: AbortSignal,
  ): Promise<{ readonly updated?: Item | undefined; readonly current?: Item | undefined }> {
    if (!isKey(id)) return {};
    const command = new UpdateCommand({
      TableName: tableName,
      Key: { id },
      ...update,
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      return { updated: (await client.send(command, { abortSignal: signal })).Attributes };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { current: unmarshallItem(error.Item) };
      throw error;
    }
  }
}

function run<Result>(signal: AbortSignal, operation: () => Promise<Result>): Promise<Result> {
  return runOperation({ table: "keys", signal }, operation);
}

function requireItem(item: Item | undefined): Item {
  if (!item) throw new UserError("not-found", { message: "No API key has this id." });
  return item;
}

function ignoreFailedCondition(error: unknown): void {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
}
