import type { UserRepository } from "@user-management/domain";
import { UserError } from "@user-management/domain";
import { aNewUser, createInMemoryUserRepository } from "@user-management/domain/testing";
import { expectProblem, newUser } from "@user-management/rest-adapter/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createLog } from "./log.ts";
import { readSettings } from "./settings.ts";
import { answerOf } from "./testing/answer-of.ts";
import { functionUrlEvent, httpEvent, restEvent, type ClientRequest } from "./testing/events.ts";
import { contextOf, createTestHandler, gateways } from "./testing/gateways.ts";

const post = (fields = {}): ClientRequest => ({
  method: "POST",
  path: "/users",
  headers: { "content-type": "application/json", "x-request-id": "the-id" },
  body: JSON.stringify(newUser(fields)),
});

async function send(event: unknown, repository = createInMemoryUserRepository()): Promise<Response> {
  return answerOf(await createTestHandler(repository)(event, contextOf()));
}

/** A repository of which every operation does this. */
function repositoryThat(does: () => Promise<never>): UserRepository {
  return { insert: does, find: does, findByEmail: does, list: does, update: does, remove: does };
}

/** A request context of an HTTP API behind a domain of its own. */
function onCustomDomain(stage: string) {
  const { requestContext } = httpEvent({ path: "/" });
  return { ...requestContext, stage, domainName: "api.example.com" };
}

/** The lines that the function writes while it serves these requests. */
async function linesOf(requests: ClientRequest[], repository = createInMemoryUserRepository(), level = "info") {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean(written.push(String(text))));
  const log = createLog(readSettings({ LOG_LEVEL: level }).LOG_LEVEL);
  const handler = createTestHandler(repository, { log });
  for (const request of requests) await handler(httpEvent(request), { ...contextOf(), awsRequestId: "aws-id" });
  vi.restoreAllMocks();
  return written.map((text) => JSON.parse(text) as Record<string, unknown>);
}

describe("paths", () => {
  const atBase = { basePath: "/accounts" };

  test("behind a custom domain's base path are those behind it", async () => {
    const handler = createTestHandler(createInMemoryUserRepository(), atBase);
    for (const path of ["/users", "/healthz"]) {
      const event = restEvent({ path }, atBase);
      expect(answerOf(await handler(event, contextOf())).status).toBe(200);
    }
    const version2 = { ...httpEvent({ path: "/accounts/users" }), requestContext: onCustomDomain("prod") };
    expect(answerOf(await handler(version2, contextOf())).status).toBe(200);
    const beside = { ...httpEvent({ path: "/accountsusers" }), requestContext: onCustomDomain("prod") };
    await expectProblem(answerOf(await handler(beside, contextOf())), "not-found", "/accountsusers");
  });

  test("that only look like a stage are left alone", async () => {
    const handler = createTestHandler(createInMemoryUserRepository());
    const event = { ...httpEvent({ path: "/users" }), requestContext: onCustomDomain("users") };
    expect(answerOf(await handler(event, contextOf())).status).toBe(200);
    const url = functionUrlEvent({ path: "/$default/users" });
    expect(answerOf(await handler(url, contextOf())).status).toBe(404);
  });
});

