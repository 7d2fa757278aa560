import { UserError } from "@user-management/domain";
import { problemAnswer, requestIdOf, toProblem, type Exchange } from "@user-management/rest-adapter";
import type { Hono } from "hono";
import type { APIGatewayProxyResult } from "hono/aws-lambda";
import { createAnswer } from "./http-events.ts";
import type { Log } from "./log.ts";

/** How long before the function's deadline the client is answered, come what may, in milliseconds. */
const MARGIN = 300;

/** What Lambda tells of an invocation, as far as it is used here. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What goes with a request through the app. */
interface Invocation {
  readonly remaining: number;
  /** Logs the line of this invocation; what comes after the first is of work that nobody waits for any more. */
  readonly tell: (exchange: Exchange) => void;
}

type App = Pick<Hono<any>, "fetch">;

export type Handler = (event: unknown, context: LambdaContext) => Promise<APIGatewayProxyResult>;

/** Where the app tells of an exchange: to the invocation that it is of. */
export function tellInvocation(exchange: Exchange, env: unknown): void {
  invocationIn(env)?.tell(exchange);
}

/**
 * The function over the app. Every invocation by an HTTP event is answered before the function's deadline: work that
 * is not done by then is a 503. An event of another kind is an error of the invocation.
 */
export function createHandler(app: App, basePath: string, log: Log): Handler {
  const answer = createAnswer(
    { fetch: (request: Request, env: unknown) => inTime(app, request, env) } as Hono,
    basePath,
  );
  let isCold = true;

  return (event, context) => {
    const coldStart = isCold;
    isCold = false;
    let told = false;
    const tell = (exchange: Exchange) => {
      if (!told) log.request(exchange, context.awsRequestId, coldStart);
      told = true;
    };
    return answer(event, { remaining: context.getRemainingTimeInMillis(), tell } satisfies Invocation);
  };
}

async function inTime(app: App, request: Request, env: unknown): Promise<Response> {
  const { remaining, tell } = invocationIn(env)!;
  const started = performance.now();
  const tellProblem = (error: unknown) => {
    const requestId = requestIdOf(request.headers.get("x-request-id"));
    const problem = toProblem(error);
    const { status, headers, body } = problemAnswer(problem, new URL(request.url).pathname, requestId);
    const text = JSON.stringify(body);
    const milliseconds = performance.now() - started;
    tell({
      requestId,
      method: request.method,
      route: "/*",
      status,
      milliseconds,
      bytes: Buffer.byteLength(text),
      error,
    });
    return new Response(text, { status, headers });
  };

  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<Response>((resolve) => {
    const message = "The function's time is up before the users table has answered.";
    timer = setTimeout(() => resolve(tellProblem(new UserError("unavailable", { message }))), remaining - MARGIN);
  });
  try {
    return await Promise.race([app.fetch(request, env as object), outOfTime]);
  } catch (error) {
    return tellProblem(error);
  } finally {
    clearTimeout(timer);
  }
}

function invocationIn(env: unknown): Invocation | undefined {
  return (env as { lambdaContext?: Invocation } | undefined)?.lambdaContext;
}
