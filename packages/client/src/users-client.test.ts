import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient, type ApiError, type NewUser, type UsersClient } from "./index.ts";
import { errorOf } from "./testing/error-of.ts";
import { newUser } from "./testing/new-user.ts";
import { startProxy } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
let users: UsersClient;
beforeAll(async () => {
  server = await startServer();
  users = createUsersClient({ baseUrl: server.url });
});
afterAll(() => server.stop());

test("the life of a user: created, read, found, changed and deleted", async () => {
  const user = newUser({ firstname: "Jane" });
  const { user_id, etag } = await users.create(user);
  expect(await users.get(user_id)).toEqual({ user: { user_id, ...user }, etag });
  expect(await users.findByEmail(user.email.toUpperCase())).toEqual({ user_id, ...user });

  const changed = await users.update(user_id, { address: "456 Another St", firstname: null });
  expect(changed.etag).not.toBe(etag);
  const { firstname, ...others } = user;
  expect(firstname).toBe("Jane");
  const now = { user_id, ...others, address: "456 Another St" };
  expect(await users.get(user_id)).toEqual({ user: now, etag: changed.etag });

  expect(await users.delete(user_id)).toBeUndefined();
  expect(await users.get(user_id)).toBeUndefined();
  expect(await users.findByEmail(user.email)).toBeUndefined();
});

test("of two who write by one entity tag one loses, and goes on with the current one", async () => {
  const { user_id, etag } = await users.create(newUser());
  const [first, second] = await Promise.allSettled([
    users.update(user_id, { lastname: "One" }, { ifMatch: etag }),
    users.update(user_id, { lastname: "Two" }, { ifMatch: etag }),
  ]);
  const [won, lost] = first.status === "fulfilled" ? [first, second] : [second, first];
  const { value } = won as PromiseFulfilledResult<{ etag: string }>;
  const { reason } = lost as PromiseRejectedResult;
  expect(reason).toMatchObject({ type: "stale-version", status: 412, etag: value.etag });
  const again = await users.update(user_id, { lastname: "Three" }, { ifMatch: (reason as ApiError).etag! });
  expect(await errorOf(users.delete(user_id, { ifMatch: value.etag }))).toMatchObject({ etag: again.etag });
  await users.delete(user_id, { ifMatch: again.etag });
  expect(await users.get(user_id)).toBeUndefined();
});

test("the same key creates one user, no key two attempts at one", async () => {
  const user = newUser();
  const { user_id } = await users.create(user, { idempotencyKey: user.email });
  expect(await users.create(user, { idempotencyKey: user.email })).toMatchObject({ user_id });
  expect(await errorOf(users.create(user))).toMatchObject({ type: "email-taken" });
});

test("every wrong field is told, at its place", async () => {
  const error = await errorOf(users.create(newUser({ email: "john.doe", dob: "1990-02-30" })));
  expect(error).toMatchObject({
    name: "ApiError",
    message: "Invalid user: #/dob must be a day that exists, as YYYY-MM-DD; #/email must be an email address",
    type: "invalid-user",
    status: 400,
    errors: [
      { pointer: "#/dob", code: "invalid-date" },
      { pointer: "#/email", code: "invalid-email" },
    ],
  });
  expect(error.problem).toMatchObject({ type: "urn:user-management:problem:invalid-user", instance: "/users" });
  expect(error.requestId).toBe(error.problem?.request_id);
  expect(error.requestId).toMatch(/./);
});

/** What a user cannot be by its type, sent all the same. */
const odd = (fields: object): NewUser => ({ ...newUser(), ...fields });

test.for<[type: ApiError["type"], status: number, ask: (at: { url: string; user_id: string }) => Promise<unknown>]>([
  ["invalid-user", 400, ({ user_id }) => users.update(user_id, {})],
  ["invalid-query", 400, () => users.pages({ pageSize: 101 }).next()],
  ["invalid-query", 400, () => users.list({ cursor: "tampered" }).next()],
  ["malformed-request", 400, () => users.create(newUser(), { idempotencyKey: "" })],
  ["malformed-request", 400, () => users.create(newUser(), { idempotencyKey: "x".repeat(256) })],
  ["not-found", 404, () => users.update("nobody", { lastname: "Roe" })],
  ["not-found", 404, () => users.delete("nobody")],
  ["not-found", 404, ({ url }) => createUsersClient({ baseUrl: `${url}/elsewhere` }).findByEmail("john@example.com")],
  ["method-not-allowed", 405, ({ url }) => createUsersClient({ baseUrl: `${url}/users` }).create(newUser())],
  ["stale-version", 412, ({ user_id }) => users.delete(user_id, { ifMatch: '"0"' })],
  ["payload-too-large", 413, () => users.create(odd({ address: "x".repeat(65_536) }))],
  [
    "unsupported-media-type",
    415,
    ({ url }) => createUsersClient({ baseUrl: url, headers: { "Content-Encoding": "gzip" } }).create(newUser()),
  ],
  [
    "headers-too-large",
    431,
    ({ url }) => createUsersClient({ baseUrl: url, headers: { "X-Large": "x".repeat(20_000) } }).get("id"),
  ],
])("%s is told", async ([type, status, ask]) => {
  const { user_id } = await users.create(newUser());
  const error = await errorOf(ask({ url: server.url, user_id }));
  expect(error).toMatchObject({ type, status, problem: { type: `urn:user-management:problem:${type}`, status } });
  expect(error.message).toContain(error.problem!.title);
});

test("a store that cannot be written is told, and when to come again", async () => {
  const { user_id } = await users.create(newUser());
  const other = new DatabaseSync(server.path);
  other.exec("BEGIN IMMEDIATE");
  const error = await errorOf(createUsersClient({ baseUrl: server.url, retries: 0 }).delete(user_id));
  other.close();
  expect(error).toMatchObject({ type: "store-unavailable", status: 503, retryAfter: 1 });
  await users.delete(user_id);
});

