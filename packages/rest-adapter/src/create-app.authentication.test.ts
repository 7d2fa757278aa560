import { createUserService, UserError, type RequestContext } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DeadlineError } from "./http/deadline.ts";
import {
  createApp,
  createJsonResponse,
  type AppOptions,
  type Authenticate,
  type RequestRecord,
  type Route,
} from "./index.ts";
import { createTestClient, expectProblem, MALFORMED_AUTHORIZATION_FIELDS, newUserBody } from "./testing/index.ts";

const ENV = { address: "192.0.2.1" };
type Env = typeof ENV;
type Result = Awaited<ReturnType<Authenticate<Env>>>;

const SCOPES = ["users:read", "users:list", "users:write", "users:delete"];
const CALLER = { id: "billing", auth: "key", scopes: SCOPES } as const;
const READER = { id: "reporting", auth: "token", scopes: ["users:read"] } as const;

const CREDENTIALS: Record<string, Result> = {
  "valid-credential": { caller: CALLER },
  "reader-credential": { caller: READER },
  "expired-credential": { rejection: "expired" },
};

const authenticate: Authenticate<Env> = (credential) =>
  credential === undefined ? { rejection: "missing" } : (CREDENTIALS[credential] ?? { rejection: "invalid" });

interface StartOptions extends Partial<Omit<AppOptions<Env>, "users" | "onResponse">> {
  /** Called for every call of the repository. */
  readonly onCall?: (context: RequestContext) => unknown;
}

/** Starts an app that collects its log records. Each request has `ENV` unless it has another environment. */
function start({ onCall, ...options }: StartOptions = {}) {
  const records: RequestRecord[] = [];
  const repository = createInMemoryUserRepository();
  const users = createUserService({
    users: {
      ...repository,
      list: async (request, context) => {
        await onCall?.(context);
        return repository.list(request, context);
      },
    },
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => `digest of ${text}`,
  });
  const app = createApp<Env>({ users, authenticate, ...options, onResponse: (record) => void records.push(record) });
  const requestFrom = async (env: Env, path: string, init?: RequestInit) => app.request(path, init, env);
  const request = (path: string, init?: RequestInit) => requestFrom(ENV, path, init);
  return { ...createTestClient(request), requestFrom, sendUnchecked: request, records };
}

/** Returns the options of a request with this credential. */
function withCredential(credential: string, init: RequestInit = {}): RequestInit {
  return { ...init, headers: { ...(init.headers as object), authorization: `Bearer ${credential}` } };
}

/** Functions that fail with this error, synchronously and asynchronously. */
const failWith = (error: unknown): Record<string, Authenticate<Env>> => ({
  throws: () => {
    throw error;
  },
  rejects: () => Promise.reject(error),
});

const useFakeTime = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });

const waitFor = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/** Sends requests with this credential, one after the other, and returns the status codes. */
async function sendAll(send: () => Promise<Response>, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n += 1) statuses.push((await send()).status);
  return statuses;
}

const getClientAddress = ({ address }: Env) => address;

const returnCaller: Route["handle"] = async ({ context }) => createJsonResponse(200, context.caller);

afterEach(() => void vi.useRealTimers());

