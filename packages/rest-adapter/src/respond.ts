import type { AppContext } from "./exchange.ts";
import type { Problem } from "./problem.ts";

const encoder = new TextEncoder();

/** What every answer says, whoever sends it. */
function commonHeaders(requestId: string): Record<string, string> {
  return { "x-content-type-options": "nosniff", "x-request-id": requestId, "cache-control": "no-store" };
}

/**
 * The one place where answers are built: text and plain headers at once, which the Node server writes to the socket
 * without building a Response of the platform.
 */
export function respond(c: AppContext, status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = body === undefined ? null : JSON.stringify(body);
  c.set("bytes", text === null || c.req.method === "HEAD" ? 0 : encoder.encode(text).byteLength);
  return new Response(text, {
    status,
    headers: {
      ...(text !== null && { "content-type": "application/json" }),
      ...commonHeaders(c.get("requestId")),
      ...headers,
    },
  });
}

export function respondProblem(c: AppContext, problem: Problem): Response {
  const { status, headers, body } = problemAnswer(problem, new URL(c.req.url).pathname, c.get("requestId"));
  return respond(c, status, body, headers);
}

/** A problem as it goes over the wire, also for what never becomes a request of the app. */
export function problemAnswer(
  problem: Problem,
  instance: string,
  requestId: string,
): { status: number; headers: Record<string, string>; body: object } {
  return {
    status: problem.status,
    headers: { ...commonHeaders(requestId), "content-type": "application/problem+json", ...problem.headers },
    body: problem.toBody(instance, requestId),
  };
}
