import { USER_ERROR_MESSAGES, USER_ISSUE_CODES } from "@user-management/domain";
import { PROBLEM_TYPE_PREFIX } from "../src/http/problem.ts";
import { OPERATION_LIST } from "../src/operations.ts";
import { PROBLEM_TYPES, type ProblemType } from "../src/problem-types.ts";
import { EXAMPLE_ID, EXAMPLE_REQUEST_ID } from "./examples.ts";
import { toHeaderRefs, type ResponseHeader } from "./headers.ts";

const QUERY_ISSUE_CODES = [
  "unknown-parameter",
  "repeated-parameter",
  ...new Set(OPERATION_LIST.flatMap(({ query = {} }) => Object.values(query).map(({ code }) => code))),
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
  /** Replaces the detail of the type. */
  readonly detail?: string;
  /** Follows the detail in the description of the response. */
  readonly explanation?: string;
  readonly headers?: readonly ResponseHeader[];
  /** Members of the example that differ from the defaults of the type. */
  readonly example?: { readonly detail?: string; readonly errors?: readonly object[]; readonly instance?: string };
}

/** Explains every problem type, beyond its detail. A type that is missing here does not compile. */
const PROBLEM_DESCRIPTIONS = {
  "invalid-user": {
    explanation: "`errors` lists every invalid field.",
    example: {
      detail: "1 field is invalid",
      errors: [{ pointer: "#/email", code: "invalid-email", detail: "must be an email address" }],
    },
  },
  "malformed-body": {
    explanation: "It must be an object in UTF-8 without duplicate member names.",
  },
  "invalid-query": {
    explanation: "`errors` lists every unknown, repeated or invalid parameter.",
    example: {
      detail: "1 parameter is invalid",
      errors: [{ parameter: "page", code: "unknown-parameter", detail: "is not a parameter of this request" }],
    },
  },
  "malformed-request": { explanation: "Or its `Idempotency-Key` is malformed." },
  unauthenticated: {
    explanation: "The credential is missing, invalid or expired.",
    headers: ["WWW-Authenticate"],
    example: { detail: "The request has no credential." },
  },
  "insufficient-scope": {
    explanation: "`WWW-Authenticate` has the scope. Nothing is read or changed.",
    headers: ["WWW-Authenticate"],
    example: { detail: "The caller does not have the scope users:write." },
  },
  "not-found": { detail: USER_ERROR_MESSAGES["not-found"] },
  "method-not-allowed": {},
  "request-timeout": {
    explanation: "The headers must arrive within 10 seconds, the whole request within 30.",
    example: { instance: "/" },
  },
  "email-taken": { explanation: "Emails are compared case-insensitively." },
  "external-id-taken": { explanation: "External ids are compared case-sensitively." },
  "stale-version": { explanation: "Nothing is changed; `ETag` is the current one.", headers: ["ETag"] },
  "payload-too-large": {},
  "unsupported-media-type": {
    explanation: "It must be one of those in `Accept`, in UTF-8 and without a `Content-Encoding`.",
    headers: ["Accept", "Accept-Encoding"],
  },
  "misdirected-request": {},
  "idempotency-key-reused": { explanation: "A key is kept for 24 hours." },
  "too-many-requests": {
    explanation: "Requests with a valid credential are still served.",
    headers: ["Retry-After"],
  },
  "headers-too-large": { example: { instance: "/" } },
  internal: { explanation: "The log has the cause under the id of the request." },
  "store-unavailable": {
    explanation: "It is down, slow or throttling. A write may or may not have been committed.",
    headers: ["Retry-After"],
  },
  draining: { headers: ["Retry-After"] },
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
    description: types.map(describeProblem).join(" "),
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

function describeProblem(type: ProblemType): string {
  const { detail = PROBLEM_TYPES[type].detail, explanation = "" }: ProblemDescription = PROBLEM_DESCRIPTIONS[type];
  return `${detail} ${explanation}`.trim();
}

function createExample(type: ProblemType, path: string): object {
  const { status, title } = PROBLEM_TYPES[type];
  const { detail = PROBLEM_TYPES[type].detail, example = {} }: ProblemDescription = PROBLEM_DESCRIPTIONS[type];
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
