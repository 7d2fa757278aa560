import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, LambdaFunctionURLEvent } from "aws-lambda";
import {
  decodePath,
  encodeBody,
  groupByName,
  joinValues,
  pickLast,
  splitRequest,
  type ClientRequest,
} from "./client-request.ts";

/** Converts a request to the event that a gateway passes to the function. */
export type ToEvent = (request: ClientRequest) => unknown;

/** Converts a request that an IAM identity has signed to the event of a gateway that requires the signature. */
export type ToSignedEvent = (request: ClientRequest, userArn: string) => unknown;

/** The gateways that can invoke the function, by name. */
export const GATEWAYS: Readonly<Record<string, ToEvent>> = {
  "a REST API": (request) => toRestEvent(request),
  "an HTTP API": (request) => toHttpEvent(request),
  "an HTTP API with a named stage": (request) => toHttpEvent(request, { stage: "prod" }),
  "a Function URL": (request) => toFunctionUrlEvent(request),
};

/** The gateways that can require an IAM signature, by name. */
export const SIGNED_GATEWAYS: Readonly<Record<string, ToSignedEvent>> = {
  "a REST API": (request, userArn) => addRestIdentity(toRestEvent(request), userArn),
  "an HTTP API": (request, userArn) => addAuthorizer(toHttpEvent(request), toIamAuthorizer(userArn)),
  "a Function URL": (request, userArn) => addAuthorizer(toFunctionUrlEvent(request), toIamAuthorizer(userArn)),
};

const ACCOUNT_ID = "123456789012";
const SOURCE_IP = "192.0.2.1";
const USER_AGENT = "events.ts";
const TIME = "01/Jan/2026:00:00:00 +0000";
const TIME_EPOCH_MS = Date.UTC(2026, 0, 1);

/** The headers that API Gateway adds to a request. */
const GATEWAY_HEADERS = [
  ["X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"],
  ["X-Forwarded-For", SOURCE_IP],
  ["X-Forwarded-Port", "443"],
  ["X-Forwarded-Proto", "https"],
] as const;

/**
 * Returns the event of a REST API: the path is as the client sent it, query parameters are decoded, and headers have the
 * names that the client wrote. (AWS: "Lambda proxy integrations in API Gateway", under "Input format of a Lambda
 * function for proxy integration" and "Support for multi-value headers and query string parameters".) A body that is
 * not text is in base64, as from an API whose binary media types include its type.
 *
 * @param options `basePath` is the base path of a custom domain
 */
export function toRestEvent(
  request: ClientRequest,
  { stage = "prod", basePath = "" }: { stage?: string; basePath?: string } = {},
): APIGatewayProxyEvent {
  const { method, path, query, headers, body } = splitRequest(request);
  const domainName = basePath ? "api.example.com" : "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
  const headerGroups = groupByName([...headers, ["Host", domainName], ...GATEWAY_HEADERS]);
  const parameterGroups = groupByName(new URLSearchParams(query));
  return {
    resource: "/{proxy+}",
    path: basePath + path,
    httpMethod: method,
    headers: pickLast(headerGroups),
    multiValueHeaders: headerGroups,
    queryStringParameters: query === "" ? null : pickLast(parameterGroups),
    multiValueQueryStringParameters: query === "" ? null : parameterGroups,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: "abc123",
      resourcePath: "/{proxy+}",
      httpMethod: method,
      extendedRequestId: "JKJaXmPLvHcESHA=",
      requestTime: TIME,
      path: (basePath || `/${stage}`) + path,
      accountId: ACCOUNT_ID,
      protocol: "HTTP/1.1",
      stage,
      domainPrefix: domainName.split(".")[0]!,
      requestTimeEpoch: TIME_EPOCH_MS,
      requestId: randomUUID(),
      identity: { ...UNAUTHENTICATED_IDENTITY, sourceIp: SOURCE_IP, userAgent: USER_AGENT },
      domainName,
      apiId: "a1b2c3d4e5",
      authorizer: null,
    },
    ...(body === undefined ? { body: null, isBase64Encoded: false } : encodeBody(body)),
  };
}

