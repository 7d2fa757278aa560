import { createUserService } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { describe, expect, test } from "vitest";
import { allowAnonymous, createApp } from "../index.ts";
import { expectDocumented } from "./expect-documented.ts";
import { createTestClient, newUserBody, readJson } from "./test-client.ts";

const app = createApp({
  users: createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  }),
  authenticate: allowAnonymous,
});

/** An app without users that accepts the credential `valid`. */
function createProtectedApp() {
  return createApp({
    users: createUserService({
      users: createInMemoryUserRepository(),
      now: () => new Date(),
      generateId: () => crypto.randomUUID(),
      digest: (text) => text,
    }),
    authenticate: (credential) => {
      if (credential === "valid") return { caller: { id: "x", auth: "key", scopes: ["users:list"] } };
      return { rejection: credential === undefined ? "missing" : "invalid" };
    },
  });
}

const JSON_TYPE = { "content-type": "application/json" };
const USER = "/users/{user_id}";
const UPDATE = { method: "PUT", headers: JSON_TYPE, body: JSON.stringify({ lastname: "Roe" }) };
const CREATE = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(newUserBody()) };

/** The differences from the response of the app. A header or a member that is `undefined` is removed. */
interface Overrides {
  readonly status?: number;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: Record<string, unknown>;
  readonly text?: string;
}

async function override(response: Response, { status, headers = {}, body, text }: Overrides): Promise<Response> {
  const original = await response.text();
  const fields = Object.entries({ ...Object.fromEntries(response.headers), ...headers });
  const overridden = body ? JSON.stringify({ ...JSON.parse(original), ...body }) : original || null;
  return new Response(text ?? overridden, {
    status: status ?? response.status,
    headers: fields.filter((field): field is [string, string] => field[1] !== undefined),
  });
}

async function createUser(): Promise<string> {
  const init = { ...CREATE, body: JSON.stringify(newUserBody()) };
  return String((await readJson(await app.request("/users", init)))["user_id"]);
}

/** Sends a request to the app, with the id of a user for `{user_id}`, and checks the response with the overrides. */
async function check(path: string, init: RequestInit = {}, overrides: Overrides = {}): Promise<void> {
  const userPath = path.replace("{user_id}", await createUser());
  await expectDocumented(userPath, init, await override(await app.request(userPath, init), overrides));
}

describe("accepts the response to", () => {
  test.for<[label: string, path: string, init?: RequestInit]>([
    ["a create", "/users", { ...CREATE, headers: { ...JSON_TYPE, prefer: "x" } }],
    ["a create without fields", "/users", { ...CREATE, body: "{}" }],
    ["a list with parameters", "/users?limit=5&email=a+b=c@example.com"],
    ["a list with an invalid parameter", "/users?limit=0"],
    ["an invalid request id", "/users", { headers: new Headers({ "X-Request-Id": "not an id" }) }],
    ["a valid request id", "/users", { headers: [["X-Request-Id", "the-id"]] }],
    ["a GET of a user", USER],
    ["a HEAD of a user", USER, { method: "HEAD" }],
    ["a conditional GET", USER, { headers: { "If-None-Match": "*" } }],
    ["an update", USER, UPDATE],
    [
      "a merge patch",
      USER,
      { ...UPDATE, method: "PATCH", headers: { "content-type": "Application/Merge-Patch+JSON; charset=utf-8" } },
    ],
    ["a delete", USER, { method: "DELETE" }],
    ["a delete with a cookie and a body", USER, { method: "DELETE", headers: { cookie: "a=1" }, body: "ignored" }],
    ["another method of a known path", USER, { method: "POST" }],
    ["a GET of an unknown user", "/users/unknown"],
    ["a HEAD of an unknown user", "/users/unknown", { method: "HEAD" }],
    ["a GET of an unknown path", "/unknown"],
    ["a HEAD of an unknown path", "/unknown", { method: "HEAD" }],
    ["a GET of the document", "/openapi.json"],
  ])("%s", async ([, path, init]) => {
    await check(path, init);
  });
});

