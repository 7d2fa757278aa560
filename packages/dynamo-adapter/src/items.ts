import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { canonicalEmail, type NewUser, type Once, type User } from "@user-management/domain";

/** An item as the document client gives it; numbers come as {@link NumberValue}. */
export type Item = Record<string, unknown>;

/** What the keys of items that are no users begin with. No client can address them. */
const CLAIM = "email#";
const ONCE = "once#";

/** The longest value of a partition key, in bytes of UTF-8 (AWS: "Constraints in Amazon DynamoDB"). */
const KEY_BYTES = 2048;

/** Keeps items that are no users out of a Scan. */
export const usersOnly = {
  FilterExpression: "NOT begins_with(user_id, :claim) AND NOT begins_with(user_id, :once)",
  ExpressionAttributeValues: { ":claim": CLAIM, ":once": ONCE },
};

/** Whether a user can have this id: other strings need not be asked for. */
export function isUserId(id: string): boolean {
  return isKey(id) && !id.startsWith(CLAIM) && !id.startsWith(ONCE);
}

/** Whether DynamoDB takes this as a key at all. */
export function isKey(text: string): boolean {
  return text !== "" && text.isWellFormed() && Buffer.byteLength(text) <= KEY_BYTES;
}

/** The key of the item that claims an address, or `undefined` for what is no address that could be claimed. */
export function claimKey(email: unknown): string | undefined {
  if (typeof email !== "string") return undefined;
  const address = canonicalEmail(email);
  return address !== "" && isKey(CLAIM + address) ? CLAIM + address : undefined;
}

export function onceKey({ key }: Once): string {
  return ONCE + key;
}

/** The item of a user about to be stored: its attributes under the names that the original service gave them. */
export function itemOf(user: NewUser): Item {
  return { ...user };
}

const FIELDS = ["lastname", "firstname", "dob", "address", "gender", "email", "phone_number"] as const;

/**
 * The user in an item, as it stands: without the attributes that are no fields, without fields that are not set, and
 * with every value as text. Items of the original service have no version, which counts as 0, and no times.
 */
export function userOf(item: Item): User {
  const user: Record<string, unknown> = { user_id: item["user_id"] };
  for (const field of FIELDS) {
    const value = item[field];
    if (typeof value === "string" || typeof value === "boolean" || value instanceof NumberValue)
      user[field] = String(value);
  }
  user["version"] = versionOf(item) ?? 0;
  for (const time of ["created_at", "updated_at"]) {
    const value = item[time];
    if (typeof value === "string" && !Number.isNaN(Date.parse(value))) user[time] = value;
  }
  return user as unknown as User;
}

/** The item's version, or `undefined` for an item of the original service. */
export function versionOf(item: Item): number | undefined {
  const version = item["version"];
  return version === undefined ? undefined : Number(version);
}
