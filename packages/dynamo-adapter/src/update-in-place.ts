import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { User } from "@user-management/domain";
import { getAttempts } from "./dynamo-error.ts";
import { getVersion, isUserId, toUser, type Item } from "./items.ts";
import { unmarshallItem } from "./transaction.ts";
import { createUpdateExpression } from "./writes.ts";

interface UpdateInPlaceOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly id: string;
  readonly attributes: Item;
  /** The required version. If it is `undefined`, the item must have a version, which legacy items do not have. */
  readonly version: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Updates a user with one conditional write and no read.
 *
 * @returns the updated user, or the item that failed the condition
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
  const command = new UpdateCommand({
    TableName: tableName,
    Key: { user_id: id },
    UpdateExpression: update,
    ConditionExpression: version === undefined ? "attribute_exists(#version)" : "#version = :version",
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...values, ...(version !== undefined && { ":version": version }) },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  try {
    const { Attributes = {} } = await client.send(command, { abortSignal: signal });
    return { user: toUser(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const item = unmarshallItem(error.Item);
    // An earlier attempt of the SDK, whose response was lost, may have committed the update.
    const isCommitted = item && version !== undefined && getAttempts(error) > 1 && isUpdated(item, version, attributes);
    return isCommitted ? { user: toUser(item) } : { item };
  }
}

/** Reports whether an item is the result of this update of this version. */
function isUpdated(item: Item, version: number, attributes: Item): boolean {
  const hasAttributes = Object.entries(attributes).every(([name, value]) => (item[name] ?? null) === value);
  return hasAttributes && getVersion(item) === version + 1;
}
