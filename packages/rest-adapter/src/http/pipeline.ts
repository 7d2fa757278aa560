import {
  createAuthentication,
  requireScope,
  UNKNOWN_CALLER,
  type AuthenticationOptions,
  type Caller,
  type RouteAccess,
} from "./authentication.ts";
import { createCors, type Cors, type CorsOptions } from "./cors.ts";
import { runWithDeadline } from "./deadline.ts";
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

/** The maximum time for the authentication of a request and for its route together, without the arrival of the body. */
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
  readonly context: { readonly requestId: string; readonly caller: Caller; readonly signal: AbortSignal };
}

export interface Route<Env = unknown> extends RouteAccess {
  readonly method: string;
  /** The path with `:id` for its parameter. */
  readonly pattern: string;
  /** The accepted media types of the body, the preferred one first. Without them the body is ignored. */
  readonly mediaTypes?: readonly string[] | undefined;
  /** The accepted query parameters. Without them the query is ignored. */
  readonly query?: QueryParameters;
  readonly handle: (request: RouteRequest, env: Env) => Promise<PlainResponse>;
}

export interface PipelineOptions<Env> extends AuthenticationOptions<Env> {
  readonly cors: CorsOptions;
  /** Maps an error to the problem that clients receive, with the error as its cause. */
  readonly toProblem: (error: unknown) => Problem;
  /** Returns the time left for the request in milliseconds; it is limited to {@link REQUEST_TIMEOUT_MS}. */
  readonly getTimeoutMs?: ((env: Env) => number) | undefined;
  /** Called before the body of a request is read: a server may now invite the client to send it (100 Continue). */
  readonly onReadBody?: ((env: Env) => void) | undefined;
  /** Called once per request, with its log record. It must not throw. `env` is the second argument of `fetch`. */
  readonly onResponse?: ((record: RequestRecord, env: Env) => void) | undefined;
}

/** The members of Hono's context that the pipeline reads. */
interface RequestEvent<Env> {
  readonly req: { readonly raw: Request; param(name: string): string | undefined };
  readonly env: Env;
}

/**
 * Creates a pipeline: a function that creates the handler of a route. The handler authenticates and authorizes the
 * caller, validates the request, runs the route with a deadline, maps an error to a problem, and reports the log record.
 */
export function createPipeline<Env>(options: PipelineOptions<Env>): CreateRouteHandler<Env> {
  const steps = { ...options, identifyCaller: createAuthentication(options), cors: createCors(options.cors) };
  return (route) => (event) => respond(event, route, steps);
}

export type CreateRouteHandler<Env> = (
  route: Omit<Route<Env>, "method">,
) => (event: RequestEvent<Env>) => Promise<Response>;

interface Steps<Env> extends Omit<PipelineOptions<Env>, "cors"> {
  readonly identifyCaller: (headers: Headers, env: Env) => Caller | Promise<Caller>;
  readonly cors: Cors;
}

async function respond<Env>(
  { req, env }: RequestEvent<Env>,
  route: Omit<Route<Env>, "method">,
  { toProblem, identifyCaller, cors, getTimeoutMs, onReadBody, onResponse }: Steps<Env>,
): Promise<Response> {
  const startedAt = performance.now();
  const { headers, method, url } = req.raw;
  const requestId = toRequestId(headers.get("x-request-id"));
  const corsHeaders = cors.getHeaders(headers);
  let caller = UNKNOWN_CALLER;
  let response: CompleteResponse;
  let error: unknown;
  try {
    const result = cors.respondToPreflight(method, headers) ?? (await handle());
    response = completeResponse(result, requestId, corsHeaders);
  } catch (thrown) {
    const problem = toProblem(thrown);
    if (problem.status >= 500) error = problem.cause;
    response = problemResponse(problem, new URL(url).pathname, requestId, corsHeaders);
  }
  const traceparent = headers.get("traceparent");
  const record = toRecord({ requestId, method, route: route.pattern, caller, traceparent, response, startedAt, error });
  onResponse?.(record, env);
  // Plain headers and one body: the Node server writes such a response without creating the platform's objects.
  return new Response(response.body ?? null, { status: response.status, headers: response.headers });

  async function handle(): Promise<PlainResponse> {
    let timeoutMs = REQUEST_TIMEOUT_MS;
    if (route.scope !== "public") {
      const identified = identifyCaller(headers, env);
      if (identified instanceof Promise) {
        caller = await runWithDeadline(limitTimeout(timeoutMs), () => identified);
        timeoutMs -= performance.now() - startedAt;
      } else {
        caller = identified;
      }
      requireScope(caller, route, url);
    }
    const body = route.mediaTypes ? await readBody(req.raw, route.mediaTypes, () => onReadBody?.(env)) : NO_BODY;
    const query = route.query && url.includes("?") ? parseQuery(url, route.query) : {};
    return await runWithDeadline(limitTimeout(timeoutMs), (signal) =>
      route.handle({ headers, id: req.param("id") ?? "", query, body, context: { requestId, caller, signal } }, env),
    );
  }

  function limitTimeout(timeoutMs: number): number {
    return Math.min(getTimeoutMs?.(env) ?? Infinity, timeoutMs);
  }
}

const NO_BODY = new Uint8Array();
