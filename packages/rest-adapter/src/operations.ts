import type { Scope, UniqueFieldName } from "@user-management/domain";
import type { QueryParameters } from "./http/query.ts";
import type { ProblemType } from "./problem-types.ts";
import { LIST_PARAMETERS, VIEW_PARAMETERS } from "./query-parameters.ts";

export type RequestHeader =
  | "Idempotency-Key"
  | "If-Match"
  | "If-None-Match"
  | "If-Modified-Since"
  | "If-Unmodified-Since"
  | "Prefer";

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As in OpenAPI, with the parameter in braces. */
  readonly path: string;
  /** The scope that the caller must have, or `public` for an operation without authentication. */
  readonly scope: Scope | "public";
  /** The scopes that a request with one of these query parameters requires instead. */
  readonly scopesByParameter?: Readonly<Record<string, Scope>>;
  /** The request headers that the operation evaluates. */
  readonly headers?: readonly RequestHeader[];
  /** The query parameters that the operation accepts. */
  readonly query?: QueryParameters;
  /** The schema of the body and its media types, the preferred one first. */
  readonly requestBody?: { readonly schema: "NewUser" | "UserUpdate"; readonly mediaTypes: readonly string[] };
  /** The problem types of the operation, besides {@link COMMON_PROBLEMS}. */
  readonly problems: readonly ProblemType[];
}

/** The problem types of every operation. */
export const COMMON_PROBLEMS = [
  "invalid-query",
  "malformed-request",
  "request-timeout",
  "headers-too-large",
] as const satisfies ProblemType[];

/** The problem types of every operation that is not public. */
export const ACCESS_PROBLEMS = [
  "unauthenticated",
  "insufficient-scope",
  "too-many-requests",
] as const satisfies ProblemType[];

const TAKEN_PROBLEMS = ["email-taken", "external-id-taken"] as const;
const STORE_PROBLEMS = ["internal", "store-unavailable"] as const;
const BODY_PROBLEMS = ["invalid-user", "malformed-body", "payload-too-large", "unsupported-media-type"] as const;

const JSON_TYPE = "application/json";

const UPDATE = {
  path: "/users/{user_id}",
  scope: "users:write",
  headers: ["If-Match", "If-None-Match", "If-Unmodified-Since", "Prefer"],
  problems: ["not-found", ...TAKEN_PROBLEMS, "stale-version", ...BODY_PROBLEMS, ...STORE_PROBLEMS],
} as const;

/** Every operation of the API. Routes, `Allow`, OpenAPI document and Postman collection are derived from this table. */
export const OPERATIONS = {
  createUser: {
    method: "POST",
    path: "/users",
    scope: "users:write",
    headers: ["Idempotency-Key", "Prefer"],
    requestBody: { schema: "NewUser", mediaTypes: [JSON_TYPE] },
    problems: [...TAKEN_PROBLEMS, "idempotency-key-reused", ...BODY_PROBLEMS, ...STORE_PROBLEMS],
  },
  listUsers: {
    method: "GET",
    path: "/users",
    scope: "users:list",
    scopesByParameter: { email: "users:read", external_id: "users:read" } satisfies Record<UniqueFieldName, Scope>,
    query: LIST_PARAMETERS,
    problems: STORE_PROBLEMS,
  },
  getUser: {
    method: "GET",
    path: "/users/{user_id}",
    scope: "users:read",
    headers: ["If-None-Match", "If-Modified-Since"],
    query: VIEW_PARAMETERS,
    problems: ["not-found", ...STORE_PROBLEMS],
  },
  updateUser: { ...UPDATE, method: "PUT", requestBody: { schema: "UserUpdate", mediaTypes: [JSON_TYPE] } },
  patchUser: {
    ...UPDATE,
    method: "PATCH",
    requestBody: { schema: "UserUpdate", mediaTypes: ["application/merge-patch+json", JSON_TYPE] },
  },
  deleteUser: {
    method: "DELETE",
    path: "/users/{user_id}",
    scope: "users:delete",
    headers: ["If-Match", "If-None-Match", "If-Unmodified-Since"],
    problems: ["not-found", "stale-version", ...STORE_PROBLEMS],
  },
  getLiveness: { method: "GET", path: "/healthz", scope: "public", problems: [] },
  getReadiness: { method: "GET", path: "/readyz", scope: "public", problems: ["draining", ...STORE_PROBLEMS] },
  getOpenApi: { method: "GET", path: "/openapi.json", scope: "public", problems: [] },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

/** The operations with their ids, for code that treats all of them alike. */
export const OPERATION_LIST = Object.entries<Operation>(OPERATIONS).map(([id, operation]) => ({
  id: id as OperationId,
  ...operation,
}));

/** Converts an OpenAPI path to the pattern in the router and in log records: `/users/{user_id}` to `/users/:id`. */
export function toPattern(path: string): string {
  return path.replace("{user_id}", ":id");
}
