import type { IdempotencyRecord, NewUser, UserUpdate } from "@user-management/domain";
import { encodeItem, type Item } from "./client/attribute-value.ts";
import type { TransactWriteItem } from "./client/dynamo-client.ts";
import { getText, getVersion, toItem, toRecordKey } from "./items.ts";
import { replaceMetadata } from "./metadata-update.ts";
import { createUpdateExpression, type ExpressionAttributes } from "./update-expression.ts";

/** Makes a failed condition return the item, so that no further read is needed. */
const RETURN_ITEM = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

const NOT_EXISTS = "attribute_not_exists(user_id)";

/** Returns the item that claims a unique value for a user. */
export function toClaimItem(key: string, owner_id: string): Item {
  return encodeItem({ user_id: key, owner_id });
}

/** Creates the writes that transactions consist of. */
export function createWrites(TableName: string) {
  return {
    /** Stores a user that does not exist. */
    putUser: (user: NewUser): TransactWriteItem => ({
      Put: { TableName, Item: toItem(user), ConditionExpression: NOT_EXISTS, ...RETURN_ITEM },
    }),

    /** Claims a unique value for a user, unless another user has claimed it. */
    claim: (key: string, owner_id: string): TransactWriteItem => ({
      Put: {
        TableName,
        Item: toClaimItem(key, owner_id),
        ConditionExpression: `${NOT_EXISTS} OR owner_id = :owner`,
        ExpressionAttributeValues: encodeItem({ ":owner": owner_id }),
        ...RETURN_ITEM,
      },
    }),

    /** Releases a unique value that the user has claimed, or that is not claimed. */
    release: (key: string, owner_id: string): TransactWriteItem => ({
      Delete: {
        TableName,
        Key: { user_id: { S: key } },
        ConditionExpression: `${NOT_EXISTS} OR owner_id = :owner`,
        ExpressionAttributeValues: encodeItem({ ":owner": owner_id }),
        ...RETURN_ITEM,
      },
    }),

    /** Stores an idempotency record, unless an unexpired one has the same key. */
    putRecord: (record: IdempotencyRecord, owner_id: string): TransactWriteItem => ({
      Put: {
        TableName,
        Item: encodeItem({
          user_id: toRecordKey(record),
          owner_id,
          fingerprint: record.fingerprint,
          expires_at: record.expires_at,
        }),
        ConditionExpression: `${NOT_EXISTS} OR expires_at <= :now`,
        ExpressionAttributeValues: encodeItem({ ":now": record.created_at }),
        ...RETURN_ITEM,
      },
    }),

    /** Commits the other writes only if the user still has this email. */
    checkEmail: ({ user_id, email }: Item): TransactWriteItem => ({
      ConditionCheck: {
        TableName,
        Key: { user_id: user_id! },
        ConditionExpression: "#email = :email",
        ExpressionAttributeNames: { "#email": "email" },
        ExpressionAttributeValues: { ":email": email! },
      },
    }),

    /** Updates a user that has not changed since it was read. */
    updateUser: (base: Item, update: UserUpdate, updated_at: string): TransactWriteItem => {
      const { names, values, condition } = createUnchangedCondition(base);
      const { expression, ...attributes } = createUpdateExpression(update, updated_at, replaceMetadata(base, update));
      return {
        Update: {
          TableName,
          Key: { user_id: base["user_id"]! },
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: { ...attributes.names, ...names },
          ExpressionAttributeValues: { ...attributes.values, ...values },
          ...RETURN_ITEM,
        },
      };
    },

    /** Deletes a user that has not changed since it was read. */
    deleteUser: (base: Item): TransactWriteItem => {
      const { names, values, condition } = createUnchangedCondition(base);
      return {
        Delete: {
          TableName,
          Key: { user_id: base["user_id"]! },
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
          ...RETURN_ITEM,
        },
      };
    },
  };
}

/**
 * Creates the condition that a user has not changed since it was read: its version is the same. A legacy item without
 * a version must still have none, and the same email or still an email that is missing or not text.
 */
function createUnchangedCondition(base: Item): ExpressionAttributes & { readonly condition: string } {
  const version = getVersion(base);
  if (version !== undefined) {
    return {
      condition: "#version = :base",
      names: { "#version": "version" },
      values: encodeItem({ ":base": version }),
    };
  }
  const email = getText(base, "email");
  const hasSameEmail = email === undefined ? "NOT attribute_type(#email, :base)" : "#email = :base";
  return {
    condition: `attribute_exists(user_id) AND attribute_not_exists(#version) AND ${hasSameEmail}`,
    names: { "#version": "version", "#email": "email" },
    values: encodeItem({ ":base": email ?? "S" }),
  };
}