describe("credential", () => {
  test.for<[label: string, headers: [string, string][], credential: string | undefined]>([
    ["no field", [], undefined],
    ["an empty field", [["authorization", ""]], undefined],
    ["another scheme", [["authorization", "Basic eDp5"]], undefined],
    ["a credential", [["authorization", "Bearer the-credential"]], "the-credential"],
    ["a lower-case scheme and spaces", [["authorization", "bearer   the-credential"]], "the-credential"],
    ["no credential after the scheme", [["authorization", "Bearer "]], ""],
    [
      "two fields",
      [
        ["authorization", "Bearer the-credential"],
        ["authorization", "Bearer the-credential"],
      ],
      "",
    ],
  ])("of a request with %s is passed on with the second argument of `fetch`", async ([, headers, credential]) => {
    const spy = vi.fn<Authenticate<Env>>(() => ({ caller: CALLER }));
    const { request } = start({ authenticate: spy });
    expect((await request("/users", { headers })).status).toBe(200);
    expect(spy.mock.calls).toEqual([[credential, ENV]]);
    expect(spy.mock.calls[0]![1]).toBe(ENV);
  });

  const fields = MALFORMED_AUTHORIZATION_FIELDS.filter(([, field]) => !/[ \t]$/.test(field));

  test.for(fields)(
    "is malformed with %s: returns 401 even if `authenticate` accepts every other",
    async ([, field]) => {
      const { request, records } = start({
        authenticate: (credential) => (credential ? { caller: CALLER } : { rejection: "invalid" }),
      });
      const response = await request("/users", { headers: { authorization: field } });
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="users", error="invalid_token"');
      await expectProblem(response, "unauthenticated", "/users");
      expect(records).toEqual([expect.objectContaining({ status: 401, auth: "none" })]);
    },
  );
});

describe("result of `authenticate`", () => {
  test.for<[label: string, result: Result, status: number]>([
    ["a caller", { caller: CALLER }, 200],
    ["a caller without the scope", { caller: READER }, 403],
    ["a caller without scopes", { caller: { ...CALLER, scopes: [] } }, 403],
    [
      "a caller with unknown scopes",
      { caller: { ...CALLER, scopes: ["*", "users", "users:*", "USERS:LIST", ""] } },
      403,
    ],
    ["missing", { rejection: "missing" }, 401],
    ["invalid", { rejection: "invalid" }, 401],
    ["expired", { rejection: "expired" }, 401],
  ])("%s has the same effect as a value and as a promise", async ([, result, status]) => {
    const bodies: unknown[] = [];
    for (const returned of [result, Promise.resolve(result)]) {
      const { request } = start({ authenticate: () => returned });
      const response = await request("/users", { headers: { "x-request-id": "the-id" } });
      expect(response.status).toBe(status);
      bodies.push([response.headers.get("www-authenticate"), await response.json()]);
    }
    expect(bodies[0]).toEqual(bodies[1]);
  });

  test.for(["throws", "rejects"])("unavailable, if it %s, is a 503 problem with Retry-After", async (manner) => {
    const error = new UserError("unavailable", { cause: new Error("The key store is locked.") });
    const onCall = vi.fn();
    const { request, records } = start({ authenticate: failWith(error)[manner]!, onCall });
    const response = await request("/users");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(await response.clone().text()).not.toContain("locked");
    await expectProblem(response, "store-unavailable", "/users");
    expect(records).toEqual([expect.objectContaining({ status: 503, error, auth: "none" })]);
    expect(onCall).not.toHaveBeenCalled();
    expect((await request("/healthz")).status).toBe(200);
  });

  test.for(["throws", "rejects"])("an unexpected error, if it %s, is a 500 problem", async (manner) => {
    const error = new TypeError("secret");
    const onCall = vi.fn();
    const { request, records } = start({ authenticate: failWith(error)[manner]!, onCall });
    const response = await request("/users");
    expect(await response.clone().text()).not.toContain("secret");
    await expectProblem(response, "internal", "/users");
    expect(records).toEqual([expect.objectContaining({ status: 500, error })]);
    expect(onCall).not.toHaveBeenCalled();
  });

  test.for<[label: string, result: unknown]>([
    ["`undefined`", undefined],
    ["`true`", true],
    ["an empty object", {}],
    ["an unknown rejection", { rejection: "none" }],
    ["a caller that is absent", { caller: undefined }],
  ])("%s, which its type excludes, is a 500 problem", async ([, result]) => {
    const onCall = vi.fn();
    for (const returned of [result, Promise.resolve(result)]) {
      const { request } = start({ authenticate: () => returned as Result, onCall });
      await expectProblem(await request("/users"), "internal", "/users");
    }
    expect(onCall).not.toHaveBeenCalled();
  });

  test("the caller reaches the repository", async () => {
    const onCall = vi.fn<(context: RequestContext) => void>();
    const { request } = start({ onCall });
    await request("/users", withCredential("valid-credential"));
    expect(onCall.mock.lastCall?.[0].caller).toBe(CALLER);
  });
});

