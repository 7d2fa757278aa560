import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Item } from "./client/attribute-value.ts";
import type { DynamoClient, TransactWriteItem } from "./client/dynamo-client.ts";
import { isDynamoError, type CancellationReason } from "./client/dynamo-error.ts";
import { computeBackoffMs } from "./client/retry.ts";
import { isConflict } from "./outage.ts";

/** A condition that failed, with the item that failed it, if there is one. */
export interface FailedCondition {
  readonly item: Item | undefined;
}

/**
 * Commits all writes or none. Conflicts with other transactions are retried until the signal aborts.
 *
 * @returns an empty array after the commit; otherwise the failed conditions, at the indexes of their writes
 */
export async function transact(
  client: DynamoClient,
  writes: TransactWriteItem[],
  signal: AbortSignal,
): Promise<(FailedCondition | undefined)[]> {
  // Every attempt has the same token, so DynamoDB commits the transaction at most once, also after a lost response.
  const input = { TransactItems: writes, ClientRequestToken: randomUUID() };
  for (let attempt = 0; ; attempt += 1) {
    try {
      await client.transactWriteItems(input, { signal });
      return [];
    } catch (error) {
      const reasons = isDynamoError(error, "TransactionCanceledException") ? error.reasons : [];
      const failedConditions = reasons.map(toFailedCondition);
      if (failedConditions.some(Boolean)) return failedConditions;
      if (!isConflict(error) && !isDynamoError(error, "TransactionInProgressException")) throw error;
      await delay(computeBackoffMs(attempt), undefined, { signal });
    }
  }
}

function toFailedCondition({ Code, Item: item }: CancellationReason): FailedCondition | undefined {
  return Code === "ConditionalCheckFailed" ? { item } : undefined;
}