test.for([
  ["5", 5],
  [new Date(0).toUTCString(), 0],
  ["soon", undefined],
] as const)("Retry-After is told in seconds: %s", async ([header, seconds]) => {
  const { url, expect: expectFates } = await startProxy();
  expectFates({ status: 429, headers: { "retry-after": header } });
  expect((await errorOf(createUsersClient({ baseUrl: url }).get("id"))).retryAfter).toBe(seconds);
});

test("a problem that this client does not know yet is told as it is", async () => {
  const { url, expect: expectFates } = await startProxy();
  const problem = { type: "urn:user-management:problem:quota-exceeded", title: "Quota exceeded", detail: "Too much." };
  const headers = { "content-type": "application/problem+json; charset=utf-8", "x-request-id": "the-id" };
  expectFates({ status: 429, headers, body: JSON.stringify(problem) });
  const error = await errorOf(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ type: "quota-exceeded", status: 429, problem, requestId: "the-id", errors: [] });
  expect(error.message).toBe("Quota exceeded: Too much.");
});

const json = { "content-type": "application/json" };
const problemJson = { "content-type": "application/problem+json" };
test.for([
  ["a page", 200, { "content-type": "text/html" }, "<html></html>"],
  ["a page that is called JSON", 200, json, "<html></html>"],
  ["half an answer that is called whole", 200, json, '{"user_id":'],
  ["a user that is not called JSON", 200, { "content-type": "text/plain", etag: '"1"' }, '{"user_id":"id"}'],
  ["nothing", 200, json, ""],
  ["nothing, and says so", 204, {}, ""],
  ["a JSON value of another kind", 200, json, '"user"'],
  ["null", 200, json, "null"],
  ["a list", 200, json, "[]"],
  ["another object", 200, { ...json, etag: '"1"' }, '{"message":"User created"}'],
  ["a user without an entity tag", 200, json, '{"user_id":"id"}'],
  ["a redirection that leads nowhere", 304, {}, ""],
  ["a page about an error", 404, { "content-type": "text/html" }, "<html></html>"],
  ["an error as plain text", 400, { "content-type": "text/plain" }, "Bad Request"],
  ["a problem of another API", 404, problemJson, '{"type":"about:blank","title":"Not found"}'],
  ["a problem without a type", 404, problemJson, "{}"],
  ["a broken problem", 404, problemJson, '{"type":"urn:user-management:problem:not-found'],
  ["a throttle of a gateway", 429, json, '{"message":"Too Many Requests"}'],
] as const)("%s is no answer of this API", async ([, status, headers, body]) => {
  const { url, calls, expect: expectFates } = await startProxy();
  expectFates({ status, headers, body });
  const error = await errorOf(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ type: "unexpected-answer", status, problem: undefined, errors: [] });
  expect(error.message).toMatch(
    /^(GET \/users\/id was answered \d+ \(.+\), which is no answer of this API|The answer has no .+)$/,
  );
  expect(calls).toHaveLength(1);
});

test("an email address is in no message", async () => {
  const { url, expect: expectFates } = await startProxy();
  expectFates({ status: 418 });
  const error = await errorOf(createUsersClient({ baseUrl: url }).findByEmail("john@example.com"));
  expect(error.message).toBe("GET /users was answered 418 (no content type), which is no answer of this API");
});

test("an id is one segment of a path, whatever is in it", async () => {
  const { url, calls } = await startProxy(server.url);
  const through = createUsersClient({ baseUrl: `${url}/` });
  for (const id of ["a/b", "../users", "a?b=c#d", "50%", "$&", "é ☃"]) {
    expect(await through.get(id)).toBeUndefined();
    expect(decodeURIComponent(calls.at(-1)!.path.slice("/users/".length))).toBe(id);
    expect(calls.at(-1)!.path).toMatch(/^\/users\/[^/?#]+$/);
  }
});

test.for(["", ".", ".."])("an id that a URL cannot carry is refused before it is sent: '%s'", async (id) => {
  const { url, calls } = await startProxy(server.url);
  const through = createUsersClient({ baseUrl: url });
  await expect(through.get(id)).rejects.toThrow(new TypeError(`"${id}" cannot be the id of a user`));
  await expect(through.update(id, { lastname: "Roe" })).rejects.toThrow(TypeError);
  await expect(through.delete(id)).rejects.toThrow(TypeError);
  expect(calls).toEqual([]);
});

test("what is sent is what the API's description says, with the client's headers", async () => {
  const { url, calls } = await startProxy(server.url);
  const through = createUsersClient({ baseUrl: url, headers: { Authorization: "Bearer token" } });
  const user = newUser();
  const { user_id, etag } = await through.create(user);
  await through.update(user_id, { lastname: "Roe" }, { ifMatch: etag });
  await through.delete(user_id);
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /users",
    `PATCH /users/${user_id}`,
    `DELETE /users/${user_id}`,
  ]);
  for (const { headers } of calls) expect(headers.authorization).toBe("Bearer token");
  const [create, update, remove] = calls;
  expect(JSON.parse(create!.body)).toEqual(user);
  expect(create!.headers).toMatchObject({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(create!.body)),
    "idempotency-key": expect.stringMatching(/^[\da-z]+(-[\da-z]+){3}$/),
  });
  expect(update!.headers).toMatchObject({ "content-type": "application/merge-patch+json", "if-match": etag });
  expect(update!.headers).not.toHaveProperty("idempotency-key");
  expect(remove!.headers).not.toHaveProperty("if-match");
  expect(remove!.body).toBe("");
});