describe("deadline", () => {
  test("includes a slow authentication: returns 503 after 4,800 ms", async () => {
    useFakeTime();
    const onCall = vi.fn();
    const { request, records } = start({ authenticate: () => new Promise(() => undefined), onCall });
    const response = request("/users");
    await vi.advanceTimersByTimeAsync(4_799);
    expect(records).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect((await response).headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await expectProblem(await response, "store-unavailable", "/users");
    expect(records).toEqual([expect.objectContaining({ status: 503, error: expect.any(DeadlineError) })]);
    expect(onCall).not.toHaveBeenCalled();
  });

  test("is one for the authentication and the operation together", async () => {
    useFakeTime();
    const { request, records } = start({
      authenticate: () => waitFor(3_000).then(() => ({ caller: CALLER })),
      onCall: () => new Promise(() => undefined),
    });
    const response = request("/users");
    await vi.advanceTimersByTimeAsync(4_799);
    expect(records).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await expectProblem(await response, "store-unavailable", "/users");
  });

  test("is limited by `getTimeoutMs` for the authentication", async () => {
    useFakeTime();
    const { request } = start({ authenticate: () => new Promise(() => undefined), getTimeoutMs: () => 100 });
    const response = request("/users");
    await vi.advanceTimersByTimeAsync(100);
    await expectProblem(await response, "store-unavailable", "/users");
  });

  test("does not include the upload of the body after a slow authentication", async () => {
    useFakeTime();
    const { sendUnchecked } = start({ authenticate: () => waitFor(1_000).then(() => ({ caller: CALLER })) });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const headers = { "content-type": "application/json" };
    const response = sendUnchecked("/users", {
      method: "POST",
      headers,
      body: readable,
      duplex: "half",
    } as RequestInit);
    await vi.advanceTimersByTimeAsync(60_000);
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(newUserBody())));
    await writer.close();
    expect((await response).status).toBe(201);
  });

  test("leaves no timer after a slow authentication", async () => {
    useFakeTime();
    const { request } = start({ authenticate: () => Promise.resolve({ caller: CALLER }) });
    expect((await request("/users")).status).toBe(200);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("`onReadBody`", () => {
  const JSON_TYPE = { "content-type": "application/json" };
  const create = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(newUserBody()) };

  test("is called once, before the body is read, with the second argument of `fetch`", async () => {
    const events: unknown[] = [];
    const { sendUnchecked } = start({ onReadBody: (env) => events.push(env) });
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          events.push("read");
          controller.enqueue(new TextEncoder().encode(create.body));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const init = withCredential("valid-credential", { ...create, body, duplex: "half" } as RequestInit);
    expect((await sendUnchecked("/users", init)).status).toBe(201);
    expect(events).toEqual([ENV, "read"]);
  });

  const accepted = withCredential("valid-credential", create);
  const acceptedHeaders = accepted.headers as Record<string, string>;

  test.for<[label: string, status: number, path: string, init: RequestInit]>([
    ["no credential", 401, "/users", create],
    ["an invalid credential", 401, "/users", withCredential("x", create)],
    ["no scope", 403, "/users", withCredential("reader-credential", create)],
    ["an unknown path", 404, "/unknown", accepted],
    ["another method", 405, "/users", { ...accepted, method: "PUT" }],
    [
      "another content type",
      415,
      "/users",
      { ...accepted, headers: { ...acceptedHeaders, "content-type": "text/plain" } },
    ],
    ["a content encoding", 415, "/users", { ...accepted, headers: { ...acceptedHeaders, "content-encoding": "gzip" } }],
    [
      "a high Content-Length",
      413,
      "/users",
      { ...accepted, headers: { ...acceptedHeaders, "content-length": "65537" } },
    ],
    ["a body that the operation ignores", 404, "/users/unknown", { ...accepted, method: "DELETE" }],
    ["no body", 200, "/users", withCredential("valid-credential")],
    ["a public path", 405, "/healthz", create],
  ])("is not called for a request with %s", async ([, status, path, init]) => {
    const onReadBody = vi.fn();
    const { sendUnchecked } = start({ onReadBody });
    expect((await sendUnchecked(path, init)).status).toBe(status);
    expect(onReadBody).not.toHaveBeenCalled();
  });
});

describe("limit of failed authentications", () => {
  const UNAUTHENTICATED = Array.from({ length: 20 }, () => 401);
  test.for(["x", "expired-credential", "in valid", "reader-credential x"])(
    "returns 429 with Retry-After after 20 failures with %s",
    async (credential) => {
      const { request, records } = start({ getClientAddress });
      const send = () => request("/users", withCredential(credential));
      expect(await sendAll(send, 20)).toEqual(UNAUTHENTICATED);
      const response = await send();
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.has("www-authenticate")).toBe(false);
      await expectProblem(response, "too-many-requests", "/users");
      expect(records.at(-1)).toMatchObject({ status: 429, auth: "none" });
    },
  );

  test("applies to every path and method together, except the public paths", async () => {
    const { request } = start({ getClientAddress });
    const init = withCredential("x");
    await sendAll(() => request("/users", init), 10);
    await sendAll(() => request("/unknown", init), 10);
    for (const path of ["/users", "/users/unknown", "/unknown"]) {
      await expectProblem(await request(path, { ...init, method: "DELETE" }), "too-many-requests", path);
    }
    expect((await request("/healthz", init)).status).toBe(200);
  });

  test("serves a valid credential from a limited address, and does not count it", async () => {
    const { request } = start({ getClientAddress });
    await sendAll(() => request("/users", withCredential("x")), 21);
    expect((await request("/users", withCredential("valid-credential"))).status).toBe(200);
    expect((await request("/users", withCredential("reader-credential"))).status).toBe(403);
    expect((await request("/users", withCredential("x"))).status).toBe(429);
  });

  test("does not count a request without a credential", async () => {
    const { request } = start({ getClientAddress });
    await sendAll(() => request("/users"), 50);
    await sendAll(() => request("/users", { headers: { authorization: "Basic eDp5" } }), 50);
    expect(await sendAll(() => request("/users", withCredential("x")), 21)).toEqual([...UNAUTHENTICATED, 429]);
    expect((await request("/users")).status).toBe(401);
  });

  test("regains one failure per second", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { request } = start({ getClientAddress });
    const send = () => request("/users", withCredential("x"));
    await sendAll(send, 21);
    vi.advanceTimersByTime(999);
    expect(await sendAll(send, 1)).toEqual([429]);
    vi.advanceTimersByTime(1);
    expect(await sendAll(send, 2)).toEqual([401, 429]);
  });

  test("is separate for each address, which the second argument of `fetch` determines", async () => {
    const { requestFrom } = start({ getClientAddress });
    const send = (address: string) => () => requestFrom({ address }, "/users", withCredential("x"));
    expect(await sendAll(send("2001:db8:1:2::1"), 20)).toEqual(UNAUTHENTICATED);
    expect(await sendAll(send("2001:db8:1:2:3::4"), 1)).toEqual([429]);
    expect(await sendAll(send("2001:db8:1:3::1"), 1)).toEqual([401]);
    expect(await sendAll(send("192.0.2.1"), 20)).toEqual(UNAUTHENTICATED);
    expect(await sendAll(send("::ffff:192.0.2.1"), 1)).toEqual([429]);
  });

  test("is one for all requests whose address is unknown", async () => {
    for (const options of [{}, { getClientAddress: () => undefined }]) {
      const { request } = start(options);
      expect(await sendAll(() => request("/users", withCredential("x")), 21)).toEqual([...UNAUTHENTICATED, 429]);
    }
  });
});

