import {
  normalizeMetadata,
  UNIQUE_FIELDS,
  USER_FIELD_NAMES,
  type IdempotencyRecord,
  type NewUser,
  type UniqueFieldName,
  type User,
} from "@user-management/domain";
import { decodeItem, encodeItem, type AttributeValue, type Item } from "./client/attribute-value.ts";

/** The prefixes of partition keys of items other than users. Clients cannot address these items. */
const CLAIM_PREFIXES = { email: "email#", external_id: "external#" } as const satisfies Record<UniqueFieldName, string>;
const IDEMPOTENCY_RECORD_PREFIX = "once#";
const PREFIXES = [...Object.values(CLAIM_PREFIXES), IDEMPOTENCY_RECORD_PREFIX];

/** The maximum size of a partition key in UTF-8 (AWS: "Constraints in Amazon DynamoDB"). */
const MAX_KEY_BYTES = 2048;

/** Restricts a Scan to users. */
export const USERS_ONLY = {
  FilterExpression: PREFIXES.map((_, index) => `NOT begins_with(user_id, :prefix${index})`).join(" AND "),
  ExpressionAttributeValues: encodeItem(
    Object.fromEntries(PREFIXES.map((prefix, index) => [`:prefix${index}`, prefix])),
  ),
};

/** Reports whether a user can have this id. For any other string the repository makes no call. */
export function isUserId(id: string): boolean {
  return isKey(id) && !PREFIXES.some((prefix) => id.startsWith(prefix));
}

/** Reports whether DynamoDB accepts a string as a partition key. */
export function isKey(text: string): boolean {
  return text !== "" && text.isWellFormed() && Buffer.byteLength(text) <= MAX_KEY_BYTES;
}

/** Returns the partition key of the claim of a unique value, or `undefined` for a value that cannot be claimed. */
export function toClaimKey(field: UniqueFieldName, value: string | null | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  const { canonicalize } = UNIQUE_FIELDS.find((unique) => unique.field === field)!;
  const canonicalValue = canonicalize(value);
  const key = CLAIM_PREFIXES[field] + canonicalValue;
  return canonicalValue !== "" && isKey(key) ? key : undefined;
}

/** Returns the partition key of an idempotency record. */
export function toRecordKey({ key }: IdempotencyRecord): string {
  return IDEMPOTENCY_RECORD_PREFIX + key;
}

/** Returns the item of a new user. Its attributes have the names of the original service. */
export function toItem(user: NewUser): Item {
  return encodeItem({ ...user });
}

/** Returns the text of an attribute, or `undefined` if it is missing or of another type. */
export function getText(item: Item | undefined, name: string): string | undefined {
  return item?.[name]?.S;
}

/**
 * Returns the user in an item: the known fields, every scalar value as text. A legacy item has version 0 and no
 * timestamps.
 */
export function toUser(item: Item): User {
  const user: Record<string, unknown> = { user_id: getText(item, "user_id") };
  for (const field of USER_FIELD_NAMES) {
    const value = field === "metadata" ? toMetadata(item[field]) : toText(item[field]);
    if (value !== undefined) user[field] = value;
  }
  user["version"] = getVersion(item) ?? 0;
  for (const timestamp of ["created_at", "updated_at"]) {
    const time = toTime(getText(item, timestamp));
    if (time !== undefined) user[timestamp] = time;
  }
  return user as unknown as User;
}

/** Returns a stored time in the form of the service, which third parties may have written in another one. */
function toTime(text: string | undefined): string | undefined {
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function toText({ S, N, BOOL }: AttributeValue = {}): string | undefined {
  return S ?? N ?? (BOOL === undefined ? undefined : String(BOOL));
}

function toMetadata({ M: map }: AttributeValue = {}): User["metadata"] {
  return map && normalizeMetadata(decodeItem(map));
}

/** Returns the version of an item, or `undefined` for a legacy item. */
export function getVersion({ version }: Item): number | undefined {
  return version && Number(toText(version));
}
