import type { components } from "./openapi.ts";

/** A user. `version`, `created_at` and `updated_at` belong to the full {@link View}. */
export type User = components["schemas"]["User"];
export type NewUser = components["schemas"]["NewUser"];
export type UserUpdate = components["schemas"]["UserUpdate"];
export type UserPage = components["schemas"]["UserPage"];
export type Status = components["parameters"]["status"];
/** `full` also returns the version, the timestamps and the status of an active user. */
export type View = components["parameters"]["view"];

/**
 * Sends a request as the platform's `fetch` does. It must not follow redirections, which would send the request and its
 * credentials elsewhere: `init.redirect` is `"manual"`. The `body` of the response is a web stream; where the platform
 * has no streams (React Native) it is absent, and the length of the response is not limited.
 */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface ConnectionOptions {
  /**
   * The URL of the API, such as `https://api.example.com/prod/`: http or https, without credentials, query and fragment.
   * On a web page it may be relative to the page. If its path is incorrect, the service responds with `not-found`, and
   * `get` returns `undefined`.
   *
   * With `apiKey`, `token` or an `Authorization` header, it must be https, or http to `localhost`, 127.0.0.0/8 or
   * `[::1]`, because a network without TLS reveals the credential. If the network itself encrypts, as a service mesh
   * does, a custom `fetch` can add the header.
   */
  readonly baseUrl: string | URL;
  /**
   * Headers of every request. An `Authorization` header is for the other schemes of a gateway, and excludes `apiKey` and
   * `token`.
   */
  readonly headers?: Record<string, string>;
  /** Defaults to the platform's `fetch`. */
  readonly fetch?: Fetch;
  /** The maximum number of retries of a request that is safe to retry. Defaults to 3. */
  readonly retries?: number;
  /** The timeout of one attempt, until its response has been read in full, in milliseconds. Defaults to 10,000. */
  readonly timeout?: number;
}

/** The credential of the client, sent as `Authorization: Bearer …`; by default there is none. */
type CredentialOptions =
  | {
      /** An API key of the service. */
      readonly apiKey?: string | undefined;
      readonly token?: undefined;
    }
  | {
      readonly apiKey?: undefined;
      /**
       * Returns an access token. It is called for every attempt, and concurrently for concurrent requests, so it should
       * cache the token until shortly before it expires. After a response with status code 401 it is called once more:
       * if it returns another value, the request is sent again within the same attempt. Its duration counts towards
       * `timeout`. If it rejects, the method rejects with the same error and without a retry.
       */
      readonly token?: (() => Promise<string>) | undefined;
    };

export type UsersClientOptions = ConnectionOptions & CredentialOptions;

export interface RequestOptions {
  /** Aborts the request, its retries and the waits between them: the promise rejects at once with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface CreateOptions extends RequestOptions {
  /**
   * 1 to 255 printable ASCII characters. Calls with one key and one user within 24 hours create one user. Defaults to a
   * random key for each call.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface WriteOptions extends RequestOptions {
  /** The `etag` of the user: the write is applied only if the user still has it. */
  readonly ifMatch?: string;
}

export interface ReadOptions extends RequestOptions {
  /** Defaults to `basic`. */
  readonly view?: View | undefined;
}

export interface ListOptions extends ReadOptions {
  /** Restricts the iteration to users with this status. A page may then be empty although others follow. */
  readonly status?: Status | undefined;
  /** The maximum number of users in a page, 1 to 100. Defaults to the service's 50. */
  readonly pageSize?: number | undefined;
  /** The `next_cursor` of a page, to continue after that page. Defaults to the first page. */
  readonly cursor?: string | undefined;
}

/**
 * A client of the user management API. Its methods reject with
 *
 * - a `TypeError` for an invalid argument, before a request is sent;
 * - an {@link ApiError}: each method lists the types that are specific to it;
 * - the error of `token`, or a `TypeError` if its result cannot be a bearer credential;
 * - the reason of the signal, once it has aborted.
 *
 * A request that receives no complete response in time, or a response with status code 502, 503 or 504, is retried if
 * that is safe, because a write that failed in this way may have been applied:
 *
 * - Reads are retried.
 * - `create` is retried with its idempotency key.
 * - `update` and `delete` are retried without `ifMatch`, because they are idempotent (RFC 9110 section 9.2.2). A retry
 *   may overwrite what another client wrote after the first attempt; `ifMatch` prevents that.
 * - `update` and `delete` with `ifMatch` are never retried: if the first attempt was applied, it changed the version,
 *   and the second one would fail with `stale-version`.
 *
 * A response with status code 401 means that nothing was applied. Every request, with `ifMatch` too, is then sent once
 * more if a new call of `token` returns another value; `retries` does not limit this. `insufficient-scope` and
 * `too-many-requests` are never retried.
 *
 * After a retry, `not-found`, `email-taken` and `external-id-taken` do not prove that nothing was applied: the first
 * attempt may have been applied, and another client may then have deleted the user or taken the value.
 *
 * Browsers, Deno and Bun resend a request on their own if a reused connection breaks, which a caller of `fetch` can
 * neither detect nor prevent. On these platforms, the first copy of a request may be applied and the second one may then
 * fail with `stale-version` or, for a delete, with `not-found`.
 */
export interface UsersClient {
  /**
   * Creates a user and returns its id and entity tag.
   *
   * @throws ApiError `invalid-user`, `email-taken`, `external-id-taken`, `idempotency-key-reused` for a key used with
   *   another user
   */
  create(user: NewUser, options?: CreateOptions): Promise<{ user_id: string; etag: string }>;
  /** Returns the user with this id and its entity tag, or `undefined`. */
  get(user_id: string, options?: ReadOptions): Promise<{ user: User; etag: string } | undefined>;
  /**
   * Updates the given fields and the given members of `metadata`, leaves the others unchanged, and returns the new entity
   * tag. `null` removes a member, or a field that is optional.
   *
   * @throws ApiError `invalid-user`, `not-found`, `stale-version`, `email-taken`, `external-id-taken`
   */
  update(user_id: string, update: UserUpdate, options?: WriteOptions): Promise<{ etag: string }>;
  /**
   * Deletes the user. Also resolves if a retry finds no user, because an earlier attempt may have deleted it.
   *
   * @throws ApiError `not-found`, `stale-version`
   */
  delete(user_id: string, options?: WriteOptions): Promise<void>;
  /** Returns the user with this email, compared case-insensitively, or `undefined`. */
  findByEmail(email: string, options?: ReadOptions): Promise<User | undefined>;
  /** Returns the user with this external id, compared case-sensitively, or `undefined`. */
  findByExternalId(external_id: string, options?: ReadOptions): Promise<User | undefined>;
  /**
   * Iterates over all users, or those with a status, and requests a page when the iteration reaches it. Every user that exists throughout the
   * iteration is yielded exactly once. If the pages form a cycle, the iteration ends with `unexpected-response`: for n
   * different pages, after at most 3n requests.
   *
   * @throws ApiError `invalid-query` for an invalid `pageSize`, `cursor`, `status` or `view`
   */
  list(options?: ListOptions): AsyncGenerator<User, void, undefined>;
  /** Iterates as {@link UsersClient.list} does, page by page. */
  pages(options?: ListOptions): AsyncGenerator<UserPage, void, undefined>;
}
