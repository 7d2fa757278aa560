import type { UserService } from "@user-management/domain";
import {
  createApp,
  createProblem,
  problemResponse,
  toRecord,
  toRequestId,
  UNMATCHED_ROUTE,
  type RequestRecord,
} from "@user-management/rest-adapter";
import type { Hono } from "hono";
import { handle, type APIGatewayProxyResult, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { hasInvalidBody, isHttpEvent, normalizeEvent } from "./http-events.ts";
import type { Log } from "./log.ts";

/** The time between the deadline of a request, at which it ends with 503, and the timeout of the function. */
const RESPONSE_MARGIN_MS = 300;

/** The environment that Hono's adapter passes to the app. During the warm-up there is no invocation. */
interface LambdaEnv {
  readonly lambdaContext?: LambdaContext;
}

export interface HandlerOptions {
  readonly users: UserService;
  /** The base path that a custom domain puts before every path, or an empty string. */
  readonly basePath: string;
  readonly log: Log;
}

export interface UsersHandler {
  /**
   * Handles an invocation.
   *
   * @throws TypeError if the event is not an HTTP event
   */
  readonly handler: (event: unknown, context: LambdaContext) => Promise<APIGatewayProxyResult>;
  /** Handles a request during initialization, without an invocation. It is not logged. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/**
 * Creates the handler of the function, which serves the use cases. Hono's adapter converts the HTTP events of API
 * Gateway and Function URLs to requests.
 */
export function createHandler({ users, basePath, log }: HandlerOptions): UsersHandler {
  let isColdStart = true;
  const app = createApp<LambdaEnv>({
    users,
    onResponse,
    getTimeoutMs: ({ lambdaContext }) =>
      lambdaContext ? Math.max(lambdaContext.getRemainingTimeInMillis() - RESPONSE_MARGIN_MS, 0) : Infinity,
  });
  const handleRequest = handle(app as unknown as Hono);
  const rejectBody = handle({ fetch: rejectRequest } as unknown as Hono);

  return {
    async handler(event, context) {
      try {
        return await handleEvent(event, context);
      } finally {
        isColdStart = false;
      }
    },
    fetch: (request) => app.fetch(request, {}),
  };

  function handleEvent(event: unknown, context: LambdaContext): Promise<APIGatewayProxyResult> {
    if (!isHttpEvent(event)) throw new TypeError("The event is not an HTTP event of API Gateway or a Function URL.");
    const normalized = normalizeEvent(event, basePath);
    if (!hasInvalidBody(normalized)) return handleRequest(normalized as unknown as LambdaEvent, context);
    return rejectBody({ ...normalized, body: null, isBase64Encoded: false } as unknown as LambdaEvent, context);
  }

  function onResponse(record: RequestRecord, { lambdaContext }: LambdaEnv): void {
    if (lambdaContext) log.request(record, lambdaContext.awsRequestId, isColdStart);
  }

  /** Responds to a request whose body the adapter cannot decode. */
  function rejectRequest({ headers, method, url }: Request, env: LambdaEnv): Response {
    const startedAt = performance.now();
    const requestId = toRequestId(headers.get("x-request-id"));
    const problem = createProblem("malformed-body", { detail: "The body is not valid base64." });
    const response = problemResponse(problem, new URL(url).pathname, requestId);
    onResponse(toRecord({ requestId, method, route: UNMATCHED_ROUTE, response, startedAt }), env);
    return new Response(response.body, response);
  }
}
