import createClient from "openapi-fetch";
import { ApiError } from "./api-error.ts";
import { sendWithToken, type AuthorizationHeader } from "./credential.ts";
import type { operations, paths } from "./openapi.ts";
import { hasMessage, hasMessageOrUserId, hasUserId, isPage, requireBody, requireEtag } from "./response.ts";
import { retry } from "./retry.ts";
import { sendRequest } from "./send-request.ts";
import type {
  ListOptions,
  NewUser,
  ReadOptions,
  User,
  UserPage,
  UsersClient,
  UserUpdate,
  UsersClientOptions,
  WriteOptions,
} from "./users-client.ts";
import { parseOptions, requireHeaderValue, requireText, toPathParams, toPreconditionHeader } from "./validation.ts";

type PageQuery = NonNullable<operations["listUsers"]["parameters"]["query"]>;

/** The parts of a request that differ between its attempts. */
interface AttemptInit {
  readonly signal: AbortSignal;
  readonly headers: AuthorizationHeader;
}

const MERGE_PATCH = { "Content-Type": "application/merge-patch+json" };

/**
 * Creates a client. It sends nothing before the first call of a method.
 *
 * @throws TypeError if an option is invalid
 */
export function createUsersClient(options: UsersClientOptions): UsersClient {
  const { baseUrl, headers, token, fetch, retries, timeout } = parseOptions(options);
  const api = createClient<paths>({ baseUrl, headers, fetch: (request) => sendRequest(fetch, request) });

  return {
    async create(user, { idempotencyKey = generateKey(), signal: callerSignal } = {}) {
      const body = copyFields(user);
      const params = { header: { "Idempotency-Key": requireHeaderValue("idempotencyKey", idempotencyKey) } };
      const result = await send((init) => api.POST("/users", { params, body, ...init }), { signal: callerSignal });
      return { user_id: requireBody(result, hasUserId).user_id, etag: requireEtag(result) };
    },

    async get(user_id, { view, ...requestOptions } = {}) {
      const params = { path: toPathParams(user_id), query: omitUndefined({ view }) };
      const result = await send(
        (init) => api.GET("/users/{user_id}", { params, ...init }).catch(ignoreNotFound),
        requestOptions,
      );
      return result && { user: requireBody(result, hasUserId), etag: requireEtag(result) };
    },

    async update(user_id, update, writeOptions = {}) {
      const body = copyFields(update);
      const params = { path: toPathParams(user_id), header: toPreconditionHeader(writeOptions) };
      const result = await send(
        ({ signal, headers: authorization }) =>
          api.PATCH("/users/{user_id}", { params, body, signal, headers: { ...MERGE_PATCH, ...authorization } }),
        writeOptions,
      );
      requireBody(result, hasMessageOrUserId);
      return { etag: requireEtag(result) };
    },

    async delete(user_id, writeOptions = {}) {
      const params = { path: toPathParams(user_id), header: toPreconditionHeader(writeOptions) };
      const result = await send(async (init, retryCount) => {
        const deletion = api.DELETE("/users/{user_id}", { params, ...init });
        return retryCount === 0 ? deletion : deletion.catch(ignoreNotFound);
      }, writeOptions);
      if (result) requireBody(result, hasMessage);
    },

    findByEmail: (email, readOptions) => find("email", email, readOptions),

    findByExternalId: (external_id, readOptions) => find("external_id", external_id, readOptions),

    async *list({ signal, ...pageOptions } = {}) {
      for await (const { users } of pages({ signal, ...pageOptions })) {
        for (const user of users) {
          signal?.throwIfAborted();
          yield user;
        }
      }
    },

    pages,
  };

  /** Retries transient failures, but never a conditional write. */
  function send<Result>(
    attempt: (init: AttemptInit, retryCount: number) => Promise<Result>,
    { signal: callerSignal, ifMatch }: WriteOptions,
  ): Promise<Result> {
    return retry(
      (signal, retryCount) => {
        if (!token) return attempt({ signal, headers: {} }, retryCount);
        return sendWithToken(token, signal, (authorization) => attempt({ signal, headers: authorization }, retryCount));
      },
      { retries: ifMatch === undefined ? retries : 0, timeout, signal: callerSignal },
    );
  }

  async function find(
    parameter: "email" | "external_id",
    value: string,
    { view, signal }: ReadOptions = {},
  ): Promise<User | undefined> {
    const result = await getPage({ [parameter]: requireText(parameter, value), ...omitUndefined({ view }) }, signal);
    return requireBody(result, isPage).users[0];
  }

  async function* pages(listOptions: ListOptions = {}): AsyncGenerator<UserPage, void, undefined> {
    const { pageSize, cursor, status, view, signal } = listOptions;
    if (cursor !== undefined) requireText("cursor", cursor);
    const isRepeated = createCycleDetector(cursor);
    for (let next: string | null | undefined = cursor; next !== null;) {
      const result = await getPage(omitUndefined({ limit: pageSize, status, view, cursor: next }), signal);
      const page = requireBody(result, isPage);
      if (page.next_cursor !== null && isRepeated(page.next_cursor)) {
        const message = "The response has a next_cursor that was already followed.";
        throw new ApiError("unexpected-response", message, { response: result.response });
      }
      yield page;
      next = page.next_cursor;
    }
  }

  function getPage(query: PageQuery, callerSignal: AbortSignal | undefined) {
    return send((init) => api.GET("/users", { params: { query }, ...init }), { signal: callerSignal });
  }
}

/** Returns a copy of the fields, so that every attempt sends the same body even if the caller modifies the object. */
function copyFields<Fields extends NewUser | UserUpdate>(fields: Fields): Fields {
  return fields.metadata ? { ...fields, metadata: { ...fields.metadata } } : { ...fields };
}

/** Returns a query without the parameters that are not set. */
function omitUndefined<Query extends object>(query: Query): Defined<Query> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Defined<Query>;
}

type Defined<Query> = { [Name in keyof Query]?: Exclude<Query[Name], undefined> };

/**
 * Returns a function that receives every cursor in order and returns whether it repeats an earlier one. It stores only
 * two cursors (Brent's algorithm). The previous cursor detects at once a page that leads to itself. A checkpoint, which
 * is replaced after 1, 2, 4, 8 … cursors, detects any longer cycle: for n different cursors, within 3n cursors.
 */
function createCycleDetector(first: string | undefined): (cursor: string) => boolean {
  let previous = first;
  let checkpoint = first;
  let stepsLeft = 1;
  let interval = 1;
  return (cursor) => {
    if (cursor === previous || cursor === checkpoint) return true;
    previous = cursor;
    stepsLeft -= 1;
    if (stepsLeft === 0) {
      checkpoint = cursor;
      interval *= 2;
      stepsLeft = interval;
    }
    return false;
  };
}

/** Returns `undefined` for a `not-found`, and rethrows any other error. */
function ignoreNotFound(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.type !== "not-found") throw error;
}

/** Returns 128 random bits as text. `crypto.randomUUID` is missing on web pages without TLS. */
function generateKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
