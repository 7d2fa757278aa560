import { entityTagOf } from "./entity-tag.ts";
import type { components } from "./openapi.ts";

/** What is wrong, as the service tells it (RFC 9457). */
export type Problem = components["schemas"]["Problem"];

/** The name of a problem: its `type` without what all have in common. */
export type ProblemType = Problem["type"] extends `${typeof PREFIX}${infer Name}` ? Name : never;

/** A wrong field of a user, at a `pointer`, or a wrong `parameter` of a list. */
export type ProblemDetail = NonNullable<Problem["errors"]>[number];

const PREFIX = "urn:user-management:problem:";

interface ApiErrorOptions {
  /** The answer, if there was one. */
  readonly response?: Response;
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/** Why a request has not done what was asked. Decide by `type`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /**
   * The problem's name; `no-answer` when the network failed or time was up (`cause` knows more); `unexpected-answer`
   * when something else than the API has answered, such as a proxy. After a write `no-answer`, `unexpected-answer` and
   * `store-unavailable` leave open whether it was done.
   */
  readonly type: ProblemType | "no-answer" | "unexpected-answer";
  /** The status of the answer, if there was one; 0 for a redirection in a browser, which tells no more of it. */
  readonly status: number | undefined;
  /** The problem as it was answered, if it was one of the API's. */
  readonly problem: Problem | undefined;
  /** Every wrong field for `invalid-user`, every wrong parameter for `invalid-query`; otherwise empty. */
  readonly errors: readonly ProblemDetail[];
  /** The id by which the service's log knows the request. */
  readonly requestId: string | undefined;
  /** The current entity tag of the user, for `stale-version`. */
  readonly etag: string | undefined;
  /** How many seconds to wait before the next attempt, where the answer says so. */
  readonly retryAfter: number | undefined;

  constructor(type: ApiError["type"], message: string, { response, problem, cause }: ApiErrorOptions = {}) {
    super(message, { cause });
    this.type = type;
    this.status = response?.status;
    this.problem = problem;
    this.errors = problem?.errors ?? [];
    this.requestId = response?.headers.get("x-request-id") ?? undefined;
    this.etag = response && entityTagOf(response);
    this.retryAfter = secondsOf(response?.headers.get("retry-after"));
  }
}

/** The error that an answer of the API tells; `undefined` when this is no problem of the API's. */
export function problemError(response: Response, body: object | undefined): ApiError | undefined {
  if (!isProblem(body)) return undefined;
  const { type, title, detail, errors } = body;
  const wrong = errors?.map((error) => `${"pointer" in error ? error.pointer : error.parameter} ${error.detail}`);
  const message = `${title}: ${wrong?.join("; ") ?? detail}`;
  return new ApiError(type.slice(PREFIX.length) as ProblemType, message, { response, problem: body });
}

function isProblem(body: { readonly type?: unknown; readonly errors?: unknown } = {}): body is Problem {
  const { type, errors = [] } = body;
  const isList = Array.isArray(errors) && errors.every((error) => typeof error === "object" && error !== null);
  return typeof type === "string" && type.startsWith(PREFIX) && isList;
}

/** Seconds or a date (RFC 9110 section 10.2.3), as seconds from now. */
function secondsOf(retryAfter: string | null | undefined): number | undefined {
  if (retryAfter == null) return undefined;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
