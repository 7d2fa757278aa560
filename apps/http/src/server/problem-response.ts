import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createProblem,
  problemResponse,
  toRecord,
  toRequestId,
  UNMATCHED_ROUTE,
  type Problem,
  type ProblemType,
  type RequestRecord,
} from "@user-management/rest-adapter";

/** Problem types by the error code of the `clientError` event (https://nodejs.org/api/http.html#event-clienterror). */
const PROBLEM_TYPES_BY_CODE: Record<string, ProblemType> = {
  HPE_HEADER_OVERFLOW: "headers-too-large",
  ERR_HTTP_REQUEST_TIMEOUT: "request-timeout",
};

/** Responds to a request that Node.js parsed but that does not reach the application, and closes its connection. */
export function respondWithProblem(outgoing: ServerResponse, type: ProblemType): RequestRecord {
  const { status, headers, text, record } = createResponse(createProblem(type), outgoing.req);
  outgoing.writeHead(status, headers).end(text);
  return record;
}

export interface RawResponse {
  readonly problem: Problem;
  readonly bytes: string;
  readonly record: RequestRecord;
}

/**
 * Formats the response to bytes that Node.js cannot parse, and for which it provides no `ServerResponse`.
 *
 * @param incoming the request whose body contains the bytes, if there is one
 */
export function formatRawResponse(error: Error, incoming?: IncomingMessage): RawResponse {
  const code = "code" in error ? String(error.code) : "";
  const problem = createProblem(PROBLEM_TYPES_BY_CODE[code] ?? "malformed-request");
  const { status, headers, text, record } = createResponse(problem, incoming);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `date: ${new Date().toUTCString()}`,
  ];
  return { problem, bytes: `${lines.join("\r\n")}\r\n\r\n${text}`, record };
}

/** Creates the response to an error that the application has not handled. It contains nothing of the error. */
export function createInternalErrorResponse(): Response {
  const { status, headers, body } = problemResponse(createProblem("internal"), "/", toRequestId(undefined));
  return new Response(body, { status, headers });
}

function createResponse(problem: Problem, incoming?: IncomingMessage) {
  const requestId = toRequestId(incoming?.headers["x-request-id"]);
  const path = /^\/[^?]*/.exec(incoming?.url ?? "")?.[0] ?? "/";
  const response = problemResponse(problem, path, requestId);
  const record = toRecord({
    requestId,
    method: incoming?.method ?? "-",
    route: UNMATCHED_ROUTE,
    traceparent: incoming?.headers["traceparent"],
    response,
    startedAt: performance.now(),
  });
  const headers = { ...response.headers, "content-length": String(response.contentLength), connection: "close" };
  return { status: response.status, headers, text: response.body, record };
}
