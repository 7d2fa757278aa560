import type { UserIssueCode } from "@user-management/domain";
import { details, PREFIX, problemTypes, type ProblemType } from "../src/problem.ts";
import { listParameters } from "../src/user-routes.ts";
import { headerRefs, type ResponseHeader } from "./headers.ts";
import { exampleId } from "./users.ts";

/** Every code of a wrong field; a new one does not compile until it is here. */
const fieldCodes = Object.keys({
  required: true,
  "not-a-string": true,
  "malformed-text": true,
  empty: true,
  "too-long": true,
  "control-character": true,
  "invalid-date": true,
  "date-out-of-range": true,
  "invalid-gender": true,
  "invalid-email": true,
  "invalid-phone-number": true,
  "read-only": true,
  "unknown-field": true,
  "not-an-object": true,
  "empty-change": true,
} satisfies Record<UserIssueCode, true>);

const parameterCodes = [
  "unknown-parameter",
  "repeated-parameter",
  ...Object.values(listParameters).map(({ code }) => code),
];

const detail = { type: "string", description: "What is wrong, for a person. It never repeats what was sent." };

export const problemSchemas = {
  Problem: {
    type: "object",
    description: "What went wrong (RFC 9457).",
    properties: {
      type: {
        type: "string",
        enum: Object.keys(problemTypes).map((type) => PREFIX + type),
        description: "What kind of problem it is. Decide by this.",
      },
      title: {
        type: "string",
        enum: [...new Set(Object.values(problemTypes).map(({ title }) => title))],
        description: "The kind, for a person.",
      },
      status: { type: "integer", enum: statuses(), description: "The status of the answer." },
      detail,
      instance: { type: "string", description: "The path that was asked for; `/` where it did not arrive." },
      request_id: { type: "string", description: "The request's `X-Request-Id`, by which the log knows it." },
      errors: {
        type: "array",
        minItems: 1,
        items: { oneOf: [ref("FieldError"), ref("ParameterError")] },
        description: "Every wrong field of an invalid user, or every wrong parameter of an invalid query.",
      },
    },
    required: ["type", "title", "status", "detail", "instance", "request_id"],
    additionalProperties: false,
  },
  FieldError: {
    type: "object",
    description: "A wrong field of a body.",
    properties: {
      pointer: {
        type: "string",
        format: "json-pointer-uri-fragment",
        description: "Where it is: a JSON pointer as a URI fragment (RFC 6901 section 6), `#` for the whole.",
      },
      code: { type: "string", enum: fieldCodes, description: "What is wrong. Stable." },
      detail,
    },
    required: ["pointer", "code", "detail"],
    additionalProperties: false,
  },
  ParameterError: {
    type: "object",
    description: "A wrong parameter of a query.",
    properties: {
      parameter: { type: "string", description: "The parameter's name." },
      code: { type: "string", enum: parameterCodes, description: "What is wrong. Stable." },
      detail,
    },
    required: ["parameter", "code", "detail"],
    additionalProperties: false,
  },
};

interface ProblemResponse {
  readonly description: string;
  /** An example of each type of problem that this status can have here. */
  readonly examples: Partial<Record<ProblemType, { detail: string; errors?: object[]; instance?: string }>>;
  readonly headers?: readonly ResponseHeader[];
}

const invalidQuery = {
  detail: "1 parameter is wrong",
  errors: [{ parameter: "page", code: "unknown-parameter", detail: "is not a parameter of this request" }],
};
const malformedBody = { detail: "The body is not valid JSON." };
const malformedRequest = { detail: "This is not a request in HTTP/1.1." };

