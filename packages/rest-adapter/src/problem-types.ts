import { isUserError, USER_ERROR_MESSAGES, type UserErrorCode } from "@user-management/domain";
import { DeadlineError } from "./http/deadline.ts";
import { formatEtag } from "./http/header-fields.ts";
import { HTTP_PROBLEMS, Problem, type ProblemDefinition, type ProblemOptions } from "./http/problem.ts";
import { countInvalid } from "./http/query.ts";
import { addSuggestion } from "./suggest-field.ts";

/** Every problem type that a client can receive, by its name without the prefix. */
export const PROBLEM_TYPES = {
  "invalid-user": { status: 400, title: "Invalid user", detail: USER_ERROR_MESSAGES["invalid-user"] },
  "email-taken": { status: 409, title: "Email taken", detail: USER_ERROR_MESSAGES["email-taken"] },
  "external-id-taken": { status: 409, title: "External id taken", detail: USER_ERROR_MESSAGES["external-id-taken"] },
  "stale-version": {
    status: 412,
    title: "Stale version",
    detail: "A precondition of the request does not hold for the current version of the user.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "Idempotency key reused",
    detail: USER_ERROR_MESSAGES["idempotency-key-reused"],
  },
  "store-unavailable": { status: 503, title: "Store unavailable", detail: USER_ERROR_MESSAGES.unavailable },
  draining: { status: 503, title: "Draining", detail: "The server is shutting down." },
  ...HTTP_PROBLEMS,
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemType = keyof typeof PROBLEM_TYPES;

/** The delay after which a client should retry, in seconds. */
const RETRY_AFTER_S = 1;

/** Maps the error codes of the domain to problem types. A new code does not compile until it is mapped. */
export const PROBLEM_TYPE_BY_CODE = {
  "invalid-user": "invalid-user",
  "not-found": "not-found",
  "email-taken": "email-taken",
  "external-id-taken": "external-id-taken",
  "id-taken": "internal", // The service generates the ids of its creates.
  "stale-version": "stale-version",
  "idempotency-key-reused": "idempotency-key-reused",
  unavailable: "store-unavailable",
} as const satisfies Record<UserErrorCode, ProblemType>;

export function createProblem(type: ProblemType, options: ProblemOptions = {}): Problem {
  const retryAfter = PROBLEM_TYPES[type].status === 503 && { "retry-after": String(RETRY_AFTER_S) };
  return new Problem(type, PROBLEM_TYPES[type], { ...options, headers: { ...retryAfter, ...options.headers } });
}

/** Maps any error to the problem that the client receives. An unexpected error becomes `internal`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DeadlineError) return createProblem("store-unavailable", { cause: error });
  if (!isUserError(error))
    return createProblem("internal", { cause: error === undefined ? new Error("rejected without a reason") : error });
  const { code, issues, currentVersion } = error;
  const type = PROBLEM_TYPE_BY_CODE[code];
  if (code === "invalid-user")
    return createProblem(type, { detail: countInvalid(issues.length, "field"), errors: issues.map(addSuggestion) });
  if (code === "not-found") return createProblem(type, { detail: USER_ERROR_MESSAGES[code] });
  const headers = currentVersion === undefined ? {} : { etag: formatEtag(currentVersion) };
  return createProblem(type, { headers, cause: error });
}
