/** A problem type without its URI: status code, title, and the detail that is sent if there is no more specific one. */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

export const MAX_BODY_BYTES = 64 * 1024;

/** The problem types of HTTP itself. */
export const HTTP_PROBLEMS = {
  "invalid-query": { status: 400, title: "Invalid query", detail: "The query is invalid." },
  "malformed-body": { status: 400, title: "Malformed body", detail: "The body is not valid JSON." },
  "malformed-request": {
    status: 400,
    title: "Malformed request",
    detail: "The request is not valid HTTP/1.1.",
  },
  unauthenticated: {
    status: 401,
    title: "Unauthenticated",
    detail: "The request has no valid credential.",
  },
  "insufficient-scope": {
    status: 403,
    title: "Insufficient scope",
    detail: "The caller does not have the scope of this operation.",
  },
  "not-found": { status: 404, title: "Not found", detail: "No resource has this path." },
  "method-not-allowed": {
    status: 405,
    title: "Method not allowed",
    detail: "The method is not allowed for this resource.",
  },
  "request-timeout": {
    status: 408,
    title: "Request timeout",
    detail: "The request did not arrive completely in time.",
  },
  "payload-too-large": {
    status: 413,
    title: "Payload too large",
    detail: `The body must have at most ${MAX_BODY_BYTES} bytes.`,
  },
  "unsupported-media-type": {
    status: 415,
    title: "Unsupported media type",
    detail: "The media type of the body is not supported.",
  },
  "misdirected-request": {
    status: 421,
    title: "Misdirected request",
    detail: "While the server is unauthenticated, it accepts requests from this machine only.",
  },
  "too-many-requests": {
    status: 429,
    title: "Too many requests",
    detail: "Too many requests from this address had an invalid credential.",
  },
  "headers-too-large": {
    status: 431,
    title: "Headers too large",
    detail: "The request line and the headers must have at most 16 KiB.",
  },
  internal: { status: 500, title: "Internal error", detail: "The service failed unexpectedly." },
} as const satisfies Record<string, ProblemDefinition>;

export const PROBLEM_TYPE_PREFIX = "urn:user-management:problem:";

/** One invalid member of a body (at a `pointer`) or one invalid query parameter. */
export type ProblemIssue = { readonly code: string; readonly detail: string } & (
  | { readonly pointer: string }
  | { readonly parameter: string }
);

export interface ProblemOptions {
  /** A sentence about this occurrence. It never contains what the client sent. Defaults to the detail of the type. */
  readonly detail?: string | undefined;
  readonly errors?: readonly ProblemIssue[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that the pipeline converts to a problem response (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  /** The type without its prefix, such as `not-found`. */
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly errors: readonly ProblemIssue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(type: string, { status, title, detail }: ProblemDefinition, options: ProblemOptions = {}) {
    super(options.detail ?? detail, { cause: options.cause });
    this.type = type;
    this.status = status;
    this.title = title;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }

  /** Returns the members of the `application/problem+json` body. `instance` is the path of the request. */
  toBody(instance: string, requestId: string): object {
    return {
      type: PROBLEM_TYPE_PREFIX + this.type,
      title: this.title,
      status: this.status,
      detail: this.message,
      instance,
      request_id: requestId,
      ...(this.errors.length > 0 && { errors: this.errors }),
    };
  }
}

export function createHttpProblem(type: keyof typeof HTTP_PROBLEMS, options: ProblemOptions = {}): Problem {
  return new Problem(type, HTTP_PROBLEMS[type], options);
}
