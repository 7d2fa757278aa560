import { ApiError, readEtag } from "./api-error.ts";

/** A result of openapi-fetch. */
interface Result<Body> {
  readonly data?: Body | undefined;
  readonly response: Response;
}

/** The members by which this client recognizes the bodies of this API. */
type Members = { readonly [Name in "user_id" | "message" | "users" | "next_cursor"]?: unknown };

export const hasUserId = ({ user_id }: Members): boolean => typeof user_id === "string";

export const hasMessage = ({ message }: Members): boolean => typeof message === "string";

/** With `Prefer: return=representation` among the client's headers, a write returns the user. */
export const hasMessageOrUserId = (body: Members): boolean => hasMessage(body) || hasUserId(body);

export const isPage = ({ users, next_cursor }: Members): boolean =>
  Array.isArray(users) && (next_cursor === null || typeof next_cursor === "string");

/** @throws ApiError `unexpected-response` if the body is not valid */
export function requireBody<Body extends Members>(
  { data, response }: Result<Body>,
  isValid: (body: Members) => boolean,
): Body {
  if (data && isValid(data)) return data;
  throw new ApiError("unexpected-response", "The response body is not one of this API.", { response });
}

/** @throws ApiError `unexpected-response` if there is no entity tag */
export function requireEtag({ response }: Result<object>): string {
  const etag = readEtag(response);
  if (etag !== undefined) return etag;
  throw new ApiError("unexpected-response", "The response has no ETag.", { response });
}
