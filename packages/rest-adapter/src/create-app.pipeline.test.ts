import {
  createAuditedUserService,
  createUserService,
  UserError,
  type AuditRecord,
  type RequestContext,
  type UserRepository,
} from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DeadlineError } from "./http/deadline.ts";
import { REQUEST_TIMEOUT_MS } from "./http/pipeline.ts";
import { allowAnonymous, createApp, toLogMembers, type AppOptions, type RequestRecord } from "./index.ts";
import { createTestClient, expectProblem, newUserBody, readJson, type TestClient } from "./testing/index.ts";

const ENV = { name: "env" };
type Env = typeof ENV;

interface StartOptions extends Partial<Omit<AppOptions<Env>, "users" | "onResponse">> {
  readonly repository?: UserRepository;
}

/** Starts an app that collects its log records. */
function start({ repository = createInMemoryUserRepository(), ...options }: StartOptions = {}) {
  const records: RequestRecord[] = [];
  const users = createUserService({
    users: repository,
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => `digest of ${text}`,
  });
  const app = createApp<Env>({
    users,
    authenticate: allowAnonymous,
    ...options,
    onResponse: (record) => void records.push(record),
  });
  const request = async (path: string, init?: RequestInit) => app.request(path, init, ENV);
  /** Sends a header of the infrastructure, which the OpenAPI document does not have. */
  const requestWith = (headers: Headers | Record<string, string>) => app.request("/healthz", { headers }, ENV);
  return { ...createTestClient(request), requestWith, records };
}

type Method = keyof UserRepository;
type Call = (...parameters: unknown[]) => Promise<unknown>;

/** Creates an in-memory repository that passes every call to `intercept`, which may execute it with `proceed`. */
function createRepositoryWith(
  intercept: (context: RequestContext, proceed: () => Promise<unknown>) => Promise<unknown>,
): UserRepository {
  const repository = createInMemoryUserRepository();
  const methods = (Object.keys(repository) as Method[]).map((method): [Method, Call] => {
    const call = repository[method].bind(repository) as Call;
    return [method, (...parameters) => intercept(parameters.at(-1) as RequestContext, () => call(...parameters))];
  });
  return Object.fromEntries(methods) as unknown as UserRepository;
}

/** Sends one request for each use case, and returns the responses. */
async function callUseCases({ request, sendJson }: TestClient, headers: Record<string, string>): Promise<Response[]> {
  const created = await sendJson("POST", "/users", newUserBody(), headers);
  const path = created.headers.get("location") ?? "/users/id";
  return [
    created,
    await request(path, { headers }),
    await request("/users", { headers }),
    await request("/users?email=john.doe@example.com", { headers }),
    await sendJson("PUT", path, { lastname: "Roe" }, headers),
    await sendJson("PATCH", path, { lastname: "Poe" }, headers),
    await request("/readyz", { headers }),
    await request(path, { method: "DELETE", headers }),
    await request(path, { headers }),
  ];
}

describe("request id", () => {
  const contexts: RequestContext[] = [];
  const repository = createRepositoryWith((context, proceed) => {
    contexts.push(context);
    return proceed();
  });
  afterEach(() => void contexts.splice(0));

  test("the client's id reaches the repository, the response and the log record", async () => {
    const { records, ...client } = start({ repository });
    const responses = await callUseCases(client, { "x-request-id": "the-id" });
    expect(responses.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200, 200, 200, 404]);
    expect(responses.map(({ headers }) => headers.get("x-request-id"))).toEqual(responses.map(() => "the-id"));
    expect(contexts.map(({ requestId }) => requestId)).toEqual(responses.map(() => "the-id"));
    expect(records.map(({ requestId }) => requestId)).toEqual(responses.map(() => "the-id"));
    expect(await readJson(responses.at(-1)!)).toHaveProperty("request_id", "the-id");
  });

  test("a generated id reaches the repository, the response and the log record, one per request", async () => {
    const { records, ...client } = start({ repository });
    const responses = await callUseCases(client, {});
    const ids = responses.map(({ headers }) => headers.get("x-request-id"));
    expect(new Set(ids).size).toBe(responses.length);
    expect(contexts.map(({ requestId }) => requestId)).toEqual(ids);
    expect(records.map(({ requestId }) => requestId)).toEqual(ids);
    expect(await readJson(responses.at(-1)!)).toHaveProperty("request_id", ids.at(-1));
  });
});

