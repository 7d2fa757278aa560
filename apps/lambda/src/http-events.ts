import type { Hono } from "hono";
import { handle, type APIGatewayProxyResult, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";

/** An event of API Gateway (REST or HTTP API) or of a Function URL, as far as it is put right here. */
interface HttpEvent {
  rawPath?: string;
  path?: string;
  httpMethod?: string;
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
  body?: string | null;
  requestContext: { stage?: string; domainName?: string; http?: { method: string } };
}

export type Answer = (event: unknown, env: object) => Promise<APIGatewayProxyResult>;

/**
 * Answers HTTP events by the app, through Hono's adapter, and puts right what that takes as it comes. `env` is handed
 * to the app beside the request.
 *
 * @param basePath what a custom domain puts before every path, or nothing
 * @throws TypeError for an event of another kind
 */
export function createAnswer(app: Hono<any>, basePath: string): Answer {
  const answer = handle(app);
  return async (event, env) => {
    if (!isHttpEvent(event)) throw new TypeError("This function serves HTTP events of API Gateway or a Function URL.");
    return answer(putRight(event, basePath) as unknown as LambdaEvent, env as LambdaContext);
  };
}

function isHttpEvent(event: unknown): event is HttpEvent {
  if (typeof event !== "object" || event === null || !("requestContext" in event && event.requestContext)) return false;
  const { rawPath, path, httpMethod, requestContext } = event as HttpEvent;
  const isVersion2 = typeof rawPath === "string" && typeof requestContext?.http?.method === "string";
  return isVersion2 || (typeof path === "string" && typeof httpMethod === "string");
}

function putRight(event: HttpEvent, basePath: string): HttpEvent {
  const { http, stage, domainName = "" } = event.requestContext;
  const method = sendable(http ? http.method : event.httpMethod!);
  const right: HttpEvent = {
    ...event,
    ...(event.headers && {
      headers: mapValues(event.headers, (value) => (value === undefined ? undefined : plain(value))),
    }),
    ...(event.multiValueHeaders && {
      multiValueHeaders: mapValues(event.multiValueHeaders, (list) => list?.map(plain)),
    }),
    // The platform's Request takes no body with these, whatever the client has sent.
    ...((method === "GET" || method === "HEAD") && { body: null }),
  };
  if (!http) return { ...right, httpMethod: method, path: without(basePath, escape(event.path!)) };
  // An HTTP API tells the path decoded, and behind its stage unless that is the default; a Function URL as it was sent.
  const isFunctionUrl = domainName.includes(".lambda-url.");
  const path = escape(isFunctionUrl ? event.rawPath! : event.rawPath!.replaceAll("%", "%25"));
  const isStaged = domainName.includes(".execute-api.") && stage !== "$default";
  const rawPath = without(isStaged ? `/${stage}` : basePath, path);
  return { ...right, rawPath, requestContext: { ...event.requestContext, http: { ...http, method } } };
}

/** Percent-encodes what never stands in a path as it is (RFC 3986 section 3.3), such as a `?` that was decoded. */
function escape(path: string): string {
  return path.toWellFormed().replaceAll(/[^\w.~!$&'()*+,;=:@/%-]+/g, encodeURIComponent);
}

function without(prefix: string, path: string): string {
  return prefix !== "" && (path === prefix || path.startsWith(`${prefix}/`)) ? path.slice(prefix.length) || "/" : path;
}

/** A method that the platform's Request refuses is none that a path here has, and is answered so. */
function sendable(method: string): string {
  return /^(?!(?:CONNECT|TRACE|TRACK)$)[!#$%&'*+.^_`|~\w-]+$/i.test(method) ? method : "UNKNOWN";
}

/** The adapter would encode what is not ASCII, and leave out what is empty: neither may become a header that is good. */
function plain(value: string): string {
  return value === "" ? " " : value.replaceAll(/[^\x20-\x7e\t]/g, "\x7f");
}

function mapValues<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
