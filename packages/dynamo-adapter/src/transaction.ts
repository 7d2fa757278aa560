import { randomUUID } from "node:crypto";
import { setTimeout as elapsed } from "node:timers/promises";
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
import { reasonsOf } from "./dynamo-failure.ts";
import { backoff } from "./in-time.ts";
import type { Item } from "./items.ts";

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** A condition that did not hold, and the item it did not hold for, if there is one. */
export interface Refusal {
  readonly item: Item | undefined;
}

/**
 * Does all of these writes or none, in one step.
 *
 * @returns nothing when they are done; otherwise, in the order of the writes, which were refused and by what, as it
 *   was in that very step
 */
export async function transact(
  client: DynamoDBDocumentClient,
  writes: Write[],
  abortSignal: AbortSignal,
): Promise<(Refusal | undefined)[]> {
  // The same token says that it is the same transaction, however often it has to be sent.
  const command = new TransactWriteCommand({ TransactItems: writes, ClientRequestToken: randomUUID() });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await client.send(command, { abortSignal });
      return [];
    } catch (error) {
      if (error instanceof TransactionInProgressException) {
        await elapsed(backoff(attempt), undefined, { signal: abortSignal });
        continue;
      }
      const refusals = error instanceof TransactionCanceledException ? refusalsIn(error) : [];
      if (!refusals.some(Boolean)) throw error;
      return refusals;
    }
  }
}

function refusalsIn(error: TransactionCanceledException): (Refusal | undefined)[] {
  return reasonsOf(error).map(({ Code, Item: item }) =>
    Code === "ConditionalCheckFailed" ? { item: itemIn(item) } : undefined,
  );
}

/** The item that an exception carries, which the document client leaves as it came. */
export function itemIn(attributes: Record<string, AttributeValue> | undefined): Item | undefined {
  return attributes && unmarshall(attributes, { wrapNumbers: true });
}
