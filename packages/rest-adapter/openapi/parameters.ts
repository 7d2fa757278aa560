import { DEFAULT_LIMIT, listParameters } from "../src/user-routes.ts";
import { exampleId } from "./users.ts";

const string = { type: "string" };

/** Only what has to be given has an example: a page to try the API would send it otherwise. */
export const parameters = {
  UserId: {
    name: "user_id",
    in: "path",
    required: true,
    description: "The user's id: a UUID in lower case, or whatever id data from elsewhere has.",
    schema: { type: "string", minLength: 1 },
    example: exampleId,
  },
  Limit: {
    name: "limit",
    in: "query",
    description: `How many users at most: ${listParameters.limit.detail}.`,
    schema: { type: "integer", minimum: 1, maximum: 100, default: DEFAULT_LIMIT },
  },
  Cursor: {
    name: "cursor",
    in: "query",
    description: "The `next_cursor` of the page before; without it the list begins. It may be used again at any time.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_-]+$", maxLength: 8192 },
  },
  Email: {
    name: "email",
    in: "query",
    description: "Answers the one user with this address, in any case, or none. It does not go with `cursor`.",
    schema: { type: "string", minLength: 1 },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Makes a repeat safe for 24 hours: the same key with the same body creates one user, however often it is sent. " +
      "1 to 255 printable ASCII characters, as they are or in double quotes.",
    schema: {
      type: "string",
      pattern: String.raw`^(?:[\x20\x21\x23-\x7e][\x20-\x7e]{0,254}|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255}")$`,
    },
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    description: "Only if the user's `ETag` is one of these, or `*`; otherwise the answer is 412.",
    schema: string,
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description:
      "The `ETag` of the user that the client has. If it still is that, a read is answered 304, and a write 412.",
    schema: string,
  },
  IfModifiedSince: {
    name: "If-Modified-Since",
    in: "header",
    description: "The `Last-Modified` of the user that the client has, where it has no `ETag`.",
    schema: string,
  },
  IfUnmodifiedSince: {
    name: "If-Unmodified-Since",
    in: "header",
    description: "Only if the user was not changed after this HTTP-date; otherwise the answer is 412.",
    schema: string,
  },
  Prefer: {
    name: "Prefer",
    in: "header",
    description: "`return=representation` makes the body of the answer the user (RFC 7240).",
    schema: string,
  },
  RequestId: {
    name: "X-Request-Id",
    in: "header",
    description: "An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores.",
    schema: { type: "string", pattern: "^[A-Za-z0-9._-]{1,128}$" },
  },
};

export type ParameterName = keyof typeof parameters;

export function parameterRefs(names: readonly ParameterName[]): object[] {
  return [...names, "RequestId" as const].map((name) => ({ $ref: `#/components/parameters/${name}` }));
}