describe("rejects a response with", () => {
  const HEAD = { method: "HEAD" };
  const POST = { method: "POST" };
  const NOT_MODIFIED = { headers: { "if-none-match": "*" } };
  const TEXT = { "content-type": "text/plain" };
  const notAllowed = "/type must be equal to one of the allowed values";

  test.for<[label: string, path: string, init: RequestInit, overrides: Overrides, message: string]>([
    ["an undocumented status code", USER, {}, { status: 299 }, "has a documented status code"],
    ["an undocumented status code of HEAD", USER, HEAD, { status: 299 }, "has a documented status code"],
    ["the status code of another operation", USER, {}, { status: 201 }, "has a documented status code"],
    ["no required header", USER, {}, { headers: { etag: undefined } }, "has ETag"],
    ["no required header of HEAD", USER, HEAD, { headers: { etag: undefined } }, "has ETag"],
    ["no request id", "/users/unknown", {}, { headers: { "x-request-id": undefined } }, "has X-Request-Id"],
    ["an undocumented header", USER, {}, { headers: { server: "x" } }, "has the undocumented header server"],
    ["a header of another operation", USER, {}, { headers: { location: "/" } }, "has the undocumented header location"],
    [
      "an invalid header",
      USER,
      UPDATE,
      { headers: { "preference-applied": "x" } },
      'preference-applied: "x" violates #/components/headers/Preference-Applied/schema',
    ],
    ["an undocumented media type", USER, {}, { headers: TEXT }, "has a documented media type"],
    ["an undocumented media type of HEAD", USER, HEAD, { headers: TEXT }, "has a documented media type"],
    ["no media type", USER, {}, { headers: { "content-type": undefined } }, "has a documented media type"],
    ["a media type but no body", USER, NOT_MODIFIED, { headers: JSON_TYPE }, "has a documented media type"],
    ["a body of HEAD", USER, HEAD, { text: "{}" }, "has no body"],
    ["an undocumented field", USER, {}, { body: { age: 7 } }, "must NOT have additional properties"],
    ["no required field", USER, {}, { body: { user_id: undefined } }, "must have required property 'user_id'"],
    ["a field of another type", USER, {}, { body: { lastname: 7 } }, "/lastname must be string"],
    [
      "the message of another operation",
      USER,
      UPDATE,
      { body: { message: "User deleted" } },
      "/message must be equal to constant",
    ],
    [
      "a problem type of another operation",
      "/users/unknown",
      {},
      { body: { type: "urn:user-management:problem:email-taken" } },
      notAllowed,
    ],
    [
      "an unknown problem type",
      "/users/unknown",
      {},
      { body: { type: "urn:user-management:problem:none" } },
      notAllowed,
    ],
    [
      "an undocumented member of a problem",
      "/users/unknown",
      {},
      { body: { age: 7 } },
      "must NOT have additional properties",
    ],
    ["410 for an unknown path", "/unknown", {}, { status: 410 }, "is no operation"],
    ["404 for another method of a known path", USER, POST, { status: 404 }, "is no operation"],
    ["other methods in Allow", USER, POST, { headers: { allow: "GET, PUT" } }, "has Allow"],
    ["no Allow", USER, POST, { headers: { allow: undefined } }, "has Allow"],
    ["Allow for an unknown path", "/unknown", {}, { headers: { allow: "GET" } }, "has Allow"],
    [
      "no request id for an unknown path",
      "/unknown",
      {},
      { headers: { "x-request-id": undefined } },
      "has X-Request-Id",
    ],
    [
      "an undocumented header for an unknown path",
      "/unknown",
      {},
      { headers: { etag: '"1"' } },
      "has the undocumented header etag",
    ],
    ["HTML for an unknown path", "/unknown", {}, { headers: { "content-type": "text/html" } }, "is a problem"],
    ["a body of HEAD for an unknown path", "/unknown", HEAD, { text: "{}" }, "has no body"],
    ["no problem for an unknown path", "/unknown", {}, { text: "{}" }, "violates #/components/schemas/Problem"],
  ])("%s", async ([, path, init, overrides, message]) => {
    await check(path, init);
    await expect(check(path, init, overrides)).rejects.toThrow(message);
  });

  test.for([
    ["an invalid request id echoed", "not an id", "not an id"],
    ["a valid request id not echoed", "the-id", "another"],
  ])("%s", async ([, sent, returned]) => {
    const overrides = { headers: { "x-request-id": returned } };
    const checked = check("/users", { headers: { "x-request-id": sent! } }, overrides);
    await expect(checked).rejects.toThrow("is echoed only with a valid x-request-id");
  });
});