describe("deadline", () => {
  afterEach(() => void vi.useRealTimers());

  test("aborts the signal of the repository, and returns 503, for every use case", async () => {
    const signals: AbortSignal[] = [];
    const repository = createRepositoryWith(({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const { records, ...client } = start({ repository, getTimeoutMs: () => 5 });
    const responses = await callUseCases(client, {});
    expect(signals).toHaveLength(responses.length);
    for (const [n, response] of responses.entries()) {
      expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      await expectProblem(response, "store-unavailable");
      expect(signals[n]!.aborted).toBe(true);
      expect(signals[n]!.reason).toBeInstanceOf(DeadlineError);
      expect(records[n]).toMatchObject({ status: 503, error: signals[n]!.reason });
    }
    expect(String(records[0]?.error)).toBe("DeadlineError: The request exceeded its deadline of 5 ms.");
  });

  test.for([
    ["the reason of the signal", (signal: AbortSignal): unknown => signal.reason],
    ["a UserError", (signal: AbortSignal): unknown => new UserError("unavailable", { cause: signal.reason })],
  ] as const)("returns 503 if the repository rejects with %s on abort", async ([, toError]) => {
    const repository = createRepositoryWith(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(toError(signal) as Error))),
    );
    const { records, request } = start({ repository, getTimeoutMs: () => 5 });
    await expectProblem(await request("/users/id"), "store-unavailable", "/users/id");
    expect(records).toEqual([expect.objectContaining({ status: 503, error: expect.any(Error) })]);
  });

  test("/readyz returns 503 within a second if the store hangs, and concurrent probes share one check", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const signals: AbortSignal[] = [];
    const repository = createRepositoryWith(({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const { request } = start({ repository });
    const probes = [request("/readyz"), request("/readyz"), request("/readyz")];
    await vi.advanceTimersByTimeAsync(800);
    for (const response of await Promise.all(probes)) await expectProblem(response, "store-unavailable", "/readyz");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    const next = request("/readyz");
    await vi.advanceTimersByTimeAsync(800);
    expect((await next).status).toBe(503);
    expect(signals).toHaveLength(2);
  });

  test("does not abort the signal of a request that is completed in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const signals: AbortSignal[] = [];
    const repository = createRepositoryWith(({ signal }, proceed) => {
      signals.push(signal);
      return proceed();
    });
    const { request } = start({ repository });
    expect((await request("/users")).status).toBe(200);
    expect(vi.getTimerCount()).toBe(0);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  test("is at most 4,800 ms after the arrival of the body, even if the app has more time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    expect(REQUEST_TIMEOUT_MS).toBe(4_800);
    const repository = createRepositoryWith(() => new Promise(() => undefined));
    const { records, request } = start({ repository, getTimeoutMs: () => 60_000 });
    const response = request("/users/id");
    await vi.advanceTimersByTimeAsync(4_799);
    expect(records).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await expectProblem(await response, "store-unavailable", "/users/id");
  });

  test("does not include the upload of the body", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const getTimeoutMs = vi.fn(() => 5);
    const { request } = start({ getTimeoutMs });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: readable, duplex: "half" };
    const response = request("/users", init);
    const bytes = new TextEncoder().encode(JSON.stringify(newUserBody()));
    const writer = writable.getWriter();
    await writer.write(bytes.slice(0, 10));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(getTimeoutMs).not.toHaveBeenCalled();
    await writer.write(bytes.slice(10));
    await writer.close();
    expect((await response).status).toBe(201);
    expect(getTimeoutMs).toHaveBeenCalledTimes(1);
  });

  test(
    "covers all calls of the store together: two slow calls take less than 5 seconds",
    { timeout: 10_000 },
    async () => {
      const repository: UserRepository = {
        ...createInMemoryUserRepository(),
        get: () => new Promise((resolve) => setTimeout(resolve, 3_000, undefined)),
        update: () => new Promise(() => undefined),
      };
      const { records, sendJson } = start({ repository });
      const startedAt = performance.now();
      const response = await sendJson("PUT", "/users/id", { lastname: "Roe" }, { "if-none-match": '"x"' });
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      await expectProblem(response, "store-unavailable", "/users/id");
      expect(records).toEqual([
        expect.objectContaining({ status: 503, route: "/users/:id", error: expect.any(DeadlineError) }),
      ]);
    },
  );
});

describe("log record", () => {
  test("there is one per request, with the route and without personal data", async () => {
    const { records, request, sendJson } = start();
    const headers = { "x-request-id": "the-id" };
    const secrets = { external_id: "secret", status: "suspended", metadata: { secret: "secret" } };
    const body = newUserBody({ lastname: "Zoë", email: "secret@example.com", ...secrets });
    const created = await sendJson("POST", "/users", body, headers);
    const path = created.headers.get("location")!;
    const read = await request(path, { headers });
    await request(path, { method: "HEAD", headers });
    await request("/users?email=secret@example.com", { headers });
    await request("/users?external_id=secret", { headers });
    await sendJson("PATCH", path, { metadata: { secret: 1 } }, headers);
    await request("/users/secret", { headers });
    await request("/secret", { headers });
    await request("/users", { method: "DELETE", headers });
    expect(records.map(({ method, route, status }) => `${method} ${route} ${status}`)).toEqual([
      "POST /users 201",
      "GET /users/:id 200",
      "HEAD /users/:id 200",
      "GET /users 200",
      "GET /users 200",
      "PATCH /users/:id 400",
      "GET /users/:id 404",
      "GET /* 404",
      "DELETE /* 405",
    ]);
    expect(records[1]?.contentLength).toBe((await read.arrayBuffer()).byteLength);
    expect(records[2]?.contentLength).toBe(0);
    for (const record of records) {
      expect(record.requestId).toBe("the-id");
      expect(record.durationMs).toBeGreaterThan(0);
      expect(JSON.stringify(record)).not.toMatch(/secret|Zo/);
      expect(record).not.toHaveProperty("error");
    }
  });

  test("has the error behind a 5xx status code, with its cause", async () => {
    const error = new UserError("unavailable", { cause: new Error("The disk is full.") });
    const { records, request } = start({ repository: createRepositoryWith(() => Promise.reject(error)) });
    await request("/users/id");
    expect(records).toEqual([expect.objectContaining({ status: 503, error })]);
    expect(records[0]?.error).toBe(error);
  });
});

test("the audit record of a write has the names of its fields, and no name or value of their members", async () => {
  const audited: AuditRecord[] = [];
  const users = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  });
  const app = createApp({
    users: createAuditedUserService(users, (record) => void audited.push(record)),
    authenticate: allowAnonymous,
  });
  const { createUser, sendJson } = createTestClient(async (path, init) => app.request(path, init));
  const fields = { external_id: "secret", status: "suspended", metadata: { secret: "secret" } };
  const path = `/users/${await createUser(fields)}`;
  await sendJson("PATCH", path, { metadata: { secret: null, other: "secret" }, status: null });
  await sendJson("PATCH", path, { metadata: { secret: 1 }, external_id: "" });
  await expectProblem(await sendJson("POST", "/users", newUserBody(fields)), "external-id-taken");
  const names = ["lastname", "dob", "address", "gender", "email", "phone_number", "external_id", "status", "metadata"];
  expect(audited.map((record) => [record.outcome, record.fields])).toEqual([
    ["success", names],
    ["success", ["status", "metadata"]],
    ["invalid-user", ["external_id", "metadata"]],
    ["external-id-taken", names],
  ]);
  expect(JSON.stringify(audited)).not.toContain("secret");
});

