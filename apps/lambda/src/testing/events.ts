import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, LambdaFunctionURLEvent } from "aws-lambda";
import { isTextual, text } from "./event-bodies.ts";

/** A request as a client sends it to the gateway. */
export interface ClientRequest {
  readonly method?: string;
  /** Percent-encoded, with its query. */
  readonly path: string;
  /** A name may come more than once. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
}

const ACCOUNT = "123456789012";
const SOURCE = "192.0.2.1";
const TIME = "01/Jan/2026:00:00:00 +0000";
const TIME_EPOCH = Date.UTC(2026, 0, 1);

/**
 * What a REST API hands to a function: the path as the client sent it, query parameters decoded, headers by the names
 * that the client wrote. (AWS: "Lambda proxy integrations in API Gateway", under "Input format of a Lambda function for
 * proxy integration" and "Support for multi-value headers and query string parameters".) A body that is no text comes
 * in base64, as from an API that names its type among its binary media types.
 *
 * @param at the stage, and what a custom domain puts before every path
 */
export function restEvent(
  request: ClientRequest,
  at: { stage?: string; basePath?: string } = {},
): APIGatewayProxyEvent {
  const { stage = "prod", basePath = "" } = at;
  const { method, path, query, body } = parts(request);
  const domainName = basePath ? "api.example.com" : "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
  const headers = grouped([
    ...pairs(request),
    ["Host", domainName],
    ["X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"],
    ["X-Forwarded-For", SOURCE],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  ]);
  const parameters = grouped(new URLSearchParams(query));
  return {
    resource: "/{proxy+}",
    path: basePath + path,
    httpMethod: method,
    headers: last(headers),
    multiValueHeaders: headers,
    queryStringParameters: query === "" ? null : last(parameters),
    multiValueQueryStringParameters: query === "" ? null : parameters,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: "abc123",
      resourcePath: "/{proxy+}",
      httpMethod: method,
      extendedRequestId: "JKJaXmPLvHcESHA=",
      requestTime: TIME,
      path: (basePath || `/${stage}`) + path,
      accountId: ACCOUNT,
      protocol: "HTTP/1.1",
      stage,
      domainPrefix: domainName.split(".")[0]!,
      requestTimeEpoch: TIME_EPOCH,
      requestId: randomUUID(),
      identity: { ...nobody, sourceIp: SOURCE, userAgent: "events.ts" },
      domainName,
      apiId: "a1b2c3d4e5",
      authorizer: null,
    },
    body: body === undefined ? null : text(body),
    isBase64Encoded: body !== undefined && !isTextual(body),
  };
}

/**
 * What an HTTP API hands to a function, payload format 2.0. (AWS: "Create AWS Lambda proxy integrations for HTTP APIs in
 * API Gateway".) Not on that page: the path is decoded, the query is not (honojs/hono#2156), and a named stage stands
 * before the path.
 */
export function httpEvent(request: ClientRequest, at: { stage?: string } = {}): APIGatewayProxyEventV2 {
  const { stage = "$default" } = at;
  const path = decoded(parts(request).path);
  const rawPath = stage === "$default" ? path : `/${stage}${path}`;
  return version2(request, rawPath, stage, "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com");
}

/**
 * What a Function URL hands to its function: format 2.0 without a stage, and the path as the client sent it. (AWS:
 * "Invoking Lambda function URLs", under "Request payload format".)
 */
export function functionUrlEvent(request: ClientRequest): LambdaFunctionURLEvent {
  const { path } = parts(request);
  return version2(request, path, "$default", "a1b2c3d4e5f6g7h8.lambda-url.eu-central-1.on.aws");
}

function version2(request: ClientRequest, rawPath: string, stage: string, domainName: string): APIGatewayProxyEventV2 {
  const { method, query, body } = parts(request);
  const domainPrefix = domainName.split(".")[0]!;
  const { cookie, ...headers } = grouped([
    ...pairs(request).map(([name, value]) => [name.toLowerCase(), value] as const),
    ...(body === undefined ? [] : [["content-length", String(Buffer.byteLength(body))] as const]),
    ["host", domainName],
    ["x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"],
    ["x-forwarded-for", SOURCE],
    ["x-forwarded-port", "443"],
    ["x-forwarded-proto", "https"],
  ]);
  const type = headers["content-type"]?.join(",");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.flatMap((value) => value.split(/; */)) }),
    headers: joined(headers),
    ...(query !== "" && { queryStringParameters: joined(grouped(new URLSearchParams(query))) }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: domainPrefix,
      domainName,
      domainPrefix,
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: SOURCE, userAgent: "events.ts" },
      requestId: randomUUID(),
      routeKey: "$default",
      stage,
      time: TIME,
      timeEpoch: TIME_EPOCH,
    },
    ...(body !== undefined && { body: text(body, type) }),
    isBase64Encoded: body !== undefined && !isTextual(body, type),
  };
}

function parts({ method = "GET", path: target, body }: ClientRequest) {
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  return { method, path, query, body };
}

function pairs({ headers = {} }: ClientRequest): (readonly [string, string])[] {
  return Symbol.iterator in headers ? [...headers] : Object.entries(headers);
}

function grouped(entries: Iterable<readonly [string, string]>): Record<string, string[]> {
  const groups = Object.groupBy(entries, ([name]) => name);
  return Object.fromEntries(
    Object.entries(groups).map(([name, group = []]) => [name, group.map(([, value]) => value)]),
  );
}

function last(groups: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1)!]));
}

function joined(groups: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.join(",")]));
}

/** The path decoded; escapes that are no UTF-8 stay as they are. */
function decoded(path: string): string {
  return path.replaceAll(/(?:%[\da-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}

/** A caller whom the API has not asked who it is. */
const nobody = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};
