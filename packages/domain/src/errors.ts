import type { User } from "./users/user.ts";

/**
 * The ways in which a use case or a repository fails:
 *
 * - `invalid-user`: fields are invalid; `issues` lists each of them
 * - `not-found`: no user has this id
 * - `email-taken`: another user has this email, compared case-insensitively
 * - `external-id-taken`: another user has this external id
 * - `id-taken`: a user with this id exists; `existingUser` is that user, or `undefined` if the store reserves the id
 * - `stale-version`: the user is at none of the required versions; `currentVersion` is its version
 * - `idempotency-key-reused`: the idempotency key was used with another request
 * - `unavailable`: the store is down, slow, full or throttling, or the request's signal has aborted; a retry may succeed
 */
export const USER_ERROR_CODES = [
  "invalid-user",
  "not-found",
  "email-taken",
  "external-id-taken",
  "id-taken",
  "stale-version",
  "idempotency-key-reused",
  "unavailable",
] as const;

export type UserErrorCode = (typeof USER_ERROR_CODES)[number];

/** One sentence per error code. It contains no value and is safe to send to clients. */
export const USER_ERROR_MESSAGES = {
  "invalid-user": "The user is invalid.",
  "not-found": "No user has this id.",
  "email-taken": "Another user has this email.",
  "external-id-taken": "Another user has this external id.",
  "id-taken": "A user with this id exists.",
  "stale-version": "The user is not at a required version.",
  "idempotency-key-reused": "The idempotency key was used with another request.",
  unavailable: "The user store is unavailable.",
} as const satisfies Record<UserErrorCode, string>;

/** The reasons why a field is invalid. The codes are stable: clients may depend on them. */
export const USER_ISSUE_CODES = [
  "required",
  "not-a-string",
  "malformed-text",
  "empty",
  "too-long",
  "control-character",
  "invalid-date",
  "date-out-of-range",
  "invalid-gender",
  "invalid-email",
  "invalid-phone-number",
  "invalid-status",
  "invalid-name",
  "too-many-members",
  "read-only",
  "unknown-field",
  "not-an-object",
  "empty-change",
] as const;

export type UserIssueCode = (typeof USER_ISSUE_CODES)[number];

/** One invalid field. */
export interface UserIssue {
  /** The field's location: a JSON Pointer in its URI fragment form (RFC 6901 section 6); `#` is the whole object. */
  readonly pointer: string;
  readonly code: UserIssueCode;
  /** The violated rule, to be read after the name of the field: "must be a string". It never contains the value. */
  readonly detail: string;
}

interface UserErrorOptions {
  /** A more specific message for logs. Defaults to the message of the code. */
  readonly message?: string;
  readonly issues?: readonly UserIssue[];
  readonly currentVersion?: number;
  readonly existingUser?: User | undefined;
  /** The underlying failure, for logs. */
  readonly cause?: unknown;
}

/** The only error that use cases and repositories throw on purpose. Any other error is a bug. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: UserErrorCode;
  /** Every invalid field; empty unless the code is `invalid-user`. */
  readonly issues: readonly UserIssue[];
  /** The version of the stored user if the code is `stale-version`. */
  readonly currentVersion: number | undefined;
  /** The stored user if the code is `id-taken`. */
  readonly existingUser: User | undefined;

  constructor(code: UserErrorCode, options: UserErrorOptions = {}) {
    super(options.message ?? USER_ERROR_MESSAGES[code], "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.issues = options.issues ?? [];
    this.currentVersion = options.currentVersion;
    this.existingUser = options.existingUser;
  }
}

/**
 * Reports whether a value is a {@link UserError}, including an error of another copy of this package: `instanceof`
 * returns false for it if two versions of the package are installed.
 */
export function isUserError(value: unknown): value is UserError {
  if (value instanceof UserError) return true;
  return (
    value instanceof Error &&
    value.name === "UserError" &&
    "issues" in value &&
    "code" in value &&
    isUserErrorCode(value.code)
  );
}

function isUserErrorCode(code: unknown): code is UserErrorCode {
  return USER_ERROR_CODES.some((known) => known === code);
}
