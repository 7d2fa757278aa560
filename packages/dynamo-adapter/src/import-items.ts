import { UNIQUE_FIELDS, type User } from "@user-management/domain";
import { encodeItem, type Item } from "./client/attribute-value.ts";
import { isUserId, toClaimKey } from "./items.ts";
import { toClaimItem } from "./writes.ts";

/**
 * Returns the items that a table has for a user: the user and the claims of its unique values. They are in the JSON
 * format of DynamoDB's import from S3. A legacy user stays without a version.
 *
 * @returns `undefined` if the table cannot store the id
 */
export function createImportItems(user: User): readonly Item[] | undefined {
  if (!isUserId(user.user_id)) return undefined;
  const { version, ...members } = user;
  const claims = UNIQUE_FIELDS.flatMap(({ field }) => {
    const key = toClaimKey(field, user[field]);
    return key ? [toClaimItem(key, user.user_id)] : [];
  });
  return [encodeItem({ ...members, version: version || undefined }), ...claims];
}
