import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Problem, problemAnswer, requestIdOf, type Exchange } from "@user-management/rest-adapter";

const malformed = new Problem("malformed-request", { detail: "This is not a request in HTTP/1.1." });

/** What Node.js says of bytes that never become a request (https://nodejs.org/api/http.html#event-clienterror). */
const problemsByCode: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: new Problem("headers-too-large", { detail: "The headers are larger than 16 KiB." }),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem("request-timeout", { detail: "The request took too long to arrive." }),
};

/** Gives the request its id, so that whoever answers it, the app or the server, answers and tells of the same one. */
export function settleRequestId({ headers }: IncomingMessage): string {
  const sent = headers["x-request-id"];
  const requestId = requestIdOf(typeof sent === "string" ? sent : undefined);
  headers["x-request-id"] = requestId;
  return requestId;
}

/** Answers a request that Node.js understands and the app cannot, and ends its connection. */
export function answerMalformed(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
  const { status, headers, text, exchange } = answerTo(malformed, incoming);
  outgoing.writeHead(status, headers).end(text);
  return exchange;
}

/**
 * Answers bytes that Node.js does not understand, on the bare connection, and ends it.
 *
 * @param incoming the request that they are the body of, if there is one; whoever reads it meets the problem
 */
export function answerOnConnection(connection: Duplex, error?: Error, incoming?: IncomingMessage): Exchange {
  const code = error && "code" in error ? String(error.code) : "";
  const problem = problemsByCode[code] ?? malformed;
  const { status, headers, text, exchange } = answerTo(problem, incoming);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `date: ${new Date().toUTCString()}`,
  ];
  connection.on("error", () => undefined); // a client that has gone meanwhile; Node.js no longer listens
  connection.end(`${lines.join("\r\n")}\r\n\r\n${text}`, () => {
    incoming?.destroy(problem);
    connection.destroy();
  });
  return exchange;
}

function answerTo(problem: Problem, incoming?: IncomingMessage) {
  const requestId = incoming ? settleRequestId(incoming) : requestIdOf(undefined);
  const instance = /^\/[^?]*/.exec(incoming?.url ?? "")?.[0] ?? "/";
  const { status, headers, body } = problemAnswer(problem, instance, requestId);
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  const method = incoming?.method ?? "-";
  const exchange: Exchange = { requestId, method, route: "/*", status, milliseconds: 0, bytes };
  return { status, headers: { ...headers, "content-length": String(bytes), connection: "close" }, text, exchange };
}
