import { isUserError, type UserIssue, type UserIssueCode } from "../errors.ts";
import { describeIssue } from "./issue-details.ts";
import { parseNewUser } from "./parse-user.ts";
import type { NewUser } from "./user-repository.ts";
import { isLongerThan } from "./value-schemas.ts";

const MAX_ID_LENGTH = 255;

/** The rules of the members that the service sets itself, except in an import. */
const MEMBER_DETAILS = {
  "invalid-version": "must be a whole number of 1 or more",
  "invalid-time": "must be an existing time in the form YYYY-MM-DDTHH:MM:SS.sssZ",
} as const;

/** The reasons why a member of a row is invalid. */
export type UserRowIssueCode = UserIssueCode | keyof typeof MEMBER_DETAILS;

/** One invalid member of a row. It never contains the value. */
export interface UserRowIssue extends Omit<UserIssue, "code"> {
  readonly code: UserRowIssueCode;
}

/** The result of {@link parseUserRow}: a user, or the issues of the row and its id if that is valid. */
export type ParsedUserRow =
  | { readonly user: NewUser; readonly fields: object }
  | { readonly issues: readonly UserRowIssue[]; readonly user_id: string | undefined };

/**
 * Validates a row of an import as the service validates a new user. A row may also have `user_id`, `version`,
 * `created_at` and `updated_at`; version 0, which legacy users have, counts as absent.
 *
 * @param row any value
 * @param defaultId the id of a row without one
 * @param time the time of the import, the default of both timestamps
 * @returns the user, and the fields of the row as they are
 */
export function parseUserRow(row: unknown, defaultId: string, time: string): ParsedUserRow {
  const isObject = typeof row === "object" && row !== null && !Array.isArray(row);
  const {
    user_id = defaultId,
    version,
    created_at,
    updated_at,
    ...fields
  } = (isObject ? row : {}) as Record<string, unknown>;
  const idCode = validateId(user_id);
  const issues: UserRowIssue[] = [];
  if (idCode) issues.push({ pointer: "#/user_id", code: idCode, detail: describeIdIssue(idCode) });
  if (version !== undefined && !isVersion(version)) issues.push(createIssue("#/version", "invalid-version"));
  if (created_at !== undefined && !isTime(created_at)) issues.push(createIssue("#/created_at", "invalid-time"));
  if (updated_at !== undefined && !isTime(updated_at)) issues.push(createIssue("#/updated_at", "invalid-time"));
  try {
    const members = parseNewUser(isObject ? fields : row, time.slice(0, "YYYY-MM-DD".length));
    if (issues.length === 0) {
      const times = { created_at: created_at ?? updated_at ?? time, updated_at: updated_at ?? time };
      return { user: { user_id, ...members, version: version || 1, ...times } as NewUser, fields };
    }
  } catch (error) {
    if (!isUserError(error)) throw error;
    issues.push(...error.issues);
  }
  return { issues, user_id: idCode ? undefined : (user_id as string) };
}

function createIssue(pointer: string, code: keyof typeof MEMBER_DETAILS): UserRowIssue {
  return { pointer, code, detail: MEMBER_DETAILS[code] };
}

/** Accepts more than the service generates: legacy data may have any id. It is stored as it is. */
function validateId(id: unknown): UserIssueCode | undefined {
  if (typeof id !== "string") return "not-a-string";
  if (id === "") return "empty";
  if (!id.isWellFormed()) return "malformed-text";
  if (isLongerThan(id, MAX_ID_LENGTH)) return "too-long";
  return /\p{Cc}/u.test(id) ? "control-character" : undefined;
}

function describeIdIssue(code: UserIssueCode): string {
  return code === "too-long" ? `must have at most ${MAX_ID_LENGTH} characters` : describeIssue(code);
}

function isVersion(version: unknown): boolean {
  return Number.isSafeInteger(version) && (version as number) >= 0;
}

function isTime(time: unknown): boolean {
  if (typeof time !== "string" || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(time)) return false;
  const date = new Date(time);
  return !Number.isNaN(date.getTime()) && date.toISOString() === time;
}
