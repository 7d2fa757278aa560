import { createUserService, UserError, type RequestContext, type UserRepository } from "@user-management/domain";
import { buildUser, createContext, createInMemoryUserRepository } from "@user-management/domain/testing";
import { nodePlatform } from "@user-management/node-platform";
import { expectProblem, newUserBody } from "@user-management/rest-adapter/testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createHandler } from "./create-handler.ts";
import { createLog } from "./log.ts";
import { readFunctionSettings } from "./settings.ts";
import type { ClientRequest } from "./testing/client-request.ts";
import { GATEWAYS, toFunctionUrlEvent, toHttpEvent, toRestEvent } from "./testing/events.ts";
import { createLambdaContext, createTestHandler, SILENT_LOG } from "./testing/test-handler.ts";
import { toResponse } from "./testing/to-response.ts";

const CREATE_USER: ClientRequest = {
  method: "POST",
  path: "/users",
  headers: { "content-type": "application/json", "x-request-id": "the-id" },
  body: JSON.stringify(newUserBody()),
};

/** Creates a repository whose methods all call `run` with the context of the request. */
function createRepository(run: (context: RequestContext) => Promise<never>): UserRepository {
  const method = (...parameters: unknown[]) => run(parameters.at(-1) as RequestContext);
  return { insert: method, get: method, findBy: method, list: method, update: method, delete: method };
}

describe.for(Object.entries(GATEWAYS))("behind %s", ([, toEvent]) => {
  test("returns 503 before the timeout of the function if the work takes longer", async () => {
    const handler = createTestHandler(createRepository(() => new Promise(() => undefined)));
    const startedAt = performance.now();
    const response = toResponse(await handler(toEvent(CREATE_USER), createLambdaContext({ remainingMs: 500 })));
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(response.headers.get("x-request-id")).toBe("the-id");
    await expectProblem(response, "store-unavailable", "/users");
  });

  test("returns 404 for the root, because the function has no pages", async () => {
    const handler = createTestHandler(createInMemoryUserRepository());
    const event = toEvent({ method: "GET", path: "/", headers: {} });
    await expectProblem(toResponse(await handler(event, createLambdaContext())), "not-found", "/");
  });

  test("aborts the signal of the repository 300 ms before the timeout of the function", async () => {
    const signals: AbortSignal[] = [];
    const repository = createRepository(({ signal }) => {
      signals.push(signal);
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new UserError("unavailable", { cause: signal.reason })));
      });
    });
    const context = createLambdaContext({ remainingMs: 350 });
    await createTestHandler(repository)(toEvent(CREATE_USER), context);
    expect(signals).toHaveLength(1);
    expect(signals[0]!.aborted).toBe(true);
    expect(signals[0]!.reason).toMatchObject({
      name: "DeadlineError",
      message: "The request exceeded its deadline of 50 ms.",
    });
  });

  test("returns 503 without a warning of Node.js if less than 300 ms remain", async () => {
    const emitWarning = vi.spyOn(process, "emitWarning");
    onTestFinished(() => emitWarning.mockRestore());
    const handler = createTestHandler(createRepository(() => new Promise(() => undefined)));
    const response = toResponse(await handler(toEvent(CREATE_USER), createLambdaContext({ remainingMs: 100 })));
    await expectProblem(response, "store-unavailable", "/users");
    expect(emitWarning).not.toHaveBeenCalled();
  });

  test.for([
    { label: "of the client", headers: { "x-request-id": "the-id" }, expected: /^the-id$/ },
    { label: "that is generated", headers: {}, expected: /^[\da-f-]{36}$/ },
  ])("passes the request id $label to the repository and to the response", async ({ headers, expected }) => {
    const requestIds: string[] = [];
    const repository = createRepository(({ requestId }) => {
      requestIds.push(requestId);
      throw new UserError("unavailable");
    });
    const event = toEvent({ path: "/users/x", headers });
    const response = toResponse(await createTestHandler(repository)(event, createLambdaContext()));
    expect(requestIds).toEqual([expect.stringMatching(expected)]);
    expect(response.headers.get("x-request-id")).toBe(requestIds[0]);
  });

  test("returns 500 for a thrown value that is not an Error", async () => {
    // oxlint-disable-next-line no-throw-literal -- the subject of the test
    const handler = createTestHandler(createRepository(async () => Promise.reject("secret")));
    const response = toResponse(await handler(toEvent({ path: "/users/x" }), createLambdaContext()));
    expect(await response.clone().text()).not.toContain("secret");
    await expectProblem(response, "internal", "/users/x");
  });
});

