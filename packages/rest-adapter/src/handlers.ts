import { hasScope, UserError, type Caller, type UserService } from "@user-management/domain";
import { encodeCursor } from "./cursor.ts";
import { formatEtag, parseIdempotencyKey, prefersRepresentation } from "./http/header-fields.ts";
import { parseJsonObject } from "./http/json-body.ts";
import type { RouteRequest } from "./http/pipeline.ts";
import { createJsonResponse, type PlainResponse } from "./http/response.ts";
import type { OperationId } from "./operations.ts";
import { DEFAULT_PAGE_SIZE, getLookup, type ListQuery, type ViewQuery } from "./query-parameters.ts";
import { createReadinessCheck } from "./readiness.ts";
import {
  isNotModified,
  createRepresentationResponse,
  toPrecondition,
  toRepresentation,
  toValidatorFields,
} from "./representation.ts";

type Handlers<Env> = Readonly<Record<OperationId, (request: RouteRequest, env: Env) => Promise<PlainResponse>>>;

interface HandlerOptions<Env> {
  readonly users: UserService;
  readonly isDraining: () => boolean;
  readonly getBaseUrl: (env: Env) => string | undefined;
}

/** Creates a handler for each operation. A handler translates between HTTP and a use case. */
export function createHandlers<Env>({ users, isDraining, getBaseUrl }: HandlerOptions<Env>): Handlers<Env> {
  const checkReadiness = createReadinessCheck(users, isDraining);
  return {
    async createUser({ headers, body, context }) {
      const idempotencyKey = parseIdempotencyKey(headers.get("idempotency-key"));
      const created = await users.create(parseJsonObject(body), { idempotencyKey }, context);
      const { user_id, replayed } = created;
      const responseHeaders = {
        location: `/users/${user_id}`,
        etag: formatEtag(1),
        ...(replayed && { "idempotent-replayed": "true" }),
      };
      if (returnsRepresentation(headers, context)) {
        const user = replayed ? await users.get(user_id, context) : created.user;
        if (user) return createRepresentationResponse(201, user, responseHeaders);
      }
      return createJsonResponse(201, { message: "User created", user_id }, responseHeaders);
    },

    async listUsers({ query, context }) {
      const { limit = DEFAULT_PAGE_SIZE, cursor, status, view }: ListQuery = query;
      const lookup = getLookup(query);
      if (lookup) {
        const user = await users.findBy(lookup.field, lookup.value, context);
        return createJsonResponse(200, { users: user ? [toRepresentation(user, view)] : [], next_cursor: null });
      }
      const page = await users.list({ limit, after: cursor, status }, context);
      const next_cursor = page.next === undefined ? null : encodeCursor(page.next);
      const link = next_cursor === null ? {} : { link: formatNextLink({ limit, status, view, cursor: next_cursor }) };
      return createJsonResponse(
        200,
        { users: page.users.map((user) => toRepresentation(user, view)), next_cursor },
        link,
      );
    },

    async getUser({ id, headers, query, context }) {
      const { view }: ViewQuery = query;
      const user = await users.get(id, context);
      if (!user) throw new UserError("not-found");
      // RFC 9111 section 5.2.2: only the client may store the response, and it must revalidate it before every use.
      const responseHeaders = { ...toValidatorFields(user), "cache-control": "private, no-cache" };
      return isNotModified(headers, user)
        ? { status: 304, headers: responseHeaders }
        : createJsonResponse(200, toRepresentation(user, view), responseHeaders);
    },

    updateUser: update,
    patchUser: update,

    async deleteUser({ id, headers, context }) {
      const precondition = await toPrecondition(headers, () => users.get(id, context));
      await users.delete(id, precondition, context);
      return createJsonResponse(200, { message: "User deleted" });
    },

    getLiveness: async () => createJsonResponse(200, { status: "ok" }),

    async getReadiness({ context }) {
      await checkReadiness(context);
      return createJsonResponse(200, { status: "ok" });
    },

    async getOpenApi({ headers }, env) {
      // The document is loaded on the first request for it, so that it does not delay the start of a function.
      const { default: document } = await import("./openapi.json", { with: { type: "json" } });
      // A browser resolves the relative URL, which is correct behind any proxy.
      const url = headers.has("sec-fetch-site") ? undefined : getBaseUrl(env);
      if (url === undefined) return createJsonResponse(200, document);
      // Many generators do not resolve a relative URL, and use the first server as the default.
      const servers = [{ url, description: document.servers[0]!.description }, ...document.servers];
      return createJsonResponse(200, { ...document, servers });
    },
  };

  async function update({ id, headers, body, context }: RouteRequest): Promise<PlainResponse> {
    const fields = parseJsonObject(body);
    const precondition = await toPrecondition(headers, () => users.get(id, context));
    const user = await users.update(id, fields, precondition, context);
    return returnsRepresentation(headers, context)
      ? createRepresentationResponse(200, user)
      : createJsonResponse(200, { message: "User updated" }, { etag: formatEtag(user.version) });
  }
}

/** Ignores the preference of a caller that may not read users. */
function returnsRepresentation(headers: Headers, { caller }: { readonly caller: Caller }): boolean {
  return prefersRepresentation(headers.get("prefer")) && hasScope(caller, "users:read");
}

/** Formats the link to the next page (RFC 8288), which has the parameters of this page and another cursor. */
function formatNextLink(query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return `</users?${pairs.join("&")}>; rel="next"`;
}
