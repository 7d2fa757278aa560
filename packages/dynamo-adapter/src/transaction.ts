import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  TransactionCanceledException,
  TransactionInProgressException,
  type AttributeValue,
} from "@aws-sdk/client-dynamodb";
import {
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { getReasons } from "./dynamo-error.ts";
import { computeBackoffMs } from "./operation.ts";
import type { Item } from "./items.ts";

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** A condition that failed, with the item that failed it, if there is one. */
export interface FailedCondition {
  readonly item: Item | undefined;
}

/**
 * Commits all writes or none.
 *
 * @returns an empty array after the commit; otherwise the failed conditions, at the indexes of their writes
 */
export async function transact(
  client: DynamoDBDocumentClient,
  writes: Write[],
  abortSignal: AbortSignal,
): Promise<(FailedCondition | undefined)[]> {
  // Every attempt has the same token, so DynamoDB commits the transaction at most once.
  const command = new TransactWriteCommand({ TransactItems: writes, ClientRequestToken: randomUUID() });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await client.send(command, { abortSignal });
      return [];
    } catch (error) {
      if (error instanceof TransactionInProgressException) {
        await delay(computeBackoffMs(attempt), undefined, { signal: abortSignal });
        continue;
      }
      const failedConditions = error instanceof TransactionCanceledException ? getFailedConditions(error) : [];
      if (!failedConditions.some(Boolean)) throw error;
      return failedConditions;
    }
  }
}

function getFailedConditions(error: TransactionCanceledException): (FailedCondition | undefined)[] {
  return getReasons(error).map(({ Code, Item: item }) =>
    Code === "ConditionalCheckFailed" ? { item: unmarshallItem(item) } : undefined,
  );
}

/** Converts the item of an exception, which the document client does not convert. */
export function unmarshallItem(attributes: Record<string, AttributeValue> | undefined): Item | undefined {
  return attributes && unmarshall(attributes, { wrapNumbers: true });
}
