import type { RequestContext } from "../request-context.ts";
import type { ApiKeyRecord } from "./api-key.ts";

/**
 * The port to the store of API keys. Revoked and expired keys stay stored.
 *
 * Every method throws {@link UserError} `unavailable` if the store is unavailable or the signal of the context aborts,
 * as the methods of {@link UserRepository} do. A write that resolves is durable. Returned objects belong to the caller.
 * `describeApiKeyRepository` in `./testing` verifies every guarantee.
 */
export interface ApiKeyRepository {
  /** Stores a new key. An insert of a stored key, such as a retry after a lost response, changes nothing. */
  insert(key: ApiKeyRecord, context: RequestContext): Promise<void>;

  /** Returns every key in the order of creation, then of the ids. Sees every resolved write. */
  list(context: RequestContext): Promise<ApiKeyRecord[]>;

  /**
   * Revokes a key and returns it as stored. A key that is already revoked keeps the time of that.
   *
   * @param revoked_at ISO 8601 in UTC with milliseconds
   * @throws UserError `not-found`: no such key
   */
  revoke(id: string, revoked_at: string, context: RequestContext): Promise<ApiKeyRecord>;

  /**
   * Sets the expiry of a key, unless the key expires earlier, and returns the key as stored.
   *
   * @param expires_at ISO 8601 in UTC with milliseconds
   * @throws UserError `not-found`: no such key
   */
  limitExpiry(id: string, expires_at: string, context: RequestContext): Promise<ApiKeyRecord>;

  /**
   * Records that a key was used, unless a later use is recorded. Nothing happens if there is no such key.
   *
   * @param last_used_at ISO 8601 in UTC with milliseconds
   */
  recordUse(id: string, last_used_at: string, context: RequestContext): Promise<void>;

  /** Deletes a key. Nothing happens if there is no such key. */
  delete(id: string, context: RequestContext): Promise<void>;
}