test("`getTimeoutMs` and `onResponse` are called once per request, with the second argument of `fetch`", async () => {
  const users = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  });
  const getTimeoutMs = vi.fn<(env: Env) => number>(() => 1_000);
  const onResponse = vi.fn();
  const app = createApp<Env>({ users, authenticate: allowAnonymous, getTimeoutMs, onResponse });
  for (const [path, status] of [
    ["/users", 200],
    ["/users/unknown", 404],
    ["/unknown", 404],
  ] as const) {
    const env = { name: path };
    expect((await app.fetch(new Request(`http://localhost${path}`), env)).status).toBe(status);
    expect(getTimeoutMs.mock.lastCall).toEqual([env]);
    expect(getTimeoutMs.mock.lastCall?.[0]).toBe(env);
    expect(onResponse.mock.lastCall).toEqual([expect.objectContaining({ status }), env]);
    expect(onResponse.mock.lastCall?.[1]).toBe(env);
  }
  expect(getTimeoutMs).toHaveBeenCalledTimes(3);
  expect(onResponse).toHaveBeenCalledTimes(3);
});

test.for([
  ["a route", "/healthz"],
  ["a path without a route", "/unknown"],
] as const)("an error of `onResponse` is left to the server, for %s", async ([, path]) => {
  const error = new Error("the log has failed");
  const users = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  });
  const app = createApp({
    users,
    authenticate: allowAnonymous,
    onResponse: () => {
      throw error;
    },
  });
  await expect(async () => app.request(path)).rejects.toBe(error);
});

