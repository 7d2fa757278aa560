import { STATUSES } from "@user-management/domain";
import type { Operation, RequestHeader } from "../src/operations.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, VIEWS, type ListQuery } from "../src/query-parameters.ts";
import { EXAMPLE_ID } from "./examples.ts";

export type ParameterName = "user_id" | keyof ListQuery | RequestHeader | "X-Request-Id";

interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly required?: true;
  readonly description: string;
  readonly schema: object;
  readonly example?: string;
}

const string = { type: "string" };

/** The parameters of requests. Only a required one has an example, because API explorers send its value. */
export const PARAMETERS = {
  user_id: {
    in: "path",
    required: true,
    description: "The id of the user: a UUID in lower case; legacy data may have other ids.",
    schema: { type: "string", minLength: 1 },
    example: EXAMPLE_ID,
  },
  limit: {
    in: "query",
    description: "The maximum number of users in the page.",
    schema: { type: "integer", minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE },
  },
  cursor: {
    in: "query",
    description: "The `next_cursor` of the previous page. Defaults to the first page. A cursor does not expire.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_-]+$", maxLength: 8192 },
  },
  email: {
    in: "query",
    description:
      "Returns the one user with this email, compared case-insensitively, or none. It contains an `@`. Excludes " +
      "`cursor`, `status` and `external_id`.",
    schema: { type: "string", pattern: ".@." },
  },
  external_id: {
    in: "query",
    description:
      "Returns the one user with this external id, compared case-sensitively, or none. Excludes `cursor`, `status` and " +
      "`email`.",
    schema: { type: "string", minLength: 1 },
  },
  status: {
    in: "query",
    description:
      "Restricts the list to users with this status. A page may then have fewer users than `limit`, or none, although " +
      "`next_cursor` is not `null`.",
    schema: { type: "string", enum: STATUSES },
  },
  view: {
    in: "query",
    description:
      "`full` adds `version`, `created_at` and `updated_at`, unless the user is legacy data without them, and `status` " +
      "even if it is `active`.",
    schema: { type: "string", enum: VIEWS, default: VIEWS[0] },
  },
  "Idempotency-Key": {
    in: "header",
    description:
      "Makes a retry safe for 24 hours: requests with the same key and the same body create one user. " +
      "1 to 255 printable ASCII characters, bare or in double quotes.",
    schema: {
      type: "string",
      pattern: String.raw`^(?:[\x20\x21\x23-\x7e][\x20-\x7e]{0,254}|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255}")$`,
    },
  },
  "If-Match": {
    in: "header",
    description: "Requires the `ETag` of the user to be one of these, or any for `*`. Otherwise the response is 412.",
    schema: string,
  },
  "If-None-Match": {
    in: "header",
    description:
      "Requires the `ETag` of the user to be none of these. Otherwise the response to a read is 304, to a write 412.",
    schema: string,
  },
  "If-Modified-Since": {
    in: "header",
    description:
      "Requires an update at or after this HTTP-date. Otherwise the response is 304. Ignored beside `If-None-Match`.",
    schema: string,
  },
  "If-Unmodified-Since": {
    in: "header",
    description:
      "Requires the last update to be before this HTTP-date. Otherwise the response is 412. Ignored beside `If-Match`.",
    schema: string,
  },
  Prefer: {
    in: "header",
    description:
      "With `return=representation` the body of the response is the user (RFC 7240). Ignored if the caller does not " +
      "have the scope `users:read`.",
    schema: string,
  },
  "X-Request-Id": {
    in: "header",
    description:
      "An id for this request. It is echoed if it has 1 to 128 letters, digits, dots, hyphens or underscores.",
    schema: { type: "string", pattern: "^[A-Za-z0-9._-]{1,128}$" },
  },
} as const satisfies Record<ParameterName, Parameter>;

/** Returns the names of the parameters of an operation. */
export function listParameters({ path, query = {}, headers = [] }: Operation): ParameterName[] {
  const pathParameters = path.includes("{user_id}") ? (["user_id"] as const) : [];
  return [...pathParameters, ...(Object.keys(query) as ParameterName[]), ...headers, "X-Request-Id"];
}
