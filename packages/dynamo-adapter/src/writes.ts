import type { NewUser, Once } from "@user-management/domain";
import { itemOf, onceKey, versionOf, type Item } from "./items.ts";
import type { Write } from "./transaction.ts";

/** An item that does not hold the condition of its write comes back with the refusal: nobody has to read it again. */
const TELL = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

const ABSENT = "attribute_not_exists(user_id)";

/** The writes that transactions are made of. */
export function createWrites(TableName: string) {
  return {
    /** Stores a user who does not exist. */
    insert: (user: NewUser): Write => ({
      Put: { TableName, Item: itemOf(user), ConditionExpression: ABSENT, ...TELL },
    }),

    /** Claims an address, which nobody else may have, for a user. */
    claim: (key: string, owner_id: string): Write => ({
      Put: {
        TableName,
        Item: { user_id: key, owner_id },
        ConditionExpression: `${ABSENT} OR owner_id = :owner`,
        ExpressionAttributeValues: { ":owner": owner_id },
        ...TELL,
      },
    }),

    /** Frees an address that the user has claimed, or that nobody has. */
    free: (key: string, owner_id: string): Write => ({
      Delete: {
        TableName,
        Key: { user_id: key },
        ConditionExpression: `${ABSENT} OR owner_id = :owner`,
        ExpressionAttributeValues: { ":owner": owner_id },
        ...TELL,
      },
    }),

    /** Remembers an idempotency key, unless it is remembered already and has not expired. */
    remember: (once: Once, owner_id: string): Write => ({
      Put: {
        TableName,
        Item: { user_id: onceKey(once), owner_id, fingerprint: once.fingerprint, expires_at: once.expires_at },
        ConditionExpression: `${ABSENT} OR expires_at <= :now`,
        ExpressionAttributeValues: { ":now": once.created_at },
        ...TELL,
      },
    }),

    /** Lets the other writes pass only while the user has this address. */
    checkEmail: ({ user_id, email }: Item): Write => ({
      ConditionCheck: {
        TableName,
        Key: { user_id },
        ConditionExpression: "#email = :email",
        ExpressionAttributeNames: { "#email": "email" },
        ExpressionAttributeValues: { ":email": email },
      },
    }),

    /** Changes a user who is as `base` says. */
    update: (base: Item, change: Item): Write => {
      const { names, values, condition } = as(base);
      const update = updateOf(change);
      return {
        Update: {
          TableName,
          Key: { user_id: base["user_id"] },
          UpdateExpression: update.expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: { ...update.names, ...names },
          ExpressionAttributeValues: { ...update.values, ...values },
          ...TELL,
        },
      };
    },

    /** Removes a user who is as `base` says. */
    remove: (base: Item): Write => {
      const { names, values, condition } = as(base);
      return {
        Delete: {
          TableName,
          Key: { user_id: base["user_id"] },
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
          ...TELL,
        },
      };
    },
  };
}

interface Expression {
  readonly names: Record<string, string>;
  readonly values: Item;
}

/** Sets what the change has, removes what is `null` in it, and raises the version, which the original's items lack. */
export function updateOf(change: Item): Expression & { readonly expression: string } {
  const set = Object.entries(change).filter(([, value]) => value !== null);
  const removed = Object.keys(change).filter((name) => change[name] === null);
  const assignments = [
    ...set.map(([name]) => `#${name} = :${name}`),
    "#version = if_not_exists(#version, :zero) + :one",
  ];
  return {
    expression: `SET ${assignments.join(", ")}${removed.length > 0 ? ` REMOVE ${removed.map((name) => `#${name}`).join(", ")}` : ""}`,
    names: Object.fromEntries(["version", ...Object.keys(change)].map((name) => [`#${name}`, name])),
    values: { ":zero": 0, ":one": 1, ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])) },
  };
}

/**
 * That the user is as it was read: at its version, or, where the original has left none, with its address, or without
 * one that is text.
 */
function as(base: Item): Expression & { readonly condition: string } {
  const version = versionOf(base);
  if (version !== undefined) {
    return { condition: "#version = :base", names: { "#version": "version" }, values: { ":base": version } };
  }
  const email = base["email"];
  const sameEmail = typeof email === "string" ? "#email = :base" : "NOT attribute_type(#email, :base)";
  return {
    condition: `attribute_exists(user_id) AND attribute_not_exists(#version) AND ${sameEmail}`,
    names: { "#version": "version", "#email": "email" },
    values: { ":base": typeof email === "string" ? email : "S" },
  };
}
