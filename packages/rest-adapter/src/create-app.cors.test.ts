import { ANONYMOUS_CALLER, createUserService, UserError } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { describe, expect, test } from "vitest";
import { createApp, OPERATIONS, type AppOptions } from "./index.ts";
import { expectProblem, listOperations, newUserBody } from "./testing/index.ts";

const ORIGIN = "https://app.example.com";
const OTHER_ORIGIN = "http://localhost:8080";
const CREDENTIAL = { authorization: "Bearer valid" };

/** Starts an app that allows two origins. The OpenAPI document does not describe the headers of CORS. */
function start(options: Partial<AppOptions<object>> = {}) {
  const repository = createInMemoryUserRepository();
  const users = createUserService({
    users: { ...repository, findBy: () => Promise.reject(new UserError("unavailable")) },
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  });
  const app = createApp({
    users,
    authenticate: (credential) =>
      credential === "valid" ? { caller: ANONYMOUS_CALLER } : { rejection: credential ? "invalid" : "missing" },
    allowedOrigins: [ORIGIN, OTHER_ORIGIN],
    ...options,
  });
  return async (path: string, init: RequestInit = {}) => app.request(path, init);
}

/** Returns the headers of a response that relate to CORS. */
function getCorsHeaders({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name === "vary" || name.startsWith("access-control-")));
}

/** The response headers that every page may read (Fetch standard, "CORS-safelisted response-header name"). */
const SAFELISTED_HEADERS = [
  "Cache-Control",
  "Content-Language",
  "Content-Length",
  "Content-Type",
  "Expires",
  "Last-Modified",
  "Pragma",
];

const documentedHeaders = listOperations().flatMap(({ responses }) =>
  responses.flatMap(({ headers }) => headers.map(({ name }) => name)),
);
const EXPOSED_HEADERS = [...new Set([...documentedHeaders, "Allow"])].filter(
  (name) => !SAFELISTED_HEADERS.includes(name),
);

/** The headers of a response to an allowed origin. */
const allowed = (origin: string) => ({
  vary: "Origin",
  "access-control-allow-origin": origin,
  "access-control-expose-headers": EXPOSED_HEADERS.toSorted().join(", "),
});

/** One request for each kind of response, with its status code. */
const REQUESTS: [status: number, path: string, init?: RequestInit][] = [
  [200, "/users", { headers: CREDENTIAL }],
  [200, "/users", { method: "HEAD", headers: CREDENTIAL }],
  [
    201,
    "/users",
    {
      method: "POST",
      headers: { ...CREDENTIAL, "content-type": "application/json" },
      body: JSON.stringify(newUserBody()),
    },
  ],
  [400, "/users?x=1", { headers: CREDENTIAL }],
  [401, "/users"],
  [401, "/unknown", { headers: { authorization: "Bearer x" } }],
  [404, "/users/unknown", { headers: CREDENTIAL }],
  [404, "/unknown", { headers: CREDENTIAL }],
  [405, "/users", { method: "DELETE", headers: CREDENTIAL }],
  [405, "/users", { method: "OPTIONS", headers: CREDENTIAL }],
  [503, "/users?email=x@example.com", { headers: CREDENTIAL }],
  [200, "/healthz"],
  [405, "/healthz", { method: "POST" }],
];

const withOrigin = (init: RequestInit = {}, origin = ORIGIN): RequestInit => ({
  ...init,
  headers: { ...(init.headers as object), origin },
});

describe("response", () => {
  test.for(REQUESTS)("%i for %s has the headers of an allowed origin", async ([status, path, init]) => {
    for (const origin of [ORIGIN, OTHER_ORIGIN]) {
      const response = await start()(path, withOrigin(init, origin));
      expect(response.status).toBe(status);
      expect(getCorsHeaders(response)).toEqual(allowed(origin));
    }
  });

  test.for(REQUESTS)("%i for %s has only Vary for a request without an origin", async ([status, path, init]) => {
    const response = await start()(path, init);
    expect(response.status).toBe(status);
    expect(getCorsHeaders(response)).toEqual({ vary: "Origin" });
  });

  test.for(REQUESTS)("%i for %s has no such header if no origin is configured", async ([status, path, init]) => {
    const response = await start({ allowedOrigins: [] })(path, withOrigin(init));
    expect(response.status).toBe(status);
    expect(getCorsHeaders(response)).toEqual({});
  });

  test.for<[label: string, status: number, options: Partial<AppOptions<object>>]>([
    ["403", 403, { authenticate: () => ({ caller: { ...ANONYMOUS_CALLER, scopes: [] } }) }],
    ["503 of the authentication", 503, { authenticate: () => Promise.reject(new UserError("unavailable")) }],
    ["500 of the authentication", 500, { authenticate: () => Promise.reject(new Error("a bug")) }],
    ["503 while draining", 503, { isDraining: () => true }],
  ])("%s has the headers of an allowed origin", async ([, status, options]) => {
    const path = options.isDraining ? "/readyz" : "/users";
    const response = await start(options)(path, withOrigin());
    expect(response.status).toBe(status);
    expect(getCorsHeaders(response)).toEqual(allowed(ORIGIN));
  });

  test("429 has the headers of an allowed origin", async () => {
    const request = start();
    const init = withOrigin({ headers: { authorization: "Bearer x" } });
    const responses: Response[] = [];
    for (let n = 0; n < 21; n += 1) responses.push(await request("/users", init));
    expect(responses.at(-1)!.status).toBe(429);
    expect(getCorsHeaders(responses.at(-1)!)).toEqual(allowed(ORIGIN));
  });
});