describe("access", () => {
  const VALID = { authorization: "Bearer valid" };
  const INVALID = { authorization: "Bearer x" };

  const requests: [label: string, path: string, init: RequestInit, status: number][] = [
    ["no credential", "/users", {}, 401],
    ["no credential and HEAD", "/users", { method: "HEAD" }, 401],
    ["an invalid credential", "/users", { headers: INVALID }, 401],
    ["no credential, for an unknown path", "/unknown", {}, 401],
    ["no credential and HEAD, for an unknown path", "/unknown", { method: "HEAD" }, 401],
    ["no credential, for another method of a known path", "/users", { method: "DELETE" }, 401],
    ["a valid credential", "/users", { headers: VALID }, 200],
    [
      "a valid credential and other headers with credentials",
      "/users",
      { headers: { ...VALID, "x-api-key": "x" } },
      200,
    ],
    ["no scope", "/users/unknown", { headers: VALID }, 403],
    ["a valid credential, for an unknown path", "/unknown", { headers: VALID }, 404],
    ["a valid credential, for another method of a known path", "/users", { method: "DELETE", headers: VALID }, 405],
    ["no credential, for a public path", "/healthz", {}, 200],
    ["no credential, for another method of a public path", "/healthz", { method: "POST" }, 405],
  ];

  test.for(requests)("accepts the response to a request with %s", async ([, path, init, status]) => {
    const response = await createProtectedApp().request(path, init);
    expect(response.status).toBe(status);
    await expectDocumented(path, init, response);
  });

  test("accepts 429 for a known and for an unknown path", async () => {
    const protectedApp = createProtectedApp();
    for (let n = 0; n < 20; n += 1) await protectedApp.request("/users", { headers: INVALID });
    for (const path of ["/users", "/unknown"]) {
      const response = await protectedApp.request(path, { headers: INVALID });
      expect(response.status).toBe(429);
      await expectDocumented(path, { headers: INVALID }, response.clone());
      const overridden = await override(response, { headers: { "retry-after": undefined } });
      await expect(expectDocumented(path, { headers: INVALID }, overridden)).rejects.toThrow("has Retry-After");
    }
  });

  test.for<[label: string, path: string, headers: Record<string, string>, overrides: Overrides, message: string]>([
    ["401 without a challenge", "/users", {}, { headers: { "www-authenticate": undefined } }, "has WWW-Authenticate"],
    [
      "401 without a challenge for an unknown path",
      "/unknown",
      {},
      { headers: { "www-authenticate": undefined } },
      "has WWW-Authenticate",
    ],
    ["401 with Allow for an unknown path", "/unknown", {}, { headers: { allow: "GET" } }, "undocumented header allow"],
    [
      "401 with another problem type",
      "/unknown",
      {},
      { body: { type: "urn:user-management:problem:not-found" } },
      "/type must be equal to one of the allowed values",
    ],
    ["403 for an unknown path", "/unknown", VALID, { status: 403 }, "is no operation"],
    ["401 for a public path", "/healthz", {}, { status: 401 }, "has a documented status code"],
    ["403 for a public path", "/healthz", {}, { status: 403 }, "has a documented status code"],
  ])("rejects %s", async ([, path, headers, overrides, message]) => {
    const response = await override(await createProtectedApp().request(path, { headers }), overrides);
    await expect(expectDocumented(path, { headers }, response)).rejects.toThrow(message);
  });

  test("rejects 401 for another method of a public path", async () => {
    const init = { method: "POST" };
    const response = await override(await createProtectedApp().request("/healthz", init), { status: 401 });
    await expect(expectDocumented("/healthz", init, response)).rejects.toThrow("is no operation");
  });
});

