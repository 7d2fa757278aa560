const string = { type: "string" };

const RELATIVE = "a path relative to the URL of the server, without a stage or prefix";

/** The headers of responses, besides those of HTTP itself. */
export const RESPONSE_HEADERS = {
  "X-Request-Id": {
    required: true,
    description: "The id of the request: the client's, or a generated one. Log records have it too.",
    schema: string,
  },
  ETag: {
    required: true,
    description: "The entity tag of the user, for `If-Match` and `If-None-Match`. Every stored update changes it.",
    schema: string,
    example: '"1"',
  },
  "Last-Modified": {
    description: "The time of the last update; absent for legacy data.",
    schema: string,
  },
  Location: {
    required: true,
    description: `The location of the user: ${RELATIVE}.`,
    schema: { type: "string", format: "uri-reference" },
  },
  "Content-Location": {
    description: `The location of the user in the body: ${RELATIVE}.`,
    schema: { type: "string", format: "uri-reference" },
  },
  Link: {
    description: `The next page with \`rel="next"\`, if there is one (RFC 8288): ${RELATIVE}.`,
    schema: string,
  },
  "Idempotent-Replayed": {
    description: "An earlier request with the same idempotency key created the user.",
    schema: { type: "string", enum: ["true"] },
  },
  "Preference-Applied": {
    description: "The body is the representation of the user.",
    schema: { type: "string", enum: ["return=representation"] },
  },
  "WWW-Authenticate": {
    required: true,
    description:
      'The challenge (RFC 6750): `Bearer realm="users"`, with an `error` unless the request had no credential, and ' +
      "with the missing `scope`. Some gateways rename this header: decide by the problem type.",
    schema: string,
    example: 'Bearer realm="users"',
  },
  "Retry-After": {
    required: true,
    description: "The delay before the next attempt, in seconds.",
    schema: { type: "integer", minimum: 1 },
  },
  Accept: { description: "The accepted media types.", schema: string },
  "Accept-Encoding": { description: "The accepted encoding.", schema: { type: "string", enum: ["identity"] } },
} as const;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** Returns references to the headers of a response, including `X-Request-Id`, which every response has. */
export function toHeaderRefs(names: readonly ResponseHeader[]): object {
  return Object.fromEntries(
    (["X-Request-Id", ...names] as const).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}