const FOREIGN_ORIGINS: [label: string, origin: string][] = [
  ["another host", "https://evil.example"],
  ["a host that ends with the allowed one", "https://evilapp.example.com"],
  ["a host that begins with the allowed one", "https://app.example.com.evil.example"],
  ["a subdomain", "https://x.app.example.com"],
  ["the parent domain", "https://example.com"],
  ["another scheme", "http://app.example.com"],
  ["the default port", "https://app.example.com:443"],
  ["another port", "https://app.example.com:8443"],
  ["another port of localhost", "http://localhost:8081"],
  ["no port", "http://localhost"],
  ["another name of localhost", "http://127.0.0.1:8080"],
  ["upper case", "https://APP.EXAMPLE.COM"],
  ["a slash at the end", "https://app.example.com/"],
  ["a dot at the end", "https://app.example.com."],
  ["a user", "https://user@app.example.com"],
  ["two origins", "https://app.example.com, https://evil.example"],
  ["two origins with a space", "https://app.example.com http://localhost:8080"],
  ["`null`", "null"],
  ["an asterisk", "*"],
  ["an empty value", ""],
];

const preflight = (origin: string, headers: Record<string, string> = {}): RequestInit => ({
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": "DELETE", ...headers },
});

describe("foreign origin", () => {
  test.for(FOREIGN_ORIGINS)("%s is not allowed", async ([, origin]) => {
    const request = start();
    const response = await request("/users", withOrigin({ headers: CREDENTIAL }, origin));
    expect(response.status).toBe(200);
    expect(getCorsHeaders(response)).toEqual({ vary: "Origin" });

    const preflightResponse = await request("/users", preflight(origin));
    expect(getCorsHeaders(preflightResponse)).toEqual({ vary: "Origin" });
    await expectProblem(preflightResponse, "unauthenticated", "/users");
  });

  test("a preflight is handled as any other OPTIONS request", async () => {
    const request = start();
    const [, [, origin]] = FOREIGN_ORIGINS as [unknown, [string, string]];
    for (const [path, credential, status] of [
      ["/users", {}, 401],
      ["/unknown", {}, 401],
      ["/users", CREDENTIAL, 405],
      ["/unknown", CREDENTIAL, 404],
      ["/healthz", {}, 405],
    ] as const) {
      const response = await request(path, preflight(origin, credential));
      expect(response.status, path).toBe(status);
      expect(getCorsHeaders(response)).toEqual({ vary: "Origin" });
    }
  });

  test("a preflight has no response of its own if no origin is configured", async () => {
    const response = await start({ allowedOrigins: [] })("/users", preflight(ORIGIN));
    expect(getCorsHeaders(response)).toEqual({});
    await expectProblem(response, "unauthenticated", "/users");
  });
});

describe("preflight of an allowed origin", () => {
  test.for(["/users", "/users/unknown", "/unknown", "/healthz", "/openapi.json", "/"])(
    "returns 204 for %s without a credential",
    async (path) => {
      const response = await start()(path, preflight(ORIGIN));
      expect(response.status).toBe(204);
      expect(await response.text()).toBe("");
      expect(response.headers.has("content-type")).toBe(false);
      const { "access-control-allow-headers": allowHeaders, ...headers } = getCorsHeaders(response);
      expect(headers).toEqual({
        ...allowed(ORIGIN),
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-max-age": "7200",
      });
      const operationHeaders = Object.values(OPERATIONS).flatMap((operation) =>
        "headers" in operation ? operation.headers : [],
      );
      expect(allowHeaders!.split(", ").toSorted()).toEqual(
        [...new Set(["Authorization", "Content-Type", "X-Request-Id", "traceparent", ...operationHeaders])].toSorted(),
      );
    },
  );

  test("does not depend on a credential, and counts no failure", async () => {
    const request = start();
    for (let n = 0; n < 30; n += 1) {
      expect((await request("/users", preflight(ORIGIN, { authorization: "Bearer x" }))).status).toBe(204);
    }
    expect((await request("/users", { headers: { authorization: "Bearer x" } })).status).toBe(401);
  });

  test("is an OPTIONS request with Access-Control-Request-Method", async () => {
    const request = start();
    await expectProblem(await request("/users", withOrigin({ method: "OPTIONS" })), "unauthenticated", "/users");
    const get = await request("/users", { ...preflight(ORIGIN), method: "GET" });
    await expectProblem(get, "unauthenticated", "/users");
  });

  test("never permits credentials mode, which is for cookies", async () => {
    const request = start();
    const responses = [await request("/users", preflight(ORIGIN)), await request("/users", withOrigin())];
    for (const { headers } of responses) expect(headers.has("access-control-allow-credentials")).toBe(false);
  });
});
