/** The members of an event of API Gateway (REST or HTTP API) or of a Function URL that are validated or normalized. */
interface HttpEvent {
  rawPath?: string;
  path?: string;
  httpMethod?: string;
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
  body?: string | null;
  isBase64Encoded?: boolean;
  requestContext: GatewayContext;
}

/** The members of the gateway's description of a request that the function reads. The invoker of the function writes it. */
export interface GatewayContext {
  readonly stage?: string;
  readonly domainName?: string;
  /** Present in format 2.0 only. */
  readonly http?: { readonly method: string; readonly sourceIp?: unknown };
  readonly authorizer?: { readonly iam?: { readonly userArn?: unknown } | null } | null;
  /** Present in format 1.0 only. */
  readonly identity?: { readonly sourceIp?: unknown; readonly userArn?: unknown } | null;
}

/**
 * Returns the absolute URL of the API behind a gateway. A custom domain has the base path, `execute-api` the name of the stage.
 */
export function getBaseUrl({ domainName, stage, http }: GatewayContext, basePath: string): string | undefined {
  if (domainName === undefined || domainName === "") return undefined;
  if (!domainName.includes(".execute-api.")) return `https://${domainName}${basePath}`;
  return http && stage === "$default" ? `https://${domainName}` : `https://${domainName}/${stage}`;
}

/** Returns the IP address of the client. */
export function getClientAddress({ http, identity }: GatewayContext): string | undefined {
  const address = http ? http.sourceIp : identity?.sourceIp;
  return typeof address === "string" ? address : undefined;
}

/**
 * Returns the ARN of the IAM identity that signed the request, or `undefined` if the gateway required no signature. (AWS:
 * "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway", "Invoking Lambda function URLs", "Lambda proxy
 * integrations in API Gateway".)
 */
export function getUserArn({ http, authorizer, identity }: GatewayContext): string | undefined {
  const arn = http ? authorizer?.iam?.userArn : identity?.userArn;
  return typeof arn === "string" && arn !== "" ? arn : undefined;
}

export function isHttpEvent(event: unknown): event is HttpEvent {
  if (typeof event !== "object" || event === null || !("requestContext" in event && event.requestContext)) return false;
  const { rawPath, path, httpMethod, requestContext } = event as HttpEvent;
  const isVersion2 = typeof rawPath === "string" && typeof requestContext?.http?.method === "string";
  return isVersion2 || (typeof path === "string" && typeof httpMethod === "string");
}

/** RFC 4648 section 4, with optional padding. */
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/;

/** Reports whether an event declares its body to be base64 although it is not. */
export function hasInvalidBody({ body, isBase64Encoded }: HttpEvent): boolean {
  return isBase64Encoded === true && body != null && !BASE64.test(body);
}

/** Returns the event as Hono's adapter must receive it to create the request that the client sent. */
export function normalizeEvent(event: HttpEvent, basePath: string): HttpEvent {
  const { http, stage, domainName = "" } = event.requestContext;
  const method = toSupportedMethod(http ? http.method : event.httpMethod!);
  const normalized: HttpEvent = {
    ...event,
    ...(event.headers && {
      headers: mapValues(event.headers, (value) => (value === undefined ? undefined : protectFieldValue(value))),
    }),
    ...(event.multiValueHeaders && {
      multiValueHeaders: mapValues(event.multiValueHeaders, (values) => values?.map(protectFieldValue)),
    }),
    // A Request with these methods cannot have a body.
    ...((method === "GET" || method === "HEAD") && { body: null }),
  };
  if (!http) return { ...normalized, httpMethod: method, path: stripPrefix(basePath, escapePath(event.path!)) };
  // The path of an HTTP API is decoded and begins with the name of a named stage; that of a Function URL is as sent.
  const isFunctionUrl = domainName.includes(".lambda-url.");
  const path = escapePath(isFunctionUrl ? event.rawPath! : event.rawPath!.replaceAll("%", "%25"));
  const hasStage = domainName.includes(".execute-api.") && stage !== "$default";
  const rawPath = stripPrefix(hasStage ? `/${stage}` : basePath, path);
  return { ...normalized, rawPath, requestContext: { ...event.requestContext, http: { ...http, method } } };
}

/** Percent-encodes the characters that a path cannot contain (RFC 3986 section 3.3), such as a decoded `?`. */
function escapePath(path: string): string {
  return path.toWellFormed().replaceAll(/[^\w.~!$&'()*+,;=:@/%-]+/g, encodeURIComponent);
}

function stripPrefix(prefix: string, path: string): string {
  return prefix !== "" && (path === prefix || path.startsWith(`${prefix}/`)) ? path.slice(prefix.length) || "/" : path;
}

/** Replaces a method that a Request cannot have. No path of this API has such a method. */
function toSupportedMethod(method: string): string {
  return /^(?!(?:CONNECT|TRACE|TRACK)$)[!#$%&'*+.^_`|~\w-]+$/i.test(method) ? method : "UNKNOWN";
}

/**
 * Replaces characters other than ASCII, which the adapter would encode, and an empty value, which it would omit: neither
 * may turn an invalid field into a valid one.
 */
function protectFieldValue(value: string): string {
  return value === "" ? " " : value.replaceAll(/[^\x20-\x7e\t]/g, "\x7f");
}

function mapValues<From, To>(record: Record<string, From>, convert: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value)]));
}
