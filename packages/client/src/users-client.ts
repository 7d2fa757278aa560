import createClient from "openapi-fetch";
import { ApiError } from "./api-error.ts";
import { exchange } from "./exchange.ts";
import type { components, operations, paths } from "./openapi.ts";
import { checked, type UsersClientOptions } from "./options.ts";
import { hadNoEffect, isTransient, retry, type Attempt } from "./retry.ts";

export type User = components["schemas"]["User"];
export type NewUser = components["schemas"]["NewUser"];
export type UserChange = components["schemas"]["UserChange"];
export type UserPage = components["schemas"]["UserPage"];

export interface RequestOptions {
  /** Ends the request, its repeats and the waits between them: the promise rejects at once with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface CreateOptions extends RequestOptions {
  /** Under one key one user is created, however often that is asked for within 24 hours; a new key unless told. */
  readonly idempotencyKey?: string | undefined;
}

export interface WriteOptions extends RequestOptions {
  /** An `etag`: do it only if the user has not changed since. */
  readonly ifMatch?: string;
}

export interface ListOptions extends RequestOptions {
  /** How many users are asked for at a time, 1 to 100; the service's 50 unless told. */
  readonly pageSize?: number | undefined;
  /** The `next_cursor` of a page, to begin behind it. */
  readonly cursor?: string | undefined;
}

/**
 * The users. Every method throws {@link ApiError} when it cannot do what it says.
 *
 * A request that fails for what may pass (no answer, or none in time, or a 502, 503 or 504) is repeated where that is
 * safe. Nobody knows then whether a write was done: the store may have failed in the middle of the commit, the answer
 * may be what was lost. Reads change nothing. A create has its key. A change without `ifMatch` leaves the same state
 * however often it is done, and so does a delete. But with `ifMatch` the repeat of a write that was done would meet
 * its own change and call it another's: such a write is repeated only after `draining`, with which the service says
 * that it has not begun, and any other error is the caller's to judge.
 *
 * Browsers, Deno and Bun repeat a request by themselves when a connection that they had breaks, which no caller of
 * `fetch` can see or forbid. There a `stale-version`, or the `not-found` of a delete, may be of the request's own doing.
 */
export interface UsersClient {
  /** @throws ApiError `invalid-user`, `email-taken`, `idempotency-key-reused` */
  create(user: NewUser, options?: CreateOptions): Promise<{ user_id: string; etag: string }>;
  /** The user with this id, with the entity tag to change it by; `undefined` when there is none. */
  get(user_id: string, options?: RequestOptions): Promise<{ user: User; etag: string } | undefined>;
  /**
   * Changes the fields that are given and no others; `null` removes `firstname`.
   *
   * @throws ApiError `invalid-user`, `not-found`, `stale-version`, `email-taken`
   */
  update(user_id: string, change: UserChange, options?: WriteOptions): Promise<{ etag: string }>;
  /**
   * Deletes the user. When an attempt may have done it, and the next one finds nobody, it is done.
   *
   * @throws ApiError `not-found`, `stale-version`
   */
  delete(user_id: string, options?: WriteOptions): Promise<void>;
  /** The user with this address in any case, or `undefined`. */
  findByEmail(email: string, options?: RequestOptions): Promise<User | undefined>;
  /** All users, asked for page by page while the loop goes on. Who exists throughout comes exactly once. */
  list(options?: ListOptions): AsyncGenerator<User, void, undefined>;
  /** All users, page by page. */
  pages(options?: ListOptions): AsyncGenerator<UserPage, void, undefined>;
}

