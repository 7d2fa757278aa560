/**
 * What can go wrong with a user:
 *
 * - `invalid-user`: fields are wrong; `issues` names every one
 * - `not-found`: no user has this id
 * - `email-taken`: another user has this email address, in whatever case
 * - `stale-version`: the user is not at a version that the caller required; `currentVersion` is the one it is at
 * - `idempotency-key-reused`: the key was used for another request
 * - `unavailable`: the store is down, slow, full or throttling; the same call may succeed later
 */
export type UserErrorCode =
  | "invalid-user"
  | "not-found"
  | "email-taken"
  | "stale-version"
  | "idempotency-key-reused"
  | "unavailable";

/** What is wrong with a field. Stable: clients may decide by it. */
export type UserIssueCode =
  | "required"
  | "not-a-string"
  | "malformed-text"
  | "empty"
  | "too-long"
  | "control-character"
  | "invalid-date"
  | "date-out-of-range"
  | "invalid-gender"
  | "invalid-email"
  | "invalid-phone-number"
  | "read-only"
  | "unknown-field"
  | "not-an-object"
  | "empty-change";

/** One wrong field. */
export interface UserIssue {
  /** Where it is: a JSON pointer as a URI fragment (RFC 6901 section 6), `#` for the whole. */
  readonly pointer: string;
  readonly code: UserIssueCode;
  /** A sentence for a person, without its subject. It never repeats the value. */
  readonly detail: string;
}

const sentences: Record<UserErrorCode, string> = {
  "invalid-user": "The user is not valid.",
  "not-found": "There is no such user.",
  "email-taken": "Another user has this email address.",
  "stale-version": "The user has changed since.",
  "idempotency-key-reused": "The idempotency key was used for another request.",
  unavailable: "The store of users does not answer.",
};

interface UserErrorOptions {
  /** Replaces the code's own sentence, for whoever runs the service. Not for clients. */
  message?: string;
  issues?: readonly UserIssue[];
  currentVersion?: number;
  /** The failure underneath, for the log alone. */
  cause?: unknown;
}

/** Marks the errors of every copy of this package. */
const MARK = Symbol.for("@user-management/domain/UserError");

/**
 * Every failure that a use case or a repository promises; anything else that is thrown is a bug. `instanceof` knows it
 * from another copy of this package as well: a project may come to have two, when its adapters ask for different ones.
 */
export class UserError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && MARK in value;
  }

  get [MARK](): true {
    return true;
  }
  override readonly name = "UserError";
  readonly code: UserErrorCode;
  /** Every wrong field; empty unless the code is `invalid-user`. */
  readonly issues: readonly UserIssue[];
  /** The version the user is at, when the code is `stale-version`. */
  readonly currentVersion: number | undefined;

  constructor(code: UserErrorCode, options: UserErrorOptions = {}) {
    super(options.message ?? sentences[code], "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.issues = options.issues ?? [];
    this.currentVersion = options.currentVersion;
  }
}
