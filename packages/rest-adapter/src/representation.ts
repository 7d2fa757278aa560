import { DEFAULT_STATUS, USER_FIELD_NAMES, type Precondition, type User } from "@user-management/domain";
import {
  formatEtag,
  formatHttpDate,
  isModifiedSince,
  matchesEtag,
  parseHttpDate,
  parseIfMatch,
} from "./http/header-fields.ts";
import { createJsonResponse, type PlainResponse } from "./http/response.ts";
import type { View } from "./query-parameters.ts";

/**
 * Returns the representation of a user: the id, then the fields that are set. The full view also has the default status,
 * and the version and the timestamps where they are stored.
 */
export function toRepresentation(user: User, view: View = "basic"): object {
  const representation: Record<string, unknown> = { user_id: user.user_id };
  for (const field of USER_FIELD_NAMES) representation[field] = user[field];
  return view === "full" ? { ...representation, ...toFullMembers(user) } : representation;
}

function toFullMembers({ status = DEFAULT_STATUS, version, created_at, updated_at }: User): object {
  return { status, version: version === LEGACY_VERSION ? undefined : version, created_at, updated_at };
}

/** The version of legacy data, which has none. */
const LEGACY_VERSION = 0;

/** Returns the validator fields of a user (RFC 9110 section 8.8). */
export function toValidatorFields({ version, updated_at }: User): Record<string, string> {
  const etag = formatEtag(version);
  return updated_at === undefined ? { etag } : { etag, "last-modified": formatHttpDate(updated_at) };
}

/** Returns the response to a write that prefers the representation (RFC 7240 section 4.2). */
export function createRepresentationResponse(
  status: number,
  user: User,
  headers: Record<string, string> = {},
): PlainResponse {
  return createJsonResponse(status, toRepresentation(user), {
    "content-location": `/users/${encodeURIComponent(user.user_id)}`,
    ...headers,
    ...toValidatorFields(user),
    "preference-applied": "return=representation",
  });
}

/** Evaluates the preconditions of a read (RFC 9110 section 13.2.2, steps 3 and 4). */
export function isNotModified(headers: Headers, user: User): boolean {
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return matchesEtag(ifNoneMatch, formatEtag(user.version));
  const modifiedSinceS = parseHttpDate(headers.get("if-modified-since"));
  return modifiedSinceS !== undefined && !isModifiedSince(user.updated_at, modifiedSinceS);
}

/**
 * Converts the preconditions of a write (RFC 9110 section 13.2.2) to the versions that they accept. If `If-Match` is
 * the only one, the store evaluates it atomically with the write. Otherwise all are evaluated on the current user; if
 * they hold, the write requires the version of that user, and if not, it accepts no version.
 */
export async function toPrecondition(
  headers: Headers,
  getUser: () => Promise<User | undefined>,
): Promise<Precondition> {
  const ifMatch = headers.get("if-match");
  const ifNoneMatch = headers.get("if-none-match");
  const unmodifiedSinceS = ifMatch === null ? parseHttpDate(headers.get("if-unmodified-since")) : undefined;
  const ifVersionIn = parseIfMatch(ifMatch);
  if (ifNoneMatch === null && unmodifiedSinceS === undefined) return { ifVersionIn };

  const user = await getUser();
  if (!user) return { ifVersionIn: [] };
  const hasVersion = ifVersionIn?.includes(user.version) ?? true;
  const isModified = unmodifiedSinceS !== undefined && isModifiedSince(user.updated_at, unmodifiedSinceS);
  const isExcluded = ifNoneMatch !== null && matchesEtag(ifNoneMatch, formatEtag(user.version));
  return { ifVersionIn: hasVersion && !isModified && !isExcluded ? [user.version] : [] };
}