test.for([
  ["a REST API", toRestEvent, "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod"],
  ["an HTTP API", toHttpEvent, "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"],
  [
    "an HTTP API with a named stage",
    (request: ClientRequest) => toHttpEvent(request, { stage: "prod" }),
    "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod",
  ],
  ["a Function URL", toFunctionUrlEvent, "https://a1b2c3d4e5f6g7h8.lambda-url.eu-central-1.on.aws"],
  [
    "a custom domain",
    (request: ClientRequest) => toRestEvent(request, { basePath: "/v1" }),
    "https://api.example.com/v1",
  ],
] as const)(
  "behind %s, the OpenAPI document has the URL of the API as its first server",
  async ([name, toEvent, url]) => {
    const basePath = name === "a custom domain" ? "/v1" : "";
    const handler = createTestHandler(createInMemoryUserRepository(), { basePath });
    const event = toEvent({ method: "GET", path: "/openapi.json", headers: {} });
    const { servers } = (await toResponse(await handler(event, createLambdaContext())).json()) as { servers: object[] };
    expect(servers).toMatchObject([{ url }, { url: "." }]);
  },
);

describe("log", () => {
  afterEach(() => vi.restoreAllMocks());

  interface LogOptions {
    readonly repository?: UserRepository;
    readonly level?: string;
    readonly remainingMs?: number;
  }

  /** Sends the requests to a function and returns the log records that it writes. */
  async function collectRecords(
    requests: ClientRequest[],
    { repository = createInMemoryUserRepository(), level = "info", remainingMs = 10_000 }: LogOptions = {},
  ): Promise<Record<string, unknown>[]> {
    const lines: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean(lines.push(String(text))));
    const log = createLog(readFunctionSettings({ LOG_LEVEL: level }).LOG_LEVEL);
    const handler = createTestHandler(repository, { log });
    const context = createLambdaContext({ awsRequestId: "aws-id", remainingMs });
    for (const request of requests) await handler(toHttpEvent(request), context);
    vi.restoreAllMocks();
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test("contains one record per invocation and per write, marks the cold start, and contains no personal data", async () => {
    const repository = createInMemoryUserRepository();
    await repository.insert(buildUser({ email: "secret@example.com" }), undefined, createContext());
    const requests = [CREATE_USER, { path: "/users?email=secret@example.com" }, { path: "/secret" }];
    const records = await collectRecords(requests, { repository });
    expect(records).toEqual([
      {
        level: "info",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        msg: "audit",
        action: "users.create",
        user_id: expect.stringMatching(/^[\da-f-]{36}$/),
        fields: ["lastname", "dob", "address", "gender", "email", "phone_number"],
        outcome: "success",
        auth: "none",
        request_id: "the-id",
      },
      {
        level: "info",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        message: "request",
        method: "POST",
        route: "/users",
        status: 201,
        duration_ms: expect.any(Number),
        bytes: expect.any(Number),
        auth: "none",
        request_id: "the-id",
        lambda_request_id: "aws-id",
        cold_start: true,
      },
      expect.objectContaining({ route: "/users", status: 200, cold_start: false }),
      expect.objectContaining({ route: "/*", status: 404, cold_start: false }),
    ]);
    expect(JSON.stringify(records)).not.toMatch(/secret|Doe/);
  });

  test("contains a failure with its cause", async () => {
    const error = new UserError("unavailable", { cause: new Error("the cause") });
    const repository = createRepository(() => Promise.reject(error));
    const [record] = await collectRecords([{ path: "/users/x" }], { repository });
    expect(record).toMatchObject({
      level: "error",
      status: 503,
      error: { name: "UserError", message: error.message, stack: expect.any(String), cause: { message: "the cause" } },
    });
  });

  test("contains a request that exceeds its deadline, with its route", async () => {
    const repository = createRepository(() => new Promise(() => undefined));
    const records = await collectRecords([{ path: "/users/x" }], { repository, remainingMs: 310 });
    expect(records).toEqual([
      expect.objectContaining({
        level: "error",
        method: "GET",
        route: "/users/:id",
        status: 503,
        error: expect.objectContaining({ name: "DeadlineError" }),
      }),
    ]);
  });

  test("omits records below the log level", async () => {
    const requests = [{ path: "/users" }, { path: "/users/x" }];
    expect(await collectRecords(requests, { level: "error" })).toEqual([]);
    const repository = createRepository(() => Promise.reject(new UserError("unavailable")));
    expect(await collectRecords([{ path: "/users/x" }], { repository, level: "silent" })).toEqual([]);
  });
});

describe.for(Object.entries(GATEWAYS))("the warm-up, with an event of %s,", ([, toEvent]) => {
  test("is authorized and not logged, unlike an invocation with the same event", async () => {
    const records: string[] = [];
    const { handler, warmUp } = createHandler({
      users: createUserService({ users: createInMemoryUserRepository(), ...nodePlatform }),
      authenticate: () => ({ rejection: "missing" }),
      basePath: "",
      log: { ...SILENT_LOG, request: ({ route }) => records.push(route), audit: ({ action }) => records.push(action) },
    });
    const event = toEvent({ ...CREATE_USER, body: "{}" });
    await expectProblem(toResponse(await warmUp(event)), "invalid-user", "/users");
    expect(records).toEqual([]);
    await expectProblem(toResponse(await handler(event, createLambdaContext())), "unauthenticated", "/users");
    expect(records).toContain("/users");
  });
});
