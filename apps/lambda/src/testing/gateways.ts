import { createUserService, type UserRepository } from "@user-management/domain";
import { createApp } from "@user-management/rest-adapter";
import type { Ask } from "@user-management/rest-adapter/testing";
import { createHash, randomUUID } from "node:crypto";
import { createHandler, tellInvocation, type Handler, type LambdaContext } from "../invocation.ts";
import type { Log } from "../log.ts";
import { answerOf } from "./answer-of.ts";
import { functionUrlEvent, httpEvent, restEvent, type ClientRequest } from "./events.ts";

/** Every way in which a request reaches the function, as the events that it makes. */
export const gateways: Record<string, (request: ClientRequest) => unknown> = {
  "a REST API": (request) => restEvent(request),
  "an HTTP API": (request) => httpEvent(request),
  "an HTTP API with a named stage": (request) => httpEvent(request, { stage: "prod" }),
  "a Function URL": (request) => functionUrlEvent(request),
};

const silent: Log = { request: () => undefined, warn: () => undefined };

/** The function over this repository, without its composition root. */
export function createTestHandler(repository: UserRepository, { basePath = "", log = silent } = {}): Handler {
  const users = createUserService({
    users: repository,
    now: () => new Date(),
    newId: randomUUID,
    digest: (text) => createHash("sha256").update(text).digest("base64url"),
  });
  return createHandler(createApp({ users, onExchange: tellInvocation }), basePath, log);
}

export function contextOf(milliseconds = 10_000): LambdaContext {
  return { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => milliseconds };
}

/** Sends requests to the function as events of one kind. */
export function askThrough(handler: Handler, toEvent: (request: ClientRequest) => unknown): Ask {
  return async (path, init) => {
    const { method, headers, body } = new Request("https://localhost", init);
    const bytes = body && new Uint8Array(await new Response(body).arrayBuffer());
    const event = toEvent({ method, path, headers: [...headers], ...(bytes && { body: bytes }) });
    return answerOf(await handler(event, contextOf()));
  };
}
