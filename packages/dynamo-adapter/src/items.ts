import { NumberValue } from "@aws-sdk/lib-dynamodb";
import {
  canonicalizeEmail,
  USER_FIELD_NAMES,
  type IdempotencyRecord,
  type NewUser,
  type User,
} from "@user-management/domain";

/** An item as the document client returns it; numbers are {@link NumberValue}s. */
export type Item = Record<string, unknown>;

/** The prefixes of partition keys of items other than users. Clients cannot address these items. */
const EMAIL_CLAIM_PREFIX = "email#";
const IDEMPOTENCY_RECORD_PREFIX = "once#";

/** The maximum size of a partition key in UTF-8 (AWS: "Constraints in Amazon DynamoDB"). */
const MAX_KEY_BYTES = 2048;

/** Restricts a Scan to users. */
export const USERS_ONLY = {
  FilterExpression: "NOT begins_with(user_id, :claim) AND NOT begins_with(user_id, :record)",
  ExpressionAttributeValues: { ":claim": EMAIL_CLAIM_PREFIX, ":record": IDEMPOTENCY_RECORD_PREFIX },
};

/** Reports whether a user can have this id. For any other string the repository makes no call. */
export function isUserId(id: string): boolean {
  return isKey(id) && !id.startsWith(EMAIL_CLAIM_PREFIX) && !id.startsWith(IDEMPOTENCY_RECORD_PREFIX);
}

/** Reports whether DynamoDB accepts a string as a partition key. */
export function isKey(text: string): boolean {
  return text !== "" && text.isWellFormed() && Buffer.byteLength(text) <= MAX_KEY_BYTES;
}

/** Returns the partition key of an email claim, or `undefined` for a value that cannot be claimed. */
export function toClaimKey(email: unknown): string | undefined {
  if (typeof email !== "string") return undefined;
  const canonicalEmail = canonicalizeEmail(email);
  const key = EMAIL_CLAIM_PREFIX + canonicalEmail;
  return canonicalEmail !== "" && isKey(key) ? key : undefined;
}

/** Returns the partition key of an idempotency record. */
export function toRecordKey({ key }: IdempotencyRecord): string {
  return IDEMPOTENCY_RECORD_PREFIX + key;
}

/** Returns the item of a new user. Its attributes have the names of the original service. */
export function toItem(user: NewUser): Item {
  return { ...user };
}

/**
 * Returns the user in an item: the known fields, every scalar value as text. A legacy item has version 0 and no
 * timestamps.
 */
export function toUser(item: Item): User {
  const user: Record<string, unknown> = { user_id: item["user_id"] };
  for (const field of USER_FIELD_NAMES) {
    const value = item[field];
    if (typeof value === "string" || typeof value === "boolean" || value instanceof NumberValue) {
      user[field] = String(value);
    }
  }
  user["version"] = getVersion(item) ?? 0;
  for (const timestamp of ["created_at", "updated_at"]) {
    const value = item[timestamp];
    if (typeof value === "string" && !Number.isNaN(Date.parse(value))) user[timestamp] = value;
  }
  return user as unknown as User;
}

/** Returns the version of an item, or `undefined` for a legacy item. */
export function getVersion(item: Item): number | undefined {
  const version = item["version"];
  return version === undefined ? undefined : Number(version);
}
