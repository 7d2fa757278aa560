import { readBody } from "./json-body.ts";
import type { Problem } from "./problem.ts";
import { parseQuery, type QueryParameters } from "./query.ts";
import {
  completeResponse,
  problemResponse,
  toRecord,
  toRequestId,
  type CompleteResponse,
  type PlainResponse,
  type RequestRecord,
} from "./response.ts";

/** The maximum time from the arrival of a request's body to the response, for all calls of the store together. */
export const REQUEST_TIMEOUT_MS = 4_800;

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

/** The members of Hono's context that the pipeline reads. */
interface RequestEvent<Env> {
  readonly req: { readonly raw: Request; param(name: string): string | undefined };
  readonly env: Env;
}

/**
 * Creates the function that responds to the requests of a route: it validates the request, runs the handler with a
 * deadline, maps an error to a problem, and reports the log record.
 */
export function createRouteHandler<Env>(
  route: Omit<Route, "method">,
  options: PipelineOptions<Env>,
): (event: RequestEvent<Env>) => Promise<Response> {
  return (event) => respond(event, route, options);
}

async function respond<Env>(
  { req, env }: RequestEvent<Env>,
  route: Omit<Route, "method">,
  { toProblem, getTimeoutMs, onResponse }: PipelineOptions<Env>,
): Promise<Response> {
  const startedAt = performance.now();
  const { headers, method, url } = req.raw;
  const requestId = toRequestId(headers.get("x-request-id"));
  let response: CompleteResponse;
  let error: unknown;
  try {
    const body = route.mediaTypes ? await readBody(req.raw, route.mediaTypes) : NO_BODY;
    const query = route.query && url.includes("?") ? parseQuery(url, route.query) : {};
    const timeoutMs = Math.min(getTimeoutMs?.(env) ?? Infinity, REQUEST_TIMEOUT_MS);
    const result = await runWithDeadline(timeoutMs, (signal) =>
      route.handle({ headers, id: req.param("id") ?? "", query, body, context: { requestId, signal } }),
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

/** The error of a request that has not been handled by its deadline. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Runs work with a signal that aborts after `timeoutMs`, and stops waiting for it then.
 *
 * @throws DeadlineError, also the reason of the signal, if the work takes longer
 */
export function runWithDeadline<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const error = new DeadlineError(`The request exceeded its deadline of ${Math.round(timeoutMs)} ms.`);
      controller.abort(error);
      reject(error);
    }, timeoutMs);
    void work(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
