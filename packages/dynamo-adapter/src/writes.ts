import type { IdempotencyRecord, NewUser } from "@user-management/domain";
import { getVersion, toItem, toRecordKey, type Item } from "./items.ts";
import type { Write } from "./transaction.ts";

/** Makes a failed condition return the item, so that no further read is needed. */
const RETURN_ITEM = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

const NOT_EXISTS = "attribute_not_exists(user_id)";

/** Creates the writes that transactions consist of. */
export function createWrites(TableName: string) {
  return {
    /** Stores a user that does not exist. */
    putUser: (user: NewUser): Write => ({
      Put: { TableName, Item: toItem(user), ConditionExpression: NOT_EXISTS, ...RETURN_ITEM },
    }),

    /** Claims an email for a user, unless another user has claimed it. */
    claimEmail: (key: string, owner_id: string): Write => ({
      Put: {
        TableName,
        Item: { user_id: key, owner_id },
        ConditionExpression: `${NOT_EXISTS} OR owner_id = :owner`,
        ExpressionAttributeValues: { ":owner": owner_id },
        ...RETURN_ITEM,
      },
    }),

    /** Releases an email that the user has claimed, or that is not claimed. */
    releaseEmail: (key: string, owner_id: string): Write => ({
      Delete: {
        TableName,
        Key: { user_id: key },
        ConditionExpression: `${NOT_EXISTS} OR owner_id = :owner`,
        ExpressionAttributeValues: { ":owner": owner_id },
        ...RETURN_ITEM,
      },
    }),

    /** Stores an idempotency record, unless an unexpired one has the same key. */
    putRecord: (record: IdempotencyRecord, owner_id: string): Write => ({
      Put: {
        TableName,
        Item: {
          user_id: toRecordKey(record),
          owner_id,
          fingerprint: record.fingerprint,
          expires_at: record.expires_at,
        },
        ConditionExpression: `${NOT_EXISTS} OR expires_at <= :now`,
        ExpressionAttributeValues: { ":now": record.created_at },
        ...RETURN_ITEM,
      },
    }),

    /** Commits the other writes only if the user still has this email. */
    checkEmail: ({ user_id, email }: Item): Write => ({
      ConditionCheck: {
        TableName,
        Key: { user_id },
        ConditionExpression: "#email = :email",
        ExpressionAttributeNames: { "#email": "email" },
        ExpressionAttributeValues: { ":email": email },
      },
    }),

    /** Updates a user that has not changed since it was read. */
    updateUser: (base: Item, update: Item): Write => {
      const { names, values, condition } = createUnchangedCondition(base);
      const expression = createUpdateExpression(update);
      return {
        Update: {
          TableName,
          Key: { user_id: base["user_id"] },
          UpdateExpression: expression.update,
          ConditionExpression: condition,
          ExpressionAttributeNames: { ...expression.names, ...names },
          ExpressionAttributeValues: { ...expression.values, ...values },
          ...RETURN_ITEM,
        },
      };
    },

    /** Deletes a user that has not changed since it was read. */
    deleteUser: (base: Item): Write => {
      const { names, values, condition } = createUnchangedCondition(base);
      return {
        Delete: {
          TableName,
          Key: { user_id: base["user_id"] },
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
          ...RETURN_ITEM,
        },
      };
    },
  };
}

interface ExpressionAttributes {
  readonly names: Record<string, string>;
  readonly values: Item;
}

/** Creates the expression that sets fields, removes those that are `null`, and increments the version. */
export function createUpdateExpression(update: Item): ExpressionAttributes & { readonly update: string } {
  const fields = Object.entries(update);
  const set = fields.filter(([, value]) => value !== null);
  const assignments = set.map(([name]) => `#${name} = :${name}`);
  assignments.push("#version = if_not_exists(#version, :zero) + :one");
  const removals = fields.filter(([, value]) => value === null).map(([name]) => `#${name}`);
  const remove = removals.length > 0 ? ` REMOVE ${removals.join(", ")}` : "";
  return {
    update: `SET ${assignments.join(", ")}${remove}`,
    names: Object.fromEntries(["version", ...Object.keys(update)].map((name) => [`#${name}`, name])),
    values: { ":zero": 0, ":one": 1, ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])) },
  };
}

/**
 * Creates the condition that a user has not changed since it was read: its version is the same. A legacy item without
 * a version must still have none, and the same email or still an email that is missing or not text.
 */
function createUnchangedCondition(base: Item): ExpressionAttributes & { readonly condition: string } {
  const version = getVersion(base);
  if (version !== undefined) {
    return { condition: "#version = :base", names: { "#version": "version" }, values: { ":base": version } };
  }
  const email = base["email"];
  const hasSameEmail = typeof email === "string" ? "#email = :base" : "NOT attribute_type(#email, :base)";
  return {
    condition: `attribute_exists(user_id) AND attribute_not_exists(#version) AND ${hasSameEmail}`,
    names: { "#version": "version", "#email": "email" },
    values: { ":base": typeof email === "string" ? email : "S" },
  };
}
