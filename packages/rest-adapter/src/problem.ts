import { UserError, type UserErrorCode } from "@user-management/domain";
import { tagOf } from "./entity-tag.ts";

/** Every problem that a client can meet: its status and its title. A type is its name behind {@link PREFIX}. */
export const problemTypes = {
  "invalid-user": { status: 400, title: "Invalid user" },
  "invalid-query": { status: 400, title: "Invalid query" },
  "malformed-body": { status: 400, title: "Malformed body" },
  "malformed-request": { status: 400, title: "Malformed request" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "request-timeout": { status: 408, title: "Request timeout" },
  "email-taken": { status: 409, title: "Email taken" },
  "stale-version": { status: 412, title: "Stale version" },
  "payload-too-large": { status: 413, title: "Payload too large" },
  "unsupported-media-type": { status: 415, title: "Unsupported media type" },
  "idempotency-key-reused": { status: 422, title: "Idempotency key reused" },
  "headers-too-large": { status: 431, title: "Headers too large" },
  internal: { status: 500, title: "Internal error" },
  "store-unavailable": { status: 503, title: "Store unavailable" },
  draining: { status: 503, title: "Draining" },
} as const;

export type ProblemType = keyof typeof problemTypes;

export const PREFIX = "urn:user-management:problem:";

/** How long a client should wait before it tries again, in seconds. */
const RETRY_AFTER = "1";

/** One thing that is wrong with a body (at a pointer) or with a query (at a parameter). */
export type ProblemDetail = { readonly code: string; readonly detail: string } & (
  | { readonly pointer: string }
  | { readonly parameter: string }
);

interface ProblemOptions {
  /** A sentence for a person. It never repeats what was sent. */
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[];
  readonly headers?: Record<string, string>;
  readonly cause?: unknown;
}

/** A failure as the client is told it (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly type: ProblemType;
  readonly errors: readonly ProblemDetail[];
  readonly headers: Record<string, string>;

  constructor(type: ProblemType, { detail, errors = [], headers = {}, cause }: ProblemOptions) {
    super(detail, { cause });
    this.type = type;
    this.errors = errors;
    this.headers = headers;
  }

  get status(): number {
    return problemTypes[this.type].status;
  }

  /** The body of the answer; `instance` is the path that was asked for. */
  toBody(instance: string, requestId: string): object {
    return {
      type: PREFIX + this.type,
      title: problemTypes[this.type].title,
      status: this.status,
      detail: this.message,
      instance,
      request_id: requestId,
      ...(this.errors.length > 0 && { errors: this.errors }),
    };
  }
}

/** The one place where the domain's codes become problems: a new code does not compile until it is one. */
const toldAs = {
  "invalid-user": "invalid-user",
  "not-found": "not-found",
  "email-taken": "email-taken",
  "stale-version": "stale-version",
  "idempotency-key-reused": "idempotency-key-reused",
  unavailable: "store-unavailable",
} as const satisfies Record<UserErrorCode, ProblemType>;

/** What a client is told of a failure of the domain. */
export const details = {
  "not-found": "There is no such user.",
  "email-taken": "Another user has this email address.",
  "stale-version": "A precondition of the request does not hold for the user as it is now.",
  "idempotency-key-reused": "The Idempotency-Key was used for another request.",
  unavailable: "The store of users does not answer at the moment.",
} as const satisfies Record<Exclude<UserErrorCode, "invalid-user">, string>;

/** What a client is told of an error: nothing of its inside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof UserError)) return new Problem("internal", { detail: "Something went wrong.", cause: error });
  const { code, issues, currentVersion } = error;
  if (code === "invalid-user") return new Problem(code, { detail: counted(issues.length, "field"), errors: issues });
  const headers = {
    ...(code === "unavailable" && { "retry-after": RETRY_AFTER }),
    ...(currentVersion !== undefined && { etag: tagOf(currentVersion) }),
  };
  return new Problem(toldAs[code], { detail: details[code], headers, cause: error });
}

export function invalidQuery(errors: readonly ProblemDetail[]): Problem {
  return new Problem("invalid-query", { detail: counted(errors.length, "parameter"), errors });
}

export function draining(): Problem {
  return new Problem("draining", { detail: "The server is about to end.", headers: { "retry-after": RETRY_AFTER } });
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun} is wrong` : `${count} ${noun}s are wrong`;
}
