import { mergeMetadata } from "./metadata.ts";
import type { User } from "./user.ts";
import type { UserUpdate } from "./user-fields.ts";

/**
 * Returns the user after an update, as every repository stores it: fields are set, removed by `null`, or merged; the
 * version is incremented.
 *
 * @throws UserError `invalid-user` if the metadata would have too many members
 */
export function applyUpdate<Stored extends User>(user: Stored, update: UserUpdate, updated_at: string): Stored {
  const { metadata, ...fields } = update;
  const members = Object.entries({
    ...user,
    ...fields,
    metadata: metadata === undefined ? user.metadata : mergeMetadata(user.metadata, metadata),
    version: user.version + 1,
    updated_at,
  });
  return Object.fromEntries(members.filter(([, value]) => value !== null && value !== undefined)) as unknown as Stored;
}