describe("log record", () => {
  test("has the caller and the method of its authentication, and no credential", async () => {
    const { request, sendJson, records } = start();
    const credentials = ["valid-credential", "reader-credential", "expired-credential", "unknown-credential"];
    for (const credential of credentials) await request("/users", withCredential(credential));
    await request("/users");
    await request("/users", { headers: { authorization: "Basic unknown-credential" } });
    await request("/unknown", withCredential("valid-credential"));
    await request("/healthz", withCredential("valid-credential"));
    await sendJson("POST", "/users", {}, { authorization: "Bearer valid-credential" });
    const callers = records.map(({ status, caller, auth }) => ({ status, caller, auth }));
    expect(callers).toEqual([
      { status: 200, caller: "billing", auth: "key" },
      { status: 403, caller: "reporting", auth: "token" },
      { status: 401, auth: "none" },
      { status: 401, auth: "none" },
      { status: 401, auth: "none" },
      { status: 401, auth: "none" },
      { status: 404, caller: "billing", auth: "key" },
      { status: 200, auth: "none" },
      { status: 400, caller: "billing", auth: "key" },
    ]);
    expect(JSON.stringify(records)).not.toMatch(/-credential|Bearer|Basic/);
    for (const record of records) expect(record).not.toHaveProperty("error");
  });

  test("has no caller if the caller is anonymous", async () => {
    const { request, records } = start({
      authenticate: () => ({ caller: { id: undefined, auth: "none", scopes: SCOPES } }),
    });
    await request("/users", withCredential("valid-credential"));
    expect(records[0]).toMatchObject({ status: 200, auth: "none" });
    expect(records[0]).not.toHaveProperty("caller");
  });
});

