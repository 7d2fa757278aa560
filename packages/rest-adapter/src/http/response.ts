import type { Caller } from "./authentication.ts";
import type { Problem } from "./problem.ts";

/** A response as plain data, before the headers that all responses share are added. */
export interface PlainResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
}

/** A response with all of its headers. */
export interface CompleteResponse extends PlainResponse {
  readonly headers: Record<string, string>;
  /** The length of the body in bytes. */
  readonly contentLength: number;
}

export function createJsonResponse(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): PlainResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

/**
 * Returns the complete response for a problem. Every problem is written here, also those of requests that never reach
 * a route.
 *
 * @param path the path of the request
 * @param commonHeaders headers that every response of the app has
 */
export function problemResponse(
  problem: Problem,
  path: string,
  requestId: string,
  commonHeaders: Readonly<Record<string, string>> = {},
): CompleteResponse & { readonly body: string } {
  const headers = { "content-type": "application/problem+json", ...problem.headers };
  const body = JSON.stringify(problem.toBody(path, requestId));
  return { ...completeResponse({ status: problem.status, headers, body }, requestId, commonHeaders), body };
}

const encoder = new TextEncoder();

/** Adds the headers that every response has. A header of the response itself takes precedence. */
export function completeResponse(
  { status, headers, body }: PlainResponse,
  requestId: string,
  commonHeaders: Readonly<Record<string, string>> = {},
): CompleteResponse {
  return {
    status,
    headers: {
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      "cache-control": "no-store",
      ...commonHeaders,
      ...headers,
    },
    body,
    contentLength: typeof body === "string" ? countBytes(body) : (body?.byteLength ?? 0),
  };
}

/** Returns the length of a text in UTF-8. Most texts are ASCII, and encoding them takes much longer than the search. */
function countBytes(text: string): number {
  return /[^\0-\x7f]/.test(text) ? encoder.encode(text).byteLength : text.length;
}

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
  /** The id of the caller; absent if the caller is anonymous, or the request was rejected or never authenticated. */
  readonly caller?: string;
  /** The method by which the caller was authenticated. */
  readonly auth: Caller["auth"];
  /** The id of the trace that the request is part of, if its `traceparent` is valid. */
  readonly traceId?: string;
  /** The failure behind a 5xx status code. */
  readonly error?: unknown;
}

export const UNMATCHED_ROUTE = "/*";

/** Builds the log record of a request. `startedAt` is a `performance.now()`. */
export function toRecord({
  requestId,
  method,
  route,
  caller,
  traceparent,
  response,
  startedAt,
  error,
}: Pick<RequestRecord, "requestId" | "method" | "route" | "error"> & {
  readonly caller?: Caller;
  /** The header field of the request; several fields are invalid. */
  readonly traceparent?: string | readonly string[] | null | undefined;
  readonly response: CompleteResponse;
  readonly startedAt: number;
}): RequestRecord {
  const traceId = parseTraceId(traceparent);
  return {
    requestId,
    method,
    route,
    status: response.status,
    durationMs: performance.now() - startedAt,
    contentLength: method === "HEAD" ? 0 : response.contentLength,
    ...(caller?.id !== undefined && { caller: caller.id }),
    auth: caller?.auth ?? "none",
    ...(traceId !== undefined && { traceId }),
    ...(error !== undefined && { error }),
  };
}

/** Returns the members that a log record of a request has in every application. The error is theirs to serialize. */
export function toLogMembers(record: RequestRecord) {
  const { requestId, method, route, status, durationMs, contentLength, caller, auth, traceId } = record;
  return {
    method,
    route,
    status,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    bytes: contentLength,
    ...(caller !== undefined && { caller }),
    auth,
    request_id: requestId,
    ...(traceId !== undefined && { trace_id: traceId }),
  };
}

/** Returns the value of `X-Request-Id` if it is safe in headers and logs, otherwise a generated id. */
export function toRequestId(field: string | readonly string[] | null | undefined): string {
  return typeof field === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(field) ? field : crypto.randomUUID();
}

/** `version-format` of W3C Trace Context. An id of zeros and the version ff are invalid. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[^,]*)?$/;

/**
 * Returns the trace id of a `traceparent` (W3C Trace Context section 3.2), or `undefined` if the field is absent or
 * invalid. Only versions after 00 may append members. Several fields arrive as a list, or as one value with a comma.
 */
function parseTraceId(field: string | readonly string[] | null | undefined): string | undefined {
  if (typeof field !== "string") return undefined;
  const [, version, traceId, appendix] = TRACEPARENT.exec(field) ?? [];
  return version === "00" && appendix !== undefined ? undefined : traceId;
}
