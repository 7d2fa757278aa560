const string = { type: "string" };

const RELATIVE = "a path below the server's URL, without the stage or prefix that it may have";

/** What the headers of answers mean. */
export const responseHeaders = {
  "X-Request-Id": {
    required: true,
    description: "The request's own, or a new one: the log knows the request by it.",
    schema: string,
  },
  ETag: {
    required: true,
    description: "Changes with every stored change of the user. For `If-Match` and `If-None-Match`.",
    schema: string,
    example: '"1"',
  },
  "Last-Modified": {
    description: "When the user was last changed; absent where that was not recorded.",
    schema: string,
  },
  Location: {
    required: true,
    description: `Where the user is: ${RELATIVE}.`,
    schema: { type: "string", format: "uri-reference" },
  },
  "Content-Location": {
    description: `Where the user of this body is: ${RELATIVE}.`,
    schema: { type: "string", format: "uri-reference" },
  },
  Link: {
    description: `The next page, \`rel="next"\`, when there is one (RFC 8288): ${RELATIVE}.`,
    schema: string,
  },
  "Idempotent-Replayed": {
    description: "This key has created the user before.",
    schema: { type: "string", enum: ["true"] },
  },
  "Preference-Applied": {
    description: "The body is the user.",
    schema: { type: "string", enum: ["return=representation"] },
  },
  "Retry-After": { required: true, description: "How many seconds to wait.", schema: { type: "integer", minimum: 1 } },
  Accept: { description: "The media types that a body is taken as.", schema: string },
  "Accept-Encoding": {
    description: "The only encoding that a body is taken in.",
    schema: { type: "string", enum: ["identity"] },
  },
};

export type ResponseHeader = keyof typeof responseHeaders;

export function headerRefs(names: readonly ResponseHeader[]): object {
  return Object.fromEntries(
    (["X-Request-Id", ...names] as const).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}
