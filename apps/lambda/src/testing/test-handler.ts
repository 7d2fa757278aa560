import { randomUUID } from "node:crypto";
import { createUserService, type UserRepository } from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import { allowAnonymous } from "@user-management/rest-adapter";
import type { SendRequest } from "@user-management/rest-adapter/testing";
import type { LambdaContext } from "hono/aws-lambda";
import { createHandler, type HandlerOptions, type UsersHandler } from "../create-handler.ts";
import type { Log } from "../log.ts";
import type { ToEvent } from "./events.ts";
import { toResponse } from "./to-response.ts";

type Handler = UsersHandler["handler"];

export const SILENT_LOG: Log = { request: () => undefined, audit: () => undefined, warn: () => undefined };

/**
 * Creates the handler of the function over this repository, without the composition root. By default every request is
 * accepted without a credential.
 */
export function createTestHandler(
  repository: UserRepository,
  options: Partial<Omit<HandlerOptions, "users">> = {},
): Handler {
  const users = createUserService({ users: repository, ...nodePlatform });
  return createHandler({ users, authenticate: allowAnonymous, basePath: "", log: SILENT_LOG, ...options }).handler;
}

/** Creates the context of an invocation, with the members that the function reads. */
export function createLambdaContext({
  awsRequestId = randomUUID(),
  remainingMs = 10_000,
}: { awsRequestId?: string; remainingMs?: number } = {}): LambdaContext {
  return { awsRequestId, getRemainingTimeInMillis: () => remainingMs } as LambdaContext;
}

/** Returns a function that sends requests to the handler as the events of one gateway. */
export function createSendRequest(handler: Handler, toEvent: ToEvent): SendRequest {
  return async (path, init) => {
    const { method, headers, body } = new Request("https://localhost", init);
    const bytes = body && new Uint8Array(await new Response(body).arrayBuffer());
    const event = toEvent({ method, path, headers: [...headers], ...(bytes && { body: bytes }) });
    return toResponse(await handler(event, createLambdaContext()));
  };
}
