import { MAX_METADATA_MEMBERS, normalizeMetadata, type Metadata, type UserUpdate } from "@user-management/domain";

/*
 * The column of the metadata contains a JSON object, or NULL if there is no member. An update merges it in SQL. `:metadata`
 * is the patch (RFC 7396), NULL to keep the metadata, or an empty string to remove all of it.
 */

/** Text that is not JSON counts as no member: `json_patch` would throw an error, which rejects concurrent writes, too. */
const STORED = "iif(json_valid(metadata), metadata, '{}')";

/** `json_patch` returns NULL for the patch NULL. */
const MERGED = `iif(:metadata IS NULL, metadata, nullif(json_patch(${STORED}, nullif(:metadata, '')), '{}'))`;

/** Merges the patch. */
export const METADATA_ASSIGNMENT = `metadata = ${MERGED}`;

/** The condition that an update of the metadata leaves at most {@link MAX_METADATA_MEMBERS} members. */
export const METADATA_WITHIN_LIMIT = `(
  :metadata IS NULL
  OR (SELECT count(*) FROM json_each(${MERGED}) WHERE type = 'text') <= ${MAX_METADATA_MEMBERS}
)`;

/** Returns the value of `:metadata`. */
export function toMetadataParameter({ metadata }: UserUpdate): string | null {
  if (metadata === undefined) return null;
  return metadata === null ? "" : JSON.stringify(metadata);
}

/** Returns the value of the column for a new user. */
export function formatMetadata(metadata: Metadata | undefined): string | null {
  const members = normalizeMetadata(metadata);
  return members ? JSON.stringify(members) : null;
}

/** Returns the metadata in the column, which an operator may have edited; `undefined` if there is no valid member. */
export function parseMetadata(text: unknown): Metadata | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return normalizeMetadata(JSON.parse(text));
  } catch {
    return undefined;
  }
}