const problemResponses = {
  InvalidRequest: {
    description: "The query is wrong, or this is no request in HTTP/1.1.",
    examples: { "invalid-query": { ...invalidQuery, instance: "/users" }, "malformed-request": malformedRequest },
  },
  InvalidNewUser: {
    description:
      "Fields are wrong; the body is not UTF-8, is no JSON object or names a field twice; the query is wrong; or the " +
      "`Idempotency-Key` is.",
    examples: {
      "invalid-user": {
        detail: "1 field is wrong",
        errors: [{ pointer: "#/email", code: "invalid-email", detail: "must be an email address" }],
        instance: "/users",
      },
      "malformed-body": { ...malformedBody, instance: "/users" },
      "invalid-query": { ...invalidQuery, instance: "/users" },
      "malformed-request": {
        detail: "The Idempotency-Key must be 1 to 255 printable ASCII characters.",
        instance: "/users",
      },
    },
  },
  InvalidChange: {
    description:
      "Fields are wrong; the body is not UTF-8, is no JSON object or names a field twice; or the query is wrong.",
    examples: {
      "invalid-user": {
        detail: "1 field is wrong",
        errors: [{ pointer: "#", code: "empty-change", detail: "must change at least one field" }],
      },
      "malformed-body": malformedBody,
      "invalid-query": invalidQuery,
      "malformed-request": malformedRequest,
    },
  },
  NotFound: {
    description: "No user has this id.",
    examples: { "not-found": { detail: details["not-found"] } },
  },
  RequestTimeout: {
    description: "The request took too long to arrive: 10 seconds for its headers, 30 for all of it.",
    examples: { "request-timeout": { detail: "The request took too long to arrive.", instance: "/" } },
  },
  EmailTaken: {
    description: "Another user has this email address, in whatever case.",
    examples: { "email-taken": { detail: details["email-taken"] } },
  },
  StaleVersion: {
    description: "A precondition does not hold. Nothing has changed; `ETag` is the current one.",
    examples: { "stale-version": { detail: details["stale-version"] } },
    headers: ["ETag"],
  },
  PayloadTooLarge: {
    description: "The body is larger than 64 KiB.",
    examples: { "payload-too-large": { detail: "A body has at most 65536 bytes." } },
  },
  UnsupportedMediaType: {
    description:
      "The body is of none of the media types that `Accept` names, in another charset than UTF-8, or has a " +
      "`Content-Encoding`.",
    examples: {
      "unsupported-media-type": { detail: "A body is taken as application/json in UTF-8 only.", instance: "/users" },
    },
    headers: ["Accept", "Accept-Encoding"],
  },
  IdempotencyKeyReused: {
    description: "The `Idempotency-Key` was sent with another body within the last 24 hours.",
    examples: {
      "idempotency-key-reused": { detail: details["idempotency-key-reused"], instance: "/users" },
    },
  },
  HeadersTooLarge: {
    description: "The request line and the headers are larger than 16 KiB.",
    examples: { "headers-too-large": { detail: "The headers are larger than 16 KiB.", instance: "/" } },
  },
  Internal: {
    description: "A bug. The log knows more, by the request's id.",
    examples: { internal: { detail: "Something went wrong." } },
  },
  StoreUnavailable: {
    description: "The store of users is down, slow or throttling. A write may have been done or not.",
    examples: { "store-unavailable": { detail: details.unavailable } },
    headers: ["Retry-After"],
  },
  NotReady: {
    description: "The store of users does not answer, or the server is about to end.",
    examples: {
      "store-unavailable": { detail: details.unavailable, instance: "/readyz" },
      draining: { detail: "The server is about to end.", instance: "/readyz" },
    },
    headers: ["Retry-After"],
  },
} as const satisfies Record<string, ProblemResponse>;

export type ProblemResponseName = keyof typeof problemResponses;

/** The answers that are problems, each with its status. */
export const problems = Object.fromEntries(
  Object.entries(problemResponses).map(([name, response]) => [name, toResponse(response)]),
) as Record<ProblemResponseName, { status: number; response: object }>;

function toResponse({ description, examples, headers = [] }: ProblemResponse): { status: number; response: object } {
  const types = Object.keys(examples) as ProblemType[];
  const response = {
    description,
    headers: headerRefs(headers),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            ref("Problem"),
            { type: "object", properties: { type: { type: "string", enum: types.map((type) => PREFIX + type) } } },
          ],
        },
        examples: Object.fromEntries(types.map((type) => [type, { value: exampleOf(type, examples[type]!) }])),
      },
    },
  };
  return { status: problemTypes[types[0]!].status, response };
}

function exampleOf(
  type: ProblemType,
  { detail: sentence, errors, instance }: { detail: string; errors?: object[]; instance?: string },
): object {
  return {
    type: PREFIX + type,
    title: problemTypes[type].title,
    status: problemTypes[type].status,
    detail: sentence,
    instance: instance ?? `/users/${exampleId}`,
    request_id: "0b54ecc4-7c2f-4bd1-b2a0-0b0f2d1f6c55",
    ...(errors && { errors }),
  };
}

function ref(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

function statuses(): number[] {
  return [...new Set(Object.values(problemTypes).map(({ status }) => status))];
}
