import { setTimeout as delay } from "node:timers/promises";
import { UserError, type User, type UserUpdate } from "@user-management/domain";
import { encodeItem, type Item } from "./client/attribute-value.ts";
import type { DynamoClient, UpdateItemInput } from "./client/dynamo-client.ts";
import { DynamoError } from "./client/dynamo-error.ts";
import { computeBackoffMs } from "./client/retry.ts";
import { getText, getVersion, isUserId, toUser } from "./items.ts";
import { mergeIntoMetadata, mergeIntoUnknownMetadata, type MetadataChange } from "./metadata-update.ts";
import { isConflict } from "./outage.ts";
import { createUpdateExpression } from "./update-expression.ts";

interface UpdateInPlaceOptions {
  readonly client: DynamoClient;
  readonly tableName: string;
  readonly id: string;
  readonly update: UserUpdate;
  readonly updated_at: string;
  /** The required version. If it is `undefined`, the item must have a version, which legacy items do not have. */
  readonly version: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Updates a user with one conditional write and no read. Only if the metadata is absent or nearly full, or if a concurrent
 * update adds or removes the same member, is there a further write. An update that does not require a version is not
 * repeated after an attempt with an unknown outcome, because it could overwrite a later update of another client.
 *
 * @returns the updated user, or the item that failed the condition
 * @throws UserError `invalid-user` if the metadata would have too many members
 * @throws UserError `unavailable` if an earlier attempt may have applied the update and later writes have hidden it
 */
export async function updateInPlace(
  options: UpdateInPlaceOptions,
): Promise<{ user: User } | { item: Item | undefined }> {
  const { client, id, update, version, signal } = options;
  if (!isUserId(id)) return { item: undefined };
  let metadata = mergeIntoUnknownMetadata(update);
  let isAfterUnknownOutcome = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const isRepeatable = version !== undefined;
      const { Attributes = {} } = await client.updateItem(createInput(options, metadata), { signal, isRepeatable });
      return { user: toUser(Attributes) };
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
      isAfterUnknownOutcome ||= error.isAfterUnknownOutcome;
      if (isConflict(error)) {
        await delay(computeBackoffMs(attempt), undefined, { signal });
        continue;
      }
      if (error.name !== "ConditionalCheckFailedException") throw error;
      const { item } = error;
      if (isAfterUnknownOutcome && hasCommitted(error, options)) return { user: toUser(item!) };
      const currentVersion = item && getVersion(item);
      const isVersionAccepted = currentVersion !== undefined && currentVersion === (version ?? currentVersion);
      if (!item || !metadata || !isVersionAccepted) return { item };
      metadata = mergeIntoMetadata(item, update);
    }
  }
}

function createInput(
  { tableName, id, update, updated_at, version }: UpdateInPlaceOptions,
  metadata: MetadataChange | undefined,
): UpdateItemInput {
  const { expression, names, values } = createUpdateExpression(update, updated_at, metadata);
  const versionCondition = version === undefined ? "attribute_exists(#version)" : "#version = :version";
  return {
    TableName: tableName,
    Key: { user_id: { S: id } },
    UpdateExpression: expression,
    ConditionExpression: metadata?.condition ? `${versionCondition} AND ${metadata.condition}` : versionCondition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: version === undefined ? values : { ...values, ...encodeItem({ ":version": version }) },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

/**
 * Reports whether an earlier attempt of an update that requires a version, whose response was lost, has committed it.
 *
 * @throws UserError `unavailable` if it may have, because later writes have hidden it
 */
function hasCommitted(error: DynamoError, { version, update, updated_at }: UpdateInPlaceOptions): boolean {
  if (version === undefined) return false;
  const { item } = error;
  if (item && isResult(item, version, update, updated_at)) return true;
  // The version after the required one is another client's, so this update was not applied.
  if (item && (getVersion(item) ?? 0) <= version + 1) return false;
  throw new UserError("unavailable", { message: "The outcome of the update is unknown.", cause: error });
}

/** Reports whether an item is the result of this update of this version. */
function isResult(item: Item, version: number, { metadata, ...fields }: UserUpdate, updated_at: string): boolean {
  const map = item["metadata"]?.M;
  const hasMetadata = metadata === null ? !map : hasMembers(map ?? {}, metadata ?? {});
  return hasMetadata && hasMembers(item, { ...fields, updated_at }) && getVersion(item) === version + 1;
}

/** Reports whether attributes have these texts, and lack those that are `null`. */
function hasMembers(item: Item, members: Readonly<Record<string, string | null | undefined>>): boolean {
  return Object.entries(members).every(
    ([name, value]) => value === undefined || (getText(item, name) ?? null) === value,
  );
}
