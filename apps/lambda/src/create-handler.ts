import { createAuditedUserService, type UserService } from "@user-management/domain";
import {
  allowAnonymous,
  createApp,
  createProblem,
  problemResponse,
  toRecord,
  toRequestId,
  UNMATCHED_ROUTE,
  type Authenticate,
  type RequestRecord,
} from "@user-management/rest-adapter";
import type { Hono } from "hono";
import { handle, type APIGatewayProxyResult, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import {
  getBaseUrl,
  getClientAddress,
  hasInvalidBody,
  isHttpEvent,
  normalizeEvent,
  type GatewayContext,
} from "./http-events.ts";
import type { Log } from "./log.ts";

/** The time between the deadline of a request, at which it ends with 503, and the timeout of the function. */
const RESPONSE_MARGIN_MS = 300;

/** The time between the end of an invocation and the timeout of the function. */
const END_MARGIN_MS = 100;

/** The environment that Hono's adapter passes to the app. */
export interface LambdaEnv {
  readonly requestContext?: GatewayContext;
  readonly lambdaContext?: LambdaContext;
}

/** The context of the warm-up, which is not an invocation. Only {@link UsersHandler.warmUp} passes it. */
const WARM_UP = { getRemainingTimeInMillis: () => Infinity } as LambdaContext;

export interface HandlerOptions {
  readonly users: UserService;
  readonly authenticate: Authenticate<LambdaEnv>;
  /** Waits for work beside the request, at most `timeoutMs`. Lambda may freeze the environment after the invocation. */
  readonly settle?: (timeoutMs: number) => Promise<void>;
  readonly allowedOrigins?: readonly string[];
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
  /** Handles an HTTP event during initialization, as a request of an anonymous caller. It is not logged. */
  readonly warmUp: (event: unknown) => Promise<APIGatewayProxyResult>;
}

/**
 * Creates the handler of the function, which serves the use cases. Hono's adapter converts the HTTP events of API
 * Gateway and Function URLs to requests.
 */
export function createHandler(options: HandlerOptions): UsersHandler {
  const { users, authenticate, settle = async () => undefined, allowedOrigins = [], basePath, log } = options;
  let isColdStart = true;
  let isInitializing = true;
  const app = createApp<LambdaEnv>({
    users: createAuditedUserService(users, (record) => {
      if (!isInitializing) log.audit(record);
    }),
    authenticate: (credential, env) => (env.lambdaContext === WARM_UP ? allowAnonymous : authenticate)(credential, env),
    getClientAddress: ({ requestContext }) => requestContext && getClientAddress(requestContext),
    allowedOrigins,
    getBaseUrl: ({ requestContext }) => requestContext && getBaseUrl(requestContext, basePath),
    onResponse,
    getTimeoutMs: ({ lambdaContext }) =>
      lambdaContext ? Math.max(lambdaContext.getRemainingTimeInMillis() - RESPONSE_MARGIN_MS, 0) : Infinity,
  });
  const handleRequest = handle(app as unknown as Hono);
  const rejectBody = handle({ fetch: rejectRequest } as unknown as Hono);

  return {
    async handler(event, context) {
      isInitializing = false;
      try {
        return await handleEvent(event, context);
      } finally {
        isColdStart = false;
        await settle(context.getRemainingTimeInMillis() - END_MARGIN_MS);
      }
    },
    warmUp: (event) => handleEvent(event, WARM_UP),
  };

  function handleEvent(event: unknown, context: LambdaContext): Promise<APIGatewayProxyResult> {
    if (!isHttpEvent(event)) throw new TypeError("The event is not an HTTP event of API Gateway or a Function URL.");
    const normalized = normalizeEvent(event, basePath);
    if (!hasInvalidBody(normalized)) return handleRequest(normalized as unknown as LambdaEvent, context);
    return rejectBody({ ...normalized, body: null, isBase64Encoded: false } as unknown as LambdaEvent, context);
  }

  function onResponse(record: RequestRecord, { lambdaContext }: LambdaEnv): void {
    if (lambdaContext && lambdaContext !== WARM_UP) log.request(record, lambdaContext.awsRequestId, isColdStart);
  }

  /** Responds to a request whose body the adapter cannot decode. */
  function rejectRequest({ headers, method, url }: Request, env: LambdaEnv): Response {
    const startedAt = performance.now();
    const requestId = toRequestId(headers.get("x-request-id"));
    const problem = createProblem("malformed-body", { detail: "The body is not valid base64." });
    const response = problemResponse(problem, new URL(url).pathname, requestId);
    const traceparent = headers.get("traceparent");
    onResponse(toRecord({ requestId, method, route: UNMATCHED_ROUTE, traceparent, response, startedAt }), env);
    return new Response(response.body, response);
  }
}
