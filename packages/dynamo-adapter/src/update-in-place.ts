import { setTimeout as delay } from "node:timers/promises";
import { UserError, type User } from "@user-management/domain";
import { encodeItem, type Item } from "./client/attribute-value.ts";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { DynamoError } from "./client/dynamo-error.ts";
import { computeBackoffMs } from "./client/retry.ts";
import { getText, getVersion, isUserId, toUser } from "./items.ts";
import { isConflict } from "./outage.ts";
import { createUpdateExpression, type AttributeUpdate } from "./writes.ts";

interface UpdateInPlaceOptions {
  readonly client: DynamoClient;
  readonly tableName: string;
  readonly id: string;
  readonly attributes: AttributeUpdate;
  /** The required version. If it is `undefined`, the item must have a version, which legacy items do not have. */
  readonly version: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Updates a user with one conditional write and no read. An update that does not require a version is not repeated after
 * an attempt with an unknown outcome, because it could overwrite a later update of another client.
 *
 * @returns the updated user, or the item that failed the condition
 * @throws UserError `unavailable` if an earlier attempt may have applied the update and later writes have hidden it
 */
export async function updateInPlace({
  client,
  tableName,
  id,
  attributes,
  version,
  signal,
}: UpdateInPlaceOptions): Promise<{ user: User } | { item: Item | undefined }> {
  if (!isUserId(id)) return { item: undefined };
  const { update, names, values } = createUpdateExpression(attributes);
  const input = {
    TableName: tableName,
    Key: { user_id: { S: id } },
    UpdateExpression: update,
    ConditionExpression: version === undefined ? "attribute_exists(#version)" : "#version = :version",
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: version === undefined ? values : { ...values, ...encodeItem({ ":version": version }) },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
  let isAfterUnknownOutcome = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { Attributes = {} } = await client.updateItem(input, { signal, isRepeatable: version !== undefined });
      return { user: toUser(Attributes) };
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
      isAfterUnknownOutcome ||= error.isAfterUnknownOutcome;
      if (isConflict(error)) await delay(computeBackoffMs(attempt), undefined, { signal });
      else if (error.name !== "ConditionalCheckFailedException") throw error;
      else if (!isAfterUnknownOutcome || version === undefined) return { item: error.item };
      else return resolveUnknownOutcome(error, version, attributes);
    }
  }
}

/**
 * Decides whether an earlier attempt, whose response was lost, has committed the update.
 *
 * @throws UserError `unavailable` if it may have, because later writes have hidden it
 */
function resolveUnknownOutcome(
  error: DynamoError,
  version: number,
  attributes: AttributeUpdate,
): { user: User } | { item: Item } {
  const { item } = error;
  if (item && isUpdated(item, version, attributes)) return { user: toUser(item) };
  // The version after the required one is another client's, so this update was not applied.
  if (item && (getVersion(item) ?? 0) <= version + 1) return { item };
  throw new UserError("unavailable", { message: "The outcome of the update is unknown.", cause: error });
}

/** Reports whether an item is the result of this update of this version. */
function isUpdated(item: Item, version: number, attributes: AttributeUpdate): boolean {
  const hasAttributes = Object.entries(attributes).every(
    ([name, value]) => value === undefined || (getText(item, name) ?? null) === value,
  );
  return hasAttributes && getVersion(item) === version + 1;
}
