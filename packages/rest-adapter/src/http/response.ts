import type { Problem } from "./problem.ts";

/** A response as plain data, before the headers that all responses share are added. */
export interface PlainResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
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
 */
export function problemResponse(problem: Problem, path: string, requestId: string): CompleteResponse {
  const headers = { "content-type": "application/problem+json", ...problem.headers };
  return completeResponse(
    { status: problem.status, headers, body: JSON.stringify(problem.toBody(path, requestId)) },
    requestId,
  );
}

const encoder = new TextEncoder();

/** Adds the headers that every response has. A header of the response itself takes precedence. */
export function completeResponse({ status, headers, body }: PlainResponse, requestId: string): CompleteResponse {
  return {
    status,
    headers: {
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      "cache-control": "no-store",
      ...headers,
    },
    ...(body !== undefined && { body }),
    contentLength: typeof body === "string" ? encoder.encode(body).byteLength : (body?.byteLength ?? 0),
  };
}
