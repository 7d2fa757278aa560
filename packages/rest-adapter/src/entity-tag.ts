import type { Precondition, User, UserService } from "@user-management/domain";

/** The strong entity tag of a user at this version (RFC 9110 section 8.8.3). */
export function tagOf(version: number): string {
  return `"${version}"`;
}

/** What a client needs to ask for this user again, or to change it, conditionally. */
export function validatorsOf(user: User): Record<string, string> {
  return {
    etag: tagOf(user.version),
    ...(user.updated_at !== undefined && { "last-modified": new Date(user.updated_at).toUTCString() }),
  };
}

/** Whether a client that sent these headers with a GET has this user already (RFC 9110 section 13.2.2, steps 3 and 4). */
export function isNotModified(headers: Headers, user: User): boolean {
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return names(ifNoneMatch, user);
  const since = secondsOf(headers.get("if-modified-since"));
  return since !== undefined && !isModifiedSince(user, since);
}

/**
 * What these headers require of a write (RFC 9110 section 13.2.2). If-Match alone is left to the store, in one step
 * with the write. The rare others are judged here on the user as it is now, and hold for that version.
 */
export async function preconditionOf(headers: Headers, id: string, users: UserService): Promise<Precondition> {
  const ifMatch = headers.get("if-match");
  const ifNoneMatch = headers.get("if-none-match");
  const since = ifMatch === null ? secondsOf(headers.get("if-unmodified-since")) : undefined;
  const ifVersion = ifMatch === null || ifMatch.trim() === "*" ? undefined : versionsIn(ifMatch);
  if (ifNoneMatch === null && since === undefined) return { ifVersion };

  const user = await users.find(id);
  const holds =
    user !== undefined &&
    (ifVersion?.includes(user.version) ?? true) &&
    !(since !== undefined && isModifiedSince(user, since)) &&
    !(ifNoneMatch !== null && names(ifNoneMatch, user));
  return { ifVersion: holds ? [user.version] : [] };
}

/** The versions that a list of entity tags names. Weak tags and tags that are none of ours match nothing. */
function versionsIn(list: string): number[] {
  return tagsIn(list)
    .filter((tag) => /^"(?:0|[1-9]\d{0,14})"$/.test(tag))
    .map((tag) => Number(tag.slice(1, -1)));
}

/** Weak comparison (RFC 9110 section 8.8.3.2), which is what If-None-Match asks for. */
function names(list: string, user: User): boolean {
  return list.trim() === "*" || tagsIn(list).some((tag) => tag.replace(/^W\//, "") === tagOf(user.version));
}

/** A list with anything else in it names nothing. */
function tagsIn(list: string): string[] {
  const isList = /^[\s,]*(?:(?:W\/)?"[^"]*"\s*(?:,[\s,]*|$))*$/.test(list);
  return (isList && list.match(/(?:W\/)?"[^"]*"/g)) || [];
}

function isModifiedSince(user: User, seconds: number): boolean {
  return user.updated_at === undefined || Math.floor(Date.parse(user.updated_at) / 1000) > seconds;
}

/** An HTTP-date (RFC 9110 section 5.6.7) in seconds since 1970; anything else counts as not sent. */
function secondsOf(date: string | null): number | undefined {
  const time = date !== null && /^[A-Z][a-z]+,? /.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? undefined : time / 1000;
}
