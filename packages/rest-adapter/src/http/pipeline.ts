import { readBody } from "./json-body.ts";
import { REQUEST_TIMEOUT_MS, runWithDeadline } from "./deadline.ts";
import type { Problem } from "./problem.ts";
import { parseQuery, type QueryParameters } from "./query.ts";
import { completeResponse, problemResponse, type CompleteResponse, type PlainResponse } from "./response.ts";

/** A request and its response as a log record: without path, query, id, body or other personal data. */
export interface RequestRecord {
  /** The client's `X-Request-Id`, or a generated one. */
  readonly requestId: string;
  readonly method: string;
  /** The pattern of the route, such as `/users/:id`; {@link UNMATCHED_ROUTE} if no route has the path and method. */
  readonly route: string;
  readonly status: number;
  /** The time from the arrival of the request in the pipeline to the response, in milliseconds. */
  readonly durationMs: number;
  /** The length of the response body in bytes. */
  readonly contentLength: number;
  /** The failure behind a 5xx status code. */
  readonly error?: unknown;
}

export const UNMATCHED_ROUTE = "/*";

/** The part of a request that a route handles, once its media type, size and query are valid. */
export interface RouteRequest {
  readonly headers: Headers;
  /** The decoded `id` of the path; empty if the pattern has none. */
  readonly id: string;
  /** The parsed query parameters by name. */
  readonly query: Readonly<Record<string, unknown>>;
  /** The bytes of the body; empty if the route has none. */
  readonly body: Uint8Array;
  readonly context: { readonly requestId: string; readonly signal: AbortSignal };
}

export interface Route {
  readonly method: string;
  /** The path with `:id` for its parameter. */
  readonly pattern: string;
  /** The accepted media types of the body, the preferred one first. Without them the body is ignored. */
  readonly mediaTypes?: readonly string[] | undefined;
  /** The accepted query parameters. Without them the query is ignored. */
  readonly query?: QueryParameters;
  readonly handle: (request: RouteRequest) => Promise<PlainResponse>;
}

export interface PipelineOptions<Env> {
  /** Maps an error to the problem that clients receive, with the error as its cause. */
  readonly toProblem: (error: unknown) => Problem;
  /** Returns the time left for the request in milliseconds; it is limited to {@link REQUEST_TIMEOUT_MS}. */
  readonly getTimeoutMs?: ((env: Env) => number) | undefined;
  /** Called once per request, with its log record. It must not throw. `env` is the second argument of `fetch`. */
  readonly onResponse?: ((record: RequestRecord, env: Env) => void) | undefined;
}

/** Responds to a request: log record ← error mapping ← validation ← deadline ← route. */
export async function respond<Env>(
  request: Request,
  { route, id, env }: { route: Omit<Route, "method">; id: string; env: Env },
  { toProblem, getTimeoutMs, onResponse }: PipelineOptions<Env>,
): Promise<Response> {
  const startedAt = performance.now();
  const { headers, method, url } = request;
  const requestId = toRequestId(headers.get("x-request-id"));
  let response: CompleteResponse;
  let error: unknown;
  try {
    const body = route.mediaTypes ? await readBody(request, route.mediaTypes) : NO_BODY;
    const query = route.query ? parseQuery(url, route.query) : {};
    const timeoutMs = Math.min(getTimeoutMs?.(env) ?? Infinity, REQUEST_TIMEOUT_MS);
    const result = await runWithDeadline(timeoutMs, (signal) =>
      route.handle({ headers, id, query, body, context: { requestId, signal } }),
    );
    response = completeResponse(result, requestId);
  } catch (thrown) {
    const problem = toProblem(thrown);
    if (problem.status >= 500) error = problem.cause;
    response = problemResponse(problem, new URL(url).pathname, requestId);
  }
  onResponse?.(toRecord({ requestId, method, route: route.pattern, response, startedAt, error }), env);
  // Plain headers and one body: the Node server writes such a response without creating the platform's objects.
  return new Response(response.body ?? null, { status: response.status, headers: response.headers });
}

const NO_BODY = new Uint8Array();

/** Builds the log record of a request. `startedAt` is a `performance.now()`. */
export function toRecord({
  requestId,
  method,
  route,
  response,
  startedAt,
  error,
}: Pick<RequestRecord, "requestId" | "method" | "route" | "error"> & {
  readonly response: CompleteResponse;
  readonly startedAt: number;
}): RequestRecord {
  return {
    requestId,
    method,
    route,
    status: response.status,
    durationMs: performance.now() - startedAt,
    contentLength: method === "HEAD" ? 0 : response.contentLength,
    ...(error !== undefined && { error }),
  };
}

/** Returns the value of `X-Request-Id` if it is safe in headers and logs, otherwise a generated id. */
export function toRequestId(field: string | null | undefined): string {
  return field != null && /^[A-Za-z0-9._-]{1,128}$/.test(field) ? field : crypto.randomUUID();
}
