/**
 * The entity tag of an answer, for `If-Match`. Those of this API are strong: a `W/` is of a proxy that compresses, and
 * with it a tag would never match again (RFC 9110 section 13.1.1).
 */
export function entityTagOf(response: Response): string | undefined {
  return response.headers.get("etag")?.replace(/^W\//, "");
}
