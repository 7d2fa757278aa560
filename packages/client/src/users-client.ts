import createClient from "openapi-fetch";
import { ApiError } from "./api-error.ts";
import { headerOf, pathOf, preconditionOf, textOf } from "./arguments.ts";
import { entityTagOf } from "./entity-tag.ts";
import { exchange } from "./exchange.ts";
import type { components, operations, paths } from "./openapi.ts";
import { checked, type UsersClientOptions } from "./options.ts";
import { retry, type Attempt } from "./retry.ts";

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
 * The users. Every method throws TypeError, before it sends anything, for an argument that cannot be, and
 * {@link ApiError} when it cannot do what it says.
 *
 * A request that fails for what may pass (no answer, or none in time, or a 502, 503 or 504) is repeated where that is
 * safe. Nobody knows then whether a write was done: the store may have failed in the middle of the commit, the answer
 * may be what was lost. Reads change nothing. A create has its key. A change without `ifMatch` leaves the same state
 * however often it is done, and so does a delete (RFC 9110 section 9.2.2); but the repeat may overwrite what another
 * client has written in between: who minds gives `ifMatch`. After a repeat `not-found` and `email-taken` do not say
 * that nothing was done: an attempt before may have been, and what another client did after it. With `ifMatch` the
 * repeat of a write that was done would meet its own change and call it another's: such a write is never repeated.
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
export function createUsersClient(clientOptions: UsersClientOptions): UsersClient {
  const { baseUrl, headers, fetch, ...patience } = checked(clientOptions);
  const api = createClient<paths>({ baseUrl, headers, fetch: (request) => exchange(fetch, request) });

  return {
    async create(user, { idempotencyKey = newKey(), signal } = {}) {
      const body = { ...user }; // The same in every attempt, whatever becomes of the caller's.
      const params = { header: { "Idempotency-Key": headerOf("idempotencyKey", idempotencyKey) } };
      const answer = await send((ending) => api.POST("/users", { params, body, signal: ending }), { signal });
      return { user_id: bodyOf(answer, hasId).user_id, etag: etagOf(answer) };
    },

    async get(user_id, options = {}) {
      const params = { path: pathOf(user_id) };
      const answer = await send(
        (ending) => api.GET("/users/{user_id}", { params, signal: ending }).catch(absent),
        options,
      );
      return answer && { user: bodyOf(answer, hasId), etag: etagOf(answer) };
    },

    async update(user_id, change, options = {}) {
      const body = { ...change };
      const params = { path: pathOf(user_id), header: preconditionOf(options) };
      const answer = await send(
        (ending) => api.PATCH("/users/{user_id}", { params, body, headers: MERGE_PATCH, signal: ending }),
        options,
      );
      bodyOf(answer, isUpdate);
      return { etag: etagOf(answer) };
    },

    async delete(user_id, options = {}) {
      const params = { path: pathOf(user_id), header: preconditionOf(options) };
      const answer = await send(async (ending, earlier) => {
        const deleted = api.DELETE("/users/{user_id}", { params, signal: ending });
        return earlier === 0 ? deleted : deleted.catch(absent);
      }, options);
      if (answer) bodyOf(answer, hasMessage);
    },

    async findByEmail(email, { signal } = {}) {
      const { users } = await page({ email: textOf("email", email) }, signal);
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
  function send<Result>(attempt: Attempt<Result>, { signal, ifMatch }: WriteOptions): Promise<Result> {
    return retry(attempt, { ...patience, signal, ...(ifMatch !== undefined && { retries: 0 }) });
  }

  async function* pages({ pageSize, cursor, signal }: ListOptions = {}): AsyncGenerator<UserPage, void, undefined> {
    if (cursor !== undefined) textOf("cursor", cursor);
    for (let next: string | null | undefined = cursor; next !== null;) {
      const query = { ...(pageSize !== undefined && { limit: pageSize }), ...(next !== undefined && { cursor: next }) };
      const found = await page(query, signal);
      yield found;
      next = found.next_cursor;
    }
  }

  async function page(query: PageQuery, signal: AbortSignal | undefined): Promise<UserPage> {
    return bodyOf(await send((ending) => api.GET("/users", { params: { query }, signal: ending }), { signal }), isPage);
  }
}

type PageQuery = NonNullable<operations["listUsers"]["parameters"]["query"]>;

const MERGE_PATCH = { "Content-Type": "application/merge-patch+json" };

/** The members that tell whether a body is one of the API's. */
type Members = { readonly [Name in "user_id" | "message" | "users" | "next_cursor"]?: unknown };

const hasId = ({ user_id }: Members) => typeof user_id === "string";
const hasMessage = ({ message }: Members) => typeof message === "string";
/** With a client's `Prefer: return=representation` it is the user. */
const isUpdate = (body: Members) => hasMessage(body) || hasId(body);
const isPage = ({ users, next_cursor }: Members) =>
  Array.isArray(users) && (next_cursor === null || typeof next_cursor === "string");

interface Answer<Body> {
  readonly data?: Body | undefined;
  readonly response: Response;
}

function bodyOf<Body extends Members>({ data, response }: Answer<Body>, isOurs: (body: Members) => boolean): Body {
  if (data && isOurs(data)) return data;
  throw new ApiError("unexpected-answer", "The answer has another body than this API gives", { response });
}

function etagOf({ response }: Answer<object>): string {
  const etag = entityTagOf(response);
  if (etag !== undefined) return etag;
  throw new ApiError("unexpected-answer", "The answer has no ETag, which this API always gives", { response });
}

/** Nobody is there: no answer is to be had. */
function absent(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.type !== "not-found") throw error;
}

/** A key that nobody has had: 128 random bits. (`randomUUID` is not there on a page without TLS.) */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
