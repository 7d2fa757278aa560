import type { User } from "./user.ts";
import type { UserChange } from "./user-fields.ts";

/**
 * The port: where users are kept. What only storage can promise is promised here; every rule about a user's fields
 * is kept before a repository is called.
 *
 * Every method may throw {@link UserError} `unavailable`, and does so within 5 seconds rather than hang. After an
 * `unavailable` a write may or may not have happened. What resolves is stored to stay. Returned objects are the
 * caller's own. {@link describeUserRepository} in `./testing` shows every promise.
 */
export interface UserRepository {
  /**
   * Stores a new user and, in the same atomic step, the record of its idempotency key if there is one.
   *
   * @returns the id of the user who is stored: the given one, or the one whom the same key and fingerprint have
   *   stored before, in which case nothing is written, whatever has become of that user
   * @throws UserError `email-taken`: another user has the address; no record is kept
   * @throws UserError `idempotency-key-reused`: the key is remembered with another fingerprint
   */
  insert(user: NewUser, once?: Once): Promise<string>;

  /** The user with this id, or `undefined`. Any string may be asked for. Sees every write that has resolved. */
  find(id: string): Promise<User | undefined>;

  /** The user with this address in any case, or `undefined`. Sees every write that has resolved. */
  findByEmail(email: string): Promise<User | undefined>;

  /**
   * Up to `limit` users, in an order of the store's own that never changes. Pages that start each after the one
   * before cover every user who exists throughout exactly once.
   */
  list(page: PageRequest): Promise<Page>;

  /**
   * Changes the fields in `change`, removes those that are `null`, and leaves all others as they are in the store at
   * that moment, so that concurrent changes merge. A change of email frees the old address and claims the new one in
   * the same atomic step.
   *
   * @returns the user as stored by this change, its version raised by one
   * @throws UserError `not-found`: no such user; one that was removed never comes back
   * @throws UserError `stale-version`: the user is at none of the versions required
   * @throws UserError `email-taken`: another user has the new address
   */
  update(id: string, change: UserChange, options: UpdateOptions): Promise<User>;

  /**
   * Removes the user and frees the address in one atomic step.
   *
   * @throws UserError `not-found`: no such user
   * @throws UserError `stale-version`: the user is at none of the versions required
   */
  remove(id: string, options?: Precondition): Promise<void>;
}

/** A user that is about to be stored: complete, at version 1. */
export type NewUser = Required<Pick<User, "created_at" | "updated_at">> & User & { readonly email: string };

/** What is remembered of an idempotent request. */
export interface Once {
  /** The client's key, digested. */
  readonly key: string;
  /** The request's content, digested. */
  readonly fingerprint: string;
  /** When the request is made, in seconds since 1970: a record that has expired by then counts for nothing. */
  readonly created_at: number;
  /** Until when the record counts, in seconds since 1970. The store may forget it afterwards. */
  readonly expires_at: number;
}

export interface PageRequest {
  /** How many users at most; a whole number, 1 or more. */
  readonly limit: number;
  /** Start behind the user with this id, whether or not there still is one. */
  readonly after?: string | undefined;
}

export interface Page {
  /** Empty only when there are no users behind the start. */
  readonly users: User[];
  /** Where the next page starts; `undefined` when there were no more users. */
  readonly next: string | undefined;
}

export interface Precondition {
  /** Act only if the user is at one of these versions; without it, whatever the version. */
  readonly ifVersion?: readonly number[] | undefined;
}

export interface UpdateOptions extends Precondition {
  /** When the change is made, ISO 8601 in UTC with milliseconds. */
  readonly updated_at: string;
}
