import { USER_FIELD_NAMES, USER_FIELDS, type User } from "@user-management/domain";
import type { StoreSettings } from "../settings.ts";

/** The members that are never absent from the table of users in SQLite. */
const SQLITE_MEMBERS: readonly (keyof User)[] = [
  ...USER_FIELD_NAMES.filter((field) => USER_FIELDS[field].required),
  "created_at",
  "updated_at",
];

/** The maximum size of an item (AWS: "Constraints in Amazon DynamoDB"). */
const MAX_ITEM_BYTES = 400 * 1024;

/**
 * Returns why a store cannot contain a user, without any value, or `undefined` if it can. A legacy user may have no
 * timestamps, for example, which SQLite requires. The adapters do not validate users, and in SQLite such a user would
 * roll back the users that are written with it.
 */
export function describeUnstorable(user: User, kind: StoreSettings["kind"]): string | undefined {
  if (!Number.isSafeInteger(user.version)) return "The version is not an integer.";
  if (kind === "sqlite") {
    const missing = SQLITE_MEMBERS.filter((member) => user[member] === undefined);
    return missing.length === 0 ? undefined : `SQLite requires ${missing.join(", ")}.`;
  }
  // JSON is at least as long as the item.
  const isTooLong = Buffer.byteLength(JSON.stringify(user)) > MAX_ITEM_BYTES;
  return isTooLong ? "DynamoDB accepts at most 400 KB." : undefined;
}