/** @throws TypeError when an option cannot be */
export function createUsersClient(options: UsersClientOptions): UsersClient {
  const { baseUrl, headers, fetch, ...patience } = checked(options);
  const api = createClient<paths>({ baseUrl, headers, fetch: (request) => exchange(fetch, request) });

  return {
    async create(user, { idempotencyKey = newKey(), signal } = {}) {
      const body = { ...user }; // The same in every attempt, whatever becomes of the caller's.
      const params = { header: { "Idempotency-Key": idempotencyKey } };
      const answer = await send((ending) => api.POST("/users", { params, body, signal: ending }), signal);
      return { user_id: bodyOf(answer, "user_id").user_id, etag: etagOf(answer) };
    },

    async get(user_id, { signal } = {}) {
      const params = { path: pathOf(user_id) };
      const answer = await send(
        (ending) => api.GET("/users/{user_id}", { params, signal: ending }).catch(absent),
        signal,
      );
      return answer && { user: bodyOf(answer, "user_id"), etag: etagOf(answer) };
    },

    async update(user_id, change, { ifMatch, signal } = {}) {
      const body = { ...change };
      const params = { path: pathOf(user_id), header: preconditionOf(ifMatch) };
      const answer = await send(
        (ending) => api.PATCH("/users/{user_id}", { params, body, headers: MERGE_PATCH, signal: ending }),
        signal,
        ifMatch,
      );
      bodyOf(answer, "message");
      return { etag: etagOf(answer) };
    },

    async delete(user_id, { ifMatch, signal } = {}) {
      const params = { path: pathOf(user_id), header: preconditionOf(ifMatch) };
      const answer = await send(
        async (ending, earlier) => {
          const deleted = api.DELETE("/users/{user_id}", { params, signal: ending });
          return earlier.every(hadNoEffect) ? deleted : deleted.catch(absent);
        },
        signal,
        ifMatch,
      );
      if (answer) bodyOf(answer, "message");
    },

    async findByEmail(email, { signal } = {}) {
      const { users } = await page({ email }, signal);
      return users[0];
    },

    async *list({ signal, ...others } = {}) {
      for await (const { users } of pages({ signal, ...others })) {
        for (const user of users) {
          signal?.throwIfAborted();
          yield user;
        }
      }
    },

    pages,
  };

  /** Sends a request as often as is safe. */
  function send<Result>(attempt: Attempt<Result>, signal?: AbortSignal, ifMatch?: string): Promise<Result> {
    return retry(attempt, { ...patience, signal, mayRepeat: ifMatch === undefined ? isTransient : hadNoEffect });
  }

  async function* pages({ pageSize, cursor, signal }: ListOptions = {}): AsyncGenerator<UserPage, void, undefined> {
    for (let next: string | null | undefined = cursor; next !== null;) {
      const query = { ...(pageSize !== undefined && { limit: pageSize }), ...(next !== undefined && { cursor: next }) };
      const found = await page(query, signal);
      yield found;
      next = found.next_cursor;
    }
  }

  async function page(query: PageQuery, signal: AbortSignal | undefined): Promise<UserPage> {
    return bodyOf(await send((ending) => api.GET("/users", { params: { query }, signal: ending }), signal), "users");
  }
}

type PageQuery = NonNullable<operations["listUsers"]["parameters"]["query"]>;

const MERGE_PATCH = { "Content-Type": "application/merge-patch+json" };

interface Answer<Body> {
  readonly data?: Body | undefined;
  readonly response: Response;
}

/** The body of an answer, which has this member if it is the API's. */
function bodyOf<Body extends object>({ data, response }: Answer<Body>, member: string): Body {
  if (data && member in data) return data;
  throw new ApiError("unexpected-answer", `The answer has no ${member}, which this API always gives`, { response });
}

function etagOf({ response }: Answer<object>): string {
  const etag = response.headers.get("etag");
  if (etag !== null) return etag;
  throw new ApiError("unexpected-answer", "The answer has no ETag, which this API always gives", { response });
}

/** Nobody is there: no answer is to be had. */
function absent(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.type !== "not-found") throw error;
}

/** @throws TypeError for what cannot be a segment of a path: it would be another path */
function pathOf(user_id: string): { user_id: string } {
  if (["", ".", ".."].includes(user_id)) throw new TypeError(`"${user_id}" cannot be the id of a user`);
  return { user_id };
}

function preconditionOf(ifMatch: string | undefined): { "If-Match"?: string } {
  return ifMatch === undefined ? {} : { "If-Match": ifMatch };
}

/** A key that nobody has had: 128 random bits. (`randomUUID` is not there on a page without TLS.) */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