describe("routes of the application", () => {
  const routes: Route[] = [
    { method: "GET", pattern: "/public/:id", scope: "public", handle: returnCaller },
    { method: "GET", pattern: "/authenticated", scope: "authenticated", handle: returnCaller },
    { method: "GET", pattern: "/scoped", scope: "reports:read", handle: returnCaller },
    {
      method: "GET",
      pattern: "/by-parameter",
      scope: "a",
      scopesByParameter: { b: "users:read", c: "c" },
      handle: returnCaller,
    },
  ];

  test.for<[path: string, credential: string | undefined, status: number]>([
    ["/public/1", undefined, 200],
    ["/public/1", "x", 200],
    ["/authenticated", undefined, 401],
    ["/authenticated", "x", 401],
    ["/authenticated", "reader-credential", 200],
    ["/scoped", undefined, 401],
    ["/scoped", "valid-credential", 403],
    ["/by-parameter", "reader-credential", 403],
    ["/by-parameter?b=1", "reader-credential", 200],
    ["/by-parameter?%62=1", "reader-credential", 200],
    ["/by-parameter?x=1&b", "reader-credential", 200],
    ["/by-parameter?b%3D1=1", "reader-credential", 403],
    ["/by-parameter?x=b", "reader-credential", 403],
    ["/by-parameter?B=1", "reader-credential", 403],
    ["/by-parameter?c=1", "reader-credential", 403],
    ["/by-parameter?toString=1", "reader-credential", 403],
  ])("GET %s with the credential %s returns %i", async ([path, credential, status]) => {
    const { sendUnchecked } = start({ routes });
    const init = credential === undefined ? {} : withCredential(credential);
    expect((await sendUnchecked(path, init)).status).toBe(status);
  });

  test("a public route has a caller without rights, even if the request has a credential", async () => {
    const { sendUnchecked } = start({ routes });
    const response = await sendUnchecked("/public/1", withCredential("valid-credential"));
    expect(await response.json()).toEqual({ auth: "none", scopes: [] });
  });

  test("another method of a public path with a parameter needs no credential, one of another path does", async () => {
    const { sendUnchecked } = start({ routes });
    const response = await sendUnchecked("/public/1", { method: "POST" });
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    expect(response.status).toBe(405);
    for (const path of ["/authenticated", "/scoped", "/public", "/public/1/2", "/public/:id/x"]) {
      expect((await sendUnchecked(path, { method: "POST" })).status, path).toBe(401);
    }
  });
});