/**
 * Returns the event of an HTTP API, payload format 2.0. (AWS: "Create AWS Lambda proxy integrations for HTTP APIs in API
 * Gateway".) That page does not mention that the path is decoded and the query is not (honojs/hono#2156), nor that the
 * path begins with the name of a named stage.
 */
export function toHttpEvent(
  request: ClientRequest,
  { stage = "$default" }: { stage?: string } = {},
): APIGatewayProxyEventV2 {
  const path = decodePath(splitRequest(request).path);
  const rawPath = stage === "$default" ? path : `/${stage}${path}`;
  return toVersion2Event(request, rawPath, stage, "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com");
}

/**
 * Returns the event of a Function URL: format 2.0 without a stage, and with the path as the client sent it. (AWS:
 * "Invoking Lambda function URLs", under "Request payload format".)
 */
export function toFunctionUrlEvent(request: ClientRequest): LambdaFunctionURLEvent {
  const { path } = splitRequest(request);
  return toVersion2Event(request, path, "$default", "a1b2c3d4e5f6g7h8.lambda-url.eu-central-1.on.aws");
}

function toVersion2Event(
  request: ClientRequest,
  rawPath: string,
  stage: string,
  domainName: string,
): APIGatewayProxyEventV2 {
  const { method, query, headers, body } = splitRequest(request);
  const domainPrefix = domainName.split(".")[0]!;
  const contentLength = body === undefined ? [] : [["Content-Length", String(Buffer.byteLength(body))] as const];
  const entries = [...headers, ...contentLength, ["Host", domainName] as const, ...GATEWAY_HEADERS];
  const { cookie, ...headerGroups } = groupByName(entries.map(([name, value]) => [name.toLowerCase(), value] as const));
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.flatMap((value) => value.split(/; */)) }),
    headers: joinValues(headerGroups),
    ...(query !== "" && { queryStringParameters: joinValues(groupByName(new URLSearchParams(query))) }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: domainPrefix,
      domainName,
      domainPrefix,
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: SOURCE_IP, userAgent: USER_AGENT },
      requestId: randomUUID(),
      routeKey: "$default",
      stage,
      time: TIME,
      timeEpoch: TIME_EPOCH_MS,
    },
    ...(body === undefined ? { isBase64Encoded: false } : encodeBody(body, headerGroups["content-type"]?.join(","))),
  };
}

/** Adds the identity of the signer, as in the examples of AWS ("Lambda proxy integrations in API Gateway"). */
export function addRestIdentity(event: APIGatewayProxyEvent, userArn: string): APIGatewayProxyEvent {
  const { accessKey, callerId, userId } = SIGNER;
  const signer = { accessKey, accountId: ACCOUNT_ID, caller: callerId, user: userId, userArn };
  const identity = { ...event.requestContext.identity, ...signer };
  return { ...event, requestContext: { ...event.requestContext, identity } };
}

/** Adds the result of an authorizer of an HTTP API or a Function URL. */
export function addAuthorizer(event: APIGatewayProxyEventV2, authorizer: object): object {
  return { ...event, requestContext: { ...event.requestContext, authorizer } };
}

/** Returns the result of the IAM authorizer. (AWS: "Invoking Lambda function URLs", under "Request payload format".) */
function toIamAuthorizer(userArn: string): object {
  const organization = { principalOrgId: "o-1234567890", cognitoIdentity: null };
  return { iam: { ...SIGNER, accountId: ACCOUNT_ID, ...organization, userArn } };
}

const SIGNER = { accessKey: "ASIAIOSFODNN7EXAMPLE", callerId: "AROAEXAMPLE:session", userId: "AROAEXAMPLE:session" };

/** The identity of a caller whom the API does not authenticate. */
const UNAUTHENTICATED_IDENTITY = {
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