for (const [name, toEvent] of Object.entries(gateways)) {
  describe(`behind ${name}`, () => {
    test("a GET with a body is a GET", async () => {
      expect((await send(toEvent({ path: "/users", body: "surplus" }))).status).toBe(200);
    });

    test("methods that a Request cannot have are answered like others that a path does not have", async () => {
      for (const method of ["TRACE", "CONNECT", "TRACK", "trace", "FOO", "a b"]) {
        const answer = await send(toEvent({ method, path: "/users" }));
        expect(answer.headers.get("allow")).toBe("GET, HEAD, POST");
        await expectProblem(answer, "method-not-allowed", "/users");
      }
    });

    test("a body that is no text arrives byte by byte", async () => {
      const { body } = post({ lastname: "Zoë" });
      const bytes = new Uint8Array([...Buffer.from(body as string), 0xff]);
      await expectProblem(await send(toEvent({ ...post(), body: bytes })), "malformed-body", "/users");
    });

    test("work that is not done before the function's deadline is a 503", async () => {
      const handler = createTestHandler(repositoryThat(() => new Promise(() => undefined)));
      const started = performance.now();
      const answer = answerOf(await handler(toEvent(post()), contextOf(500)));
      expect(performance.now() - started).toBeLessThan(500);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.headers.get("x-request-id")).toBe("the-id");
      await expectProblem(answer, "store-unavailable", "/users");
    });

    test("what is thrown and is no Error is a 500 like any bug", async () => {
      // oxlint-disable-next-line no-throw-literal -- that is what is tested
      const throwing = repositoryThat(async () => Promise.reject("secret"));
      const answer = await send(toEvent({ path: "/users/x" }), throwing);
      expect(await answer.clone().text()).not.toContain("secret");
      await expectProblem(answer, "internal", "/users/x");
    });
  });
}

test("an event of another kind is a clear error of the invocation, and the next one is served", async () => {
  const handler = createTestHandler(createInMemoryUserRepository());
  const others = [
    undefined,
    null,
    "text",
    {},
    { Records: [{ eventSource: "aws:sqs" }] },
    { source: "aws.events", "detail-type": "Scheduled Event" },
    { requestContext: {} },
    { requestContext: null, path: "/users" },
    { requestContext: { http: {} }, rawPath: "/users" },
  ];
  for (const event of others) {
    await expect(async () => handler(event, contextOf())).rejects.toThrow(
      "This function serves HTTP events of API Gateway or a Function URL.",
    );
  }
  expect(answerOf(await handler(restEvent({ path: "/users" }), contextOf())).status).toBe(200);
});

describe("the log", () => {
  afterEach(() => vi.restoreAllMocks());

  test("has one line of each invocation, which says whether it was the first, and nothing of a user", async () => {
    const repository = createInMemoryUserRepository();
    const user = aNewUser({ email: "secret@example.com" });
    await repository.insert(user);
    const lines = await linesOf([post(), { path: "/users?email=secret@example.com" }, { path: "/secret" }], repository);
    expect(lines).toEqual([
      {
        level: "info",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        message: "request",
        method: "POST",
        route: "/users",
        status: 201,
        duration_ms: expect.any(Number),
        bytes: expect.any(Number),
        request_id: "the-id",
        lambda_request_id: "aws-id",
        cold_start: true,
      },
      expect.objectContaining({ route: "/users", status: 200, cold_start: false }),
      expect.objectContaining({ route: "/*", status: 404, cold_start: false }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|Doe/);
  });

  test("tells a failure with its cause, and is as quiet as it is told to be", async () => {
    const error = new UserError("unavailable", { cause: new Error("why") });
    const failing = repositoryThat(() => Promise.reject(error));
    const [line] = await linesOf([{ path: "/users/x" }], failing);
    expect(line).toMatchObject({
      level: "error",
      status: 503,
      error: { name: "UserError", message: error.message, stack: expect.any(String), cause: { message: "why" } },
    });
    expect(await linesOf([{ path: "/users" }, { path: "/users/x" }], createInMemoryUserRepository(), "error")).toEqual(
      [],
    );
    expect(await linesOf([{ path: "/users/x" }], failing, "silent")).toEqual([]);
  });
});

test("settings that are wrong, or are none, stop the function in one line", () => {
  expect(readSettings({})).toEqual({ USERS_TABLE: "UsersTable", BASE_PATH: "", LOG_LEVEL: "info" });
  expect(() => readSettings({ BASE_PATH: "accounts", LOG_LEVEL: "loud", USERS_TABEL: "x" })).toThrow(
    "BASE_PATH must be a path such as /accounts; LOG_LEVEL must be one of silent, fatal, error, warn, info, debug; USERS_TABEL is not a setting",
  );
});
