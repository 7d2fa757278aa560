import {
  compareApiKeys,
  normalizeApiKey,
  UserError,
  type ApiKeyRecord,
  type ApiKeyRepository,
} from "@user-management/domain";
import { decodeItem, encodeItem, type Item } from "./client/attribute-value.ts";
import type { DynamoClient, UpdateItemInput } from "./client/dynamo-client.ts";
import { isDynamoError } from "./client/dynamo-error.ts";
import { isKey } from "./items.ts";
import { runOperation } from "./operation.ts";

export interface DynamoApiKeyRepositoryOptions {
  readonly client: DynamoClient;
  /** The name of a table with the key of {@link KEYS_TABLE_DEFINITION}. */
  readonly tableName: string;
}

type KeyUpdate = Pick<UpdateItemInput, "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues">;

/**
 * Creates a repository of API keys on a DynamoDB table of their own. A repeated write changes nothing, so the client may
 * retry a write whose response was lost.
 */
export function createDynamoApiKeyRepository({ client, tableName }: DynamoApiKeyRepositoryOptions): ApiKeyRepository {
  return {
    insert: (key, { signal }) =>
      run(signal, async () => {
        const Item = encodeItem({ ...key });
        const put = { TableName: tableName, Item, ConditionExpression: "attribute_not_exists(id)" };
        await client.putItem(put, { signal }).catch(ignoreFailedCondition);
      }),

    list: ({ signal }) =>
      run(signal, async () => {
        const items: Item[] = [];
        let start: Item | undefined;
        do {
          const scan = { TableName: tableName, ConsistentRead: true, ExclusiveStartKey: start };
          const { Items = [], LastEvaluatedKey } = await client.scan(scan, { signal });
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
          ExpressionAttributeValues: encodeItem({ ":time": revoked_at }),
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
            ExpressionAttributeValues: encodeItem({ ":time": expires_at, ":later": later }),
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
        const update = {
          TableName: tableName,
          Key: encodeItem({ id }),
          UpdateExpression: "SET last_used_at = :time",
          ConditionExpression: "attribute_exists(id) AND (attribute_not_exists(last_used_at) OR last_used_at < :time)",
          ExpressionAttributeValues: encodeItem({ ":time": last_used_at }),
          ReturnValues: "NONE",
        } as const;
        await client.updateItem(update, { signal }).catch(ignoreFailedCondition);
      }),

    delete: (id, { signal }) =>
      run(signal, async () => {
        if (!isKey(id)) return;
        await client.deleteItem({ TableName: tableName, Key: encodeItem({ id }) }, { signal });
      }),
  };

  /** Updates a key, and returns the updated item, or the current one if the condition failed. */
  async function updateKey(
    id: string,
    update: KeyUpdate,
    signal: AbortSignal,
  ): Promise<{ readonly updated?: Item | undefined; readonly current?: Item | undefined }> {
    if (!isKey(id)) return {};
    const input = {
      TableName: tableName,
      Key: encodeItem({ id }),
      ...update,
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    } as const;
    try {
      return { updated: (await client.updateItem(input, { signal })).Attributes };
    } catch (error) {
      if (isDynamoError(error, "ConditionalCheckFailedException")) return { current: error.item };
      throw error;
    }
  }
}

function run<Result>(signal: AbortSignal, operation: () => Promise<Result>): Promise<Result> {
  return runOperation({ table: "keys", signal }, operation);
}

/** Returns the key in an item, which an operator may have edited. */
function toApiKey(item: Item): ApiKeyRecord {
  return normalizeApiKey(decodeItem(item));
}

function requireItem(item: Item | undefined): Item {
  if (!item) throw new UserError("not-found", { message: "No API key has this id." });
  return item;
}

function ignoreFailedCondition(error: unknown): void {
  if (!isDynamoError(error, "ConditionalCheckFailedException")) throw error;
}
