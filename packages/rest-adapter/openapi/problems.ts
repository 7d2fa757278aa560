import { USER_ISSUE_CODES } from "@user-management/domain";
import { PROBLEM_TYPE_PREFIX } from "../src/http/problem.ts";
import { OPERATIONS } from "../src/operations.ts";
import { PROBLEM_TYPES, type ProblemType } from "../src/problem-types.ts";
import { EXAMPLE_ID, EXAMPLE_REQUEST_ID } from "./examples.ts";
import { toHeaderRefs, type ResponseHeader } from "./headers.ts";

const QUERY_ISSUE_CODES = [
  "unknown-parameter",
  "repeated-parameter",
  ...Object.values(OPERATIONS.listUsers.query).map(({ code }) => code),
];

const definitions = Object.values(PROBLEM_TYPES);
const issueDetail = { type: "string", description: "The violated rule. It never contains the value." };

export const PROBLEM_SCHEMAS = {
  Problem: {
    type: "object",
    description: "An error (RFC 9457).",
    properties: {
      type: {
        type: "string",
        enum: Object.keys(PROBLEM_TYPES).map((type) => PROBLEM_TYPE_PREFIX + type),
        description: "The problem type. Clients decide by it.",
      },
      title: {
        type: "string",
        enum: [...new Set(definitions.map(({ title }) => title))],
        description: "A short summary of the problem type.",
      },
      status: {
        type: "integer",
        enum: [...new Set(definitions.map(({ status }) => status))],
        description: "The status code of the response.",
      },
      detail: { type: "string", description: "An explanation of this occurrence. It never contains what was sent." },
      instance: { type: "string", description: "The path of the request; `/` if it is unknown." },
      request_id: { type: "string", description: "The `X-Request-Id` of the request, which log records have too." },
      errors: {
        type: "array",
        minItems: 1,
        items: { oneOf: [toSchemaRef("FieldError"), toSchemaRef("ParameterError")] },
        description: "Every invalid field of the body, or every invalid parameter of the query.",
      },
    },
    required: ["type", "title", "status", "detail", "instance", "request_id"],
    additionalProperties: false,
  },
  FieldError: {
    type: "object",
    description: "An invalid field of the body.",
    properties: {
      pointer: {
        type: "string",
        format: "json-pointer-uri-fragment",
        description:
          "The location of the field: a JSON Pointer in a URI fragment (RFC 6901 section 6); `#` is the body.",
      },
      code: { type: "string", enum: USER_ISSUE_CODES, description: "The kind of violation. Stable." },
      detail: issueDetail,
    },
    required: ["pointer", "code", "detail"],
    additionalProperties: false,
  },
  ParameterError: {
    type: "object",
    description: "An invalid parameter of the query.",
    properties: {
      parameter: { type: "string", description: "The name of the parameter." },
      code: { type: "string", enum: QUERY_ISSUE_CODES, description: "The kind of violation. Stable." },
      detail: issueDetail,
    },
    required: ["parameter", "code", "detail"],
    additionalProperties: false,
  },
};

interface ProblemDescription {
  readonly description: string;
  readonly headers?: readonly ResponseHeader[];
  /** Members of the example that differ from the defaults of the type. */
  readonly example?: { readonly detail?: string; readonly errors?: readonly object[]; readonly instance?: string };
}

/** Describes every problem type. A type without a description does not compile. */
const PROBLEM_DESCRIPTIONS = {
  "invalid-user": {
    description: "Fields are invalid.",
    example: {
      detail: "1 field is invalid",
      errors: [{ pointer: "#/email", code: "invalid-email", detail: "must be an email address" }],
    },
  },
  "malformed-body": {
    description: "The body is not UTF-8, not a JSON object, or contains a member name twice.",
  },
  "invalid-query": {
    description: "A query parameter is unknown, repeated or invalid.",
    example: {
      detail: "1 parameter is invalid",
      errors: [{ parameter: "page", code: "unknown-parameter", detail: "is not a parameter of this request" }],
    },
  },
  "malformed-request": { description: "The request is not valid HTTP/1.1, or its `Idempotency-Key` is malformed." },
  "not-found": { description: "No user has this id.", example: { detail: "No user has this id." } },
  "method-not-allowed": { description: "The method is not allowed for this resource." },
  "request-timeout": {
    description: "The headers did not arrive within 10 seconds, or the request within 30.",
    example: { instance: "/" },
  },
  "email-taken": { description: "Another user has this email, compared case-insensitively." },
  "stale-version": {
    description: "A precondition does not hold. Nothing is changed; `ETag` is the current one.",
    headers: ["ETag"],
  },
  "payload-too-large": { description: "The body is larger than 64 KiB." },
  "unsupported-media-type": {
    description:
      "The body has a media type other than those in `Accept`, a charset other than UTF-8, or a `Content-Encoding`.",
    headers: ["Accept", "Accept-Encoding"],
  },
  "idempotency-key-reused": {
    description: "The `Idempotency-Key` was used with another body in the last 24 hours.",
  },
  "headers-too-large": {
    description: "The request line and the headers are larger than 16 KiB.",
    example: { instance: "/" },
  },
  internal: { description: "The service failed unexpectedly. The log has the cause under the id of the request." },
  "store-unavailable": {
    description: "The store is down, slow or throttling. A write may or may not have been committed.",
    headers: ["Retry-After"],
  },
  draining: { description: "The server is shutting down.", headers: ["Retry-After"] },
} as const satisfies Record<ProblemType, ProblemDescription>;

/** The response for problem types of one status code. */
export interface ProblemResponse {
  readonly status: number;
  /** The name of the component. */
  readonly name: string;
  readonly response: object;
}

/** Creates a response for each status code of these problem types. */
export function createProblemResponses(types: readonly ProblemType[], path: string): ProblemResponse[] {
  const byStatus = Object.groupBy(types, (type) => PROBLEM_TYPES[type].status);
  return Object.entries(byStatus).map(([status, group]) => ({
    status: Number(status),
    name: group.map(toPascalCase).join("Or"),
    response: createResponse(group, path),
  }));
}

function createResponse(types: readonly ProblemType[], path: string): object {
  const descriptions: readonly ProblemDescription[] = types.map((type) => PROBLEM_DESCRIPTIONS[type]);
  return {
    description: descriptions.map(({ description }) => description).join(" "),
    headers: toHeaderRefs([...new Set(descriptions.flatMap(({ headers = [] }) => headers))]),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            toSchemaRef("Problem"),
            { type: "object", properties: { type: { enum: types.map((type) => PROBLEM_TYPE_PREFIX + type) } } },
          ],
        },
        examples: Object.fromEntries(types.map((type) => [type, { value: createExample(type, path) }])),
      },
    },
  };
}

function createExample(type: ProblemType, path: string): object {
  const { status, title, detail } = PROBLEM_TYPES[type];
  const { example = {} }: ProblemDescription = PROBLEM_DESCRIPTIONS[type];
  return {
    type: PROBLEM_TYPE_PREFIX + type,
    title,
    status,
    detail,
    instance: path.replace("{user_id}", EXAMPLE_ID),
    request_id: EXAMPLE_REQUEST_ID,
    ...example,
  };
}

function toPascalCase(type: string): string {
  return type.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function toSchemaRef(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
