import type { RequestContext } from "../request-context.ts";
import type { User } from "./user.ts";
import type { UniqueFieldName, UserUpdate } from "./user-fields.ts";
import type { Status } from "./value-schemas.ts";

/**
 * The port to the user store. It guarantees uniqueness, atomicity and durability; the fields are validated before a
 * repository is called.
 *
 * Every method throws {@link UserError} `unavailable` if the store is unavailable or the signal of the context aborts.
 * After that error a write may or may not have been committed; if the signal aborted before the call, nothing is written.
 * A write that resolves is durable. Returned objects belong to the caller. `describeUserRepository` in `./testing`
 * verifies every guarantee.
 */
export interface UserRepository {
  /**
   * Stores a new user and, atomically with it, its idempotency record if there is one.
   *
   * @returns the id of the stored user: the given one, or the id stored earlier with the same idempotency key and
   *   fingerprint; then nothing is written, even if that user has been updated or deleted
   * @throws UserError `id-taken`: a user with this id exists, which the error contains, or the store reserves the id; no
   *   record is stored
   * @throws UserError `email-taken`, `external-id-taken`: another user has the value; no record is stored
   * @throws UserError `idempotency-key-reused`: an unexpired record has the same key and another fingerprint
   */
  insert(user: NewUser, idempotency: IdempotencyRecord | undefined, context: RequestContext): Promise<string>;

  /** Returns the user with this id, or `undefined`. Any string is a valid argument. Sees every resolved write. */
  get(id: string, context: RequestContext): Promise<User | undefined>;

  /**
   * Returns the user with this value of a unique field, or `undefined`. Emails are compared case-insensitively. Any string
   * is a valid argument. Sees every resolved write.
   */
  findBy(field: UniqueFieldName, value: string, context: RequestContext): Promise<User | undefined>;

  /**
   * Returns a page of users, in a stable order chosen by the store. Consecutive pages contain every user exactly once
   * that exists from the request for the first page to the request for the last page.
   */
  list(request: PageRequest, context: RequestContext): Promise<Page>;

  /**
   * Sets the fields in `update`, removes those that are `null`, and keeps the current value of all others, so that
   * concurrent updates merge; metadata merges member by member. An update of a unique value releases the old one and claims
   * the new one atomically.
   *
   * @returns the user as stored, its version incremented by one
   * @throws UserError `not-found`: no such user; a deleted user is never recreated
   * @throws UserError `stale-version`: the user is at none of the required versions
   * @throws UserError `email-taken`, `external-id-taken`: another user has the new value
   * @throws UserError `invalid-user`: the metadata would have too many members
   */
  update(id: string, update: UserUpdate, options: UpdateOptions, context: RequestContext): Promise<User>;

  /**
   * Deletes the user and releases its unique values atomically.
   *
   * @throws UserError `not-found`: no such user
   * @throws UserError `stale-version`: the user is at none of the required versions
   */
  delete(id: string, precondition: Precondition, context: RequestContext): Promise<void>;
}

/** A complete user before it is stored, at version 1 unless it is imported. */
export type NewUser = Required<Pick<User, "created_at" | "updated_at">> & User & { readonly email: string };

/** Identifies an idempotent request for as long as a repetition must return the same user. */
export interface IdempotencyRecord {
  /** The digest of the client's idempotency key. */
  readonly key: string;
  /** The digest of the request's content. */
  readonly fingerprint: string;
  /** The time of the request, in seconds since the Unix epoch. A stored record that expires by then is ignored. */
  readonly created_at: number;
  /** The time from which the record is ignored and may be deleted, in seconds since the Unix epoch. */
  readonly expires_at: number;
}

export interface PageRequest {
  /** The maximum number of users; an integer, 1 or more. */
  readonly limit: number;
  /** The id after which the page starts, whether or not such a user exists. Defaults to the first page. */
  readonly after?: string | undefined;
  /** Restricts the page to users with this status. It may then have fewer users than `limit` although others follow. */
  readonly status?: Status | undefined;
}

export interface Page {
  /** Empty only if no users follow the start, or none of those that the store has examined have the status. */
  readonly users: User[];
  /** The `after` of the next page; `undefined` on the last page. */
  readonly next: string | undefined;
}

export interface Precondition {
  /** Requires the user to be at one of these versions. Without it every version is accepted. */
  readonly ifVersionIn?: readonly number[] | undefined;
}

export interface UpdateOptions extends Precondition {
  /** The time of the update, ISO 8601 in UTC with milliseconds. */
  readonly updated_at: string;
}