/** Each test passes an invalid request with the response to a valid one, as if the service had accepted the former. */
describe("rejects a successful request with", () => {
  const PREFER = { Prefer: "x" };

  test.for<[label: string, path: string, init: RequestInit, message: string]>([
    ["an undocumented query parameter", "/users?offset=1", {}, "has the undocumented query parameter offset"],
    ["a query parameter of another operation", `${USER}?limit=1`, {}, "has the undocumented query parameter limit"],
    ["a limit that is no number", "/users?limit=x", {}, 'limit: "x" violates'],
    ["a limit that is too high", "/users?limit=101", {}, 'limit: "101" violates'],
    ["a percent-encoded limit that is too high", "/users?limit=%3101", {}, 'limit: "101" violates'],
    [
      "an undocumented header",
      USER,
      { headers: { "if-range": "x" } },
      "has the undocumented header parameter if-range",
    ],
    ["a header of another operation", USER, { headers: PREFER }, "has the undocumented header parameter prefer"],
    [
      "such a header in a Headers object",
      USER,
      { headers: new Headers(PREFER) },
      "has the undocumented header parameter prefer",
    ],
    [
      "an idempotency key that is too long",
      "/users",
      { ...CREATE, headers: { ...JSON_TYPE, "Idempotency-Key": "x".repeat(600) } },
      'idempotency-key: "xxx',
    ],
    ["no body", USER, { method: "PUT" }, "has a body of the undocumented media type none"],
    [
      "a merge patch for PUT",
      USER,
      { ...UPDATE, headers: { "content-type": "application/merge-patch+json" } },
      "has a body of the undocumented media type application/merge-patch+json",
    ],
    [
      "a body without a media type",
      USER,
      { ...UPDATE, headers: {}, body: new Blob(["{}"]) },
      "has a body of the undocumented media type undefined",
    ],
    ["an undocumented field", USER, { ...UPDATE, body: '{"age":7}' }, "must NOT have additional properties"],
  ])("%s", async ([, path, init, message]) => {
    const userPath = path.replace("{user_id}", await createUser());
    const accepted = { POST: { ...CREATE, body: JSON.stringify(newUserBody()) }, PUT: UPDATE, GET: {} };
    const response = await app.request(userPath.split("?")[0]!, accepted[(init.method ?? "GET") as "GET"]);
    expect(response.ok).toBe(true);
    await expect(expectDocumented(userPath, init, response)).rejects.toThrow(message);
  });
});

describe("createTestClient", () => {
  test("sends the credential with every request, unless the request has one", async () => {
    const sent: [path: string, headers: Record<string, string>][] = [];
    const client = createTestClient(
      (path, init = {}) => {
        sent.push([path, Object.fromEntries(new Headers(init.headers))]);
        return Promise.resolve(app.request(path, init));
      },
      { credential: "umk_x" },
    );
    const id = await client.createUser();
    await client.getUser(id);
    await client.request("/users", { headers: { authorization: "Bearer other" } });
    expect(sent).toEqual([
      ["/users", { "content-type": "application/json", authorization: "Bearer umk_x" }],
      [`/users/${id}`, { authorization: "Bearer umk_x" }],
      ["/users", { authorization: "Bearer other" }],
    ]);
  });

  test("rejects an undocumented response", async () => {
    const { request } = createTestClient(async (path, init) =>
      override(await app.request(path, init), { body: { age: 7 } }),
    );
    await expect(request("/users")).rejects.toThrow("must NOT have additional properties");
  });

  test("rejects an undocumented request that the service accepts", async () => {
    const { request } = createTestClient(async () => app.request("/users"));
    await expect(request("/users?offset=1")).rejects.toThrow("has the undocumented query parameter offset");
    await expect(request("/users", { headers: { prefer: "x" } })).rejects.toThrow(
      "has the undocumented header parameter prefer",
    );
  });
});
