import { createInMemoryUserRepository } from "@user-management/domain/testing";
import type { RequestRecord } from "@user-management/rest-adapter";
import { expectProblem, newUserBody, readJson } from "@user-management/rest-adapter/testing";
import { describe, expect, test } from "vitest";
import type { ClientRequest } from "./testing/client-request.ts";
import { GATEWAYS, toFunctionUrlEvent, toHttpEvent, toRestEvent } from "./testing/events.ts";
import { createLambdaContext, createTestHandler, SILENT_LOG } from "./testing/test-handler.ts";
import { toResponse } from "./testing/to-response.ts";

async function send(event: unknown, options: Parameters<typeof createTestHandler>[1] = {}): Promise<Response> {
  const handler = createTestHandler(createInMemoryUserRepository(), options);
  return toResponse(await handler(event, createLambdaContext()));
}

function createUserRequest(fields: Record<string, unknown> = {}) {
  return {
    method: "POST",
    path: "/users",
    headers: { "content-type": "application/json", "x-request-id": "the-id" },
    body: JSON.stringify(newUserBody(fields)),
  } satisfies ClientRequest;
}

/** Returns the event of an HTTP API with a custom domain. */
function toCustomDomainEvent(path: string, stage = "prod") {
  const event = toHttpEvent({ path });
  return { ...event, requestContext: { ...event.requestContext, stage, domainName: "api.example.com" } };
}

describe("paths", () => {
  const options = { basePath: "/accounts" };

  test("strips the base path of a custom domain", async () => {
    for (const path of ["/users", "/healthz"]) {
      expect((await send(toRestEvent({ path }, options), options)).status, path).toBe(200);
    }
    expect((await send(toCustomDomainEvent("/accounts/users"), options)).status).toBe(200);
  });

  test("strips the base path as a whole segment only", async () => {
    const response = await send(toCustomDomainEvent("/accountsusers"), options);
    await expectProblem(response, "not-found", "/accountsusers");
  });

  test("does not strip a segment that equals the stage of a custom domain or a Function URL", async () => {
    expect((await send(toCustomDomainEvent("/users", "users"))).status).toBe(200);
    expect((await send(toFunctionUrlEvent({ path: "/$default/users" }))).status).toBe(404);
  });
});

describe.for(Object.entries(GATEWAYS))("behind %s", ([, toEvent]) => {
  test("ignores the body of a GET request", async () => {
    const event = toEvent({ path: "/users", body: "surplus" }) as object;
    expect((await send(event)).status).toBe(200);
    expect((await send({ ...event, body: "not base64!", isBase64Encoded: true })).status).toBe(200);
  });

  test("returns 405 for a method that a Request cannot have", async () => {
    for (const method of ["TRACE", "CONNECT", "TRACK", "trace", "FOO", "a b"]) {
      const response = await send(toEvent({ method, path: "/users" }));
      expect(response.headers.get("allow"), method).toBe("GET, HEAD, POST");
      await expectProblem(response, "method-not-allowed", "/users");
    }
  });

  test("receives a body that is not text byte by byte", async () => {
    const { body, ...request } = createUserRequest({ lastname: "Zoë" });
    const bytes = new Uint8Array([...Buffer.from(body), 0xff]);
    await expectProblem(await send(toEvent({ ...request, body: bytes })), "malformed-body", "/users");
  });

  test("accepts a base64 body with and without padding", async () => {
    // Three consecutive lengths: their padding has 0, 1 and 2 characters.
    for (const lastname of ["Ann", "Anna", "Annas"]) {
      const request = createUserRequest({ lastname });
      const padded = Buffer.from(request.body).toString("base64");
      for (const body of [padded, padded.replace(/=+$/, "")]) {
        const response = await send({ ...(toEvent(request) as object), body, isBase64Encoded: true });
        expect(response.status, body).toBe(201);
      }
    }
  });

  test.for([
    { label: "characters outside of the alphabet", body: "not base64!" },
    { label: "an impossible length", body: "e30=e" },
    { label: "too much padding", body: "e30===" },
    { label: "the URL-safe alphabet", body: "-_-_" },
  ])("returns 400 and logs one record for a base64 body with $label", async ({ body }) => {
    const records: RequestRecord[] = [];
    const log = { ...SILENT_LOG, request: (record: RequestRecord) => void records.push(record) };
    const event = { ...(toEvent(createUserRequest()) as object), body, isBase64Encoded: true };
    const response = await send(event, { log });
    expect(response.headers.get("x-request-id")).toBe("the-id");
    expect(await readJson(response.clone())).toHaveProperty("detail", "The body is not valid base64.");
    await expectProblem(response.clone(), "malformed-body", "/users");
    expect(records).toEqual([
      {
        requestId: "the-id",
        method: "POST",
        route: "/*",
        status: 400,
        durationMs: expect.any(Number),
        contentLength: (await response.arrayBuffer()).byteLength,
        auth: "none",
      },
    ]);
  });
});

describe("an event that is not an HTTP event", () => {
  test.for([
    { label: "undefined", event: undefined },
    { label: "null", event: null },
    { label: "a string", event: "text" },
    { label: "an empty object", event: {} },
    { label: "a message of a queue", event: { Records: [{ eventSource: "aws:sqs" }] } },
    { label: "a scheduled event", event: { source: "aws.events", "detail-type": "Scheduled Event" } },
    { label: "an empty request context", event: { requestContext: {} } },
    { label: "no request context", event: { requestContext: null, path: "/users" } },
    { label: "no method", event: { requestContext: { http: {} }, rawPath: "/users" } },
  ])("fails the invocation, and the next one succeeds: $label", async ({ event }) => {
    const handler = createTestHandler(createInMemoryUserRepository());
    await expect(async () => handler(event, createLambdaContext())).rejects.toThrow(
      new TypeError("The event is not an HTTP event of API Gateway or a Function URL."),
    );
    const response = toResponse(await handler(toRestEvent({ path: "/users" }), createLambdaContext()));
    expect(response.status).toBe(200);
  });
});