describe("traceparent", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const parentId = "b7ad6b7169203331";

  test.for([
    ["of version 00", `00-${traceId}-${parentId}-01`],
    ["without the sampled flag", `00-${traceId}-${parentId}-00`],
    ["of a later version with more members", `cc-${traceId}-${parentId}-01-more`],
    ["of a later version without more members", `01-${traceId}-${parentId}-01`],
  ] as const)("%s: its trace id is part of the record", async ([, traceparent]) => {
    const { requestWith, records } = start();
    await requestWith({ traceparent });
    expect(records).toEqual([expect.objectContaining({ traceId })]);
    expect(toLogMembers(records[0]!)).toMatchObject({ trace_id: traceId });
  });

  test.for([
    ["with a trace id of zeros", `00-${"0".repeat(32)}-${parentId}-01`],
    ["with a parent id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["of version ff", `ff-${traceId}-${parentId}-01`],
    ["of version 00 with more members", `00-${traceId}-${parentId}-01-more`],
    ["in capital letters", `00-${traceId.toUpperCase()}-${parentId}-01`],
    ["with a short trace id", `00-${traceId.slice(1)}-${parentId}-01`],
    ["without flags", `00-${traceId}-${parentId}`],
    ["that is empty", ""],
  ] as const)("%s: it is ignored", async ([, traceparent]) => {
    const { requestWith, records } = start();
    await requestWith({ traceparent });
    expect(records[0]).not.toHaveProperty("traceId");
    expect(toLogMembers(records[0]!)).not.toHaveProperty("trace_id");
  });

  test.for(["00", "cc"])("sent twice in version %s: it is ignored", async (version) => {
    const { requestWith, records } = start();
    const field = `${version}-${traceId}-${parentId}-01`;
    const headers = new Headers([
      ["traceparent", `${field}-a`.slice(0, version === "00" ? 55 : undefined)],
      ["traceparent", field],
    ]);
    await requestWith(headers);
    expect(records[0]).not.toHaveProperty("traceId");
  });
});
