import type { components } from "./openapi.ts";

/** A problem (RFC 9457) as the service sends it. */
export type Problem = components["schemas"]["Problem"];

/** The name of a problem: its `type` without the prefix that all of them share. */
export type ProblemType = Problem["type"] extends `${typeof PROBLEM_TYPE_PREFIX}${infer Name}` ? Name : never;

/** One invalid field of a user, at a `pointer`, or one invalid query `parameter`. */
export type ProblemDetail = NonNullable<Problem["errors"]>[number];

const PROBLEM_TYPE_PREFIX = "urn:user-management:problem:";

interface ApiErrorOptions {
  readonly response?: Response;
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/** The failure of a request. Distinguish failures by `type`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /**
   * The name of the service's problem, or one of:
   *
   * - `network-error`: the network failed or the timeout expired; `cause` has the error.
   * - `unexpected-response`: the response is longer than 8 MiB or not one of this API, for example that of a proxy.
   *
   * A write that fails with `network-error`, `unexpected-response` or `store-unavailable` may have been applied.
   */
  readonly type: ProblemType | "network-error" | "unexpected-response";
  /** The status code; `undefined` without a response, 0 for a redirection in a browser, which hides the status code. */
  readonly status: number | undefined;
  /** The problem as received; `undefined` for `network-error` and `unexpected-response`. */
  readonly problem: Problem | undefined;
  /** Every invalid field for `invalid-user`, every invalid parameter for `invalid-query`; otherwise empty. */
  readonly errors: readonly ProblemDetail[];
  /** The response's `X-Request-Id`, which the service logs. */
  readonly requestId: string | undefined;
  /** The user's current entity tag, for `stale-version`. */
  readonly etag: string | undefined;
  /** The number of seconds to wait before the next attempt, from `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(type: ApiError["type"], message: string, { response, problem, cause }: ApiErrorOptions = {}) {
    super(message, { cause });
    this.type = type;
    this.status = response?.status;
    this.problem = problem;
    this.errors = problem?.errors ?? [];
    this.requestId = response?.headers.get("x-request-id") ?? undefined;
    this.etag = response && readEtag(response);
    this.retryAfter = parseRetryAfter(response?.headers.get("retry-after"));
  }
}

/** Returns whether a JSON object is a problem of this API, possibly of a type that this client does not know yet. */
export function isProblem(body: { readonly type?: unknown; readonly errors?: unknown } = {}): body is Problem {
  const { type, errors = [] } = body;
  const hasErrors = Array.isArray(errors) && errors.every((error) => typeof error === "object" && error !== null);
  return typeof type === "string" && type.startsWith(PROBLEM_TYPE_PREFIX) && hasErrors;
}

/** Converts a problem to an error whose message lists every invalid field or parameter. */
export function toApiError(problem: Problem, response: Response): ApiError {
  const { type, title, detail, errors } = problem;
  const issues = errors?.map((error) => `${"pointer" in error ? error.pointer : error.parameter} ${error.detail}`);
  const message = `${title}: ${issues?.join("; ") || detail}`;
  return new ApiError(type.slice(PROBLEM_TYPE_PREFIX.length) as ProblemType, message, { response, problem });
}

/**
 * Returns the entity tag of a response, without `W/`. The entity tags of this API are strong, but a proxy that
 * compresses adds `W/`, and a weak entity tag never matches in `If-Match` (RFC 9110 section 13.1.1).
 */
export function readEtag(response: Response): string | undefined {
  return response.headers.get("etag")?.replace(/^W\//, "");
}

/** Returns a number of seconds from now. The header contains such a number or a date (RFC 9110 section 10.2.3). */
function parseRetryAfter(value: string | null | undefined): number | undefined {
  if (value == null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
