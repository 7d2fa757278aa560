import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient, type ApiError, type Fetch, type NewUser, type UsersClient } from "./index.ts";
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
const jsonx = { "content-type": "application/jsonx", etag: '"1"' };
const STALE = '{"type":"urn:user-management:problem:stale-version"}';
const problemWith = (errors: unknown): string =>
  JSON.stringify({ type: "urn:user-management:problem:not-found", title: "Not found", errors });
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
  ["a user whose id is no string", 200, { ...json, etag: '"1"' }, '{"user_id":1}'],
  ["a user of a type whose name begins like JSON's", 200, jsonx, '{"user_id":"id"}'],
  ["another object", 200, { ...json, etag: '"1"' }, '{"message":"User created"}'],
  ["a user without an entity tag", 200, json, '{"user_id":"id"}'],
  ["a redirection that leads nowhere", 304, {}, ""],
  ["a problem that is called a redirection", 302, problemJson, '{"type":"urn:user-management:problem:not-found"}'],
  ["a page about an error", 404, { "content-type": "text/html" }, "<html></html>"],
  ["an error as plain text", 400, { "content-type": "text/plain" }, "Bad Request"],
  ["a problem of another API", 404, problemJson, '{"type":"about:blank","title":"Not found"}'],
  ["a problem without a type", 404, problemJson, "{}"],
  ["a broken problem", 404, problemJson, '{"type":"urn:user-management:problem:not-found'],
  ["a problem with errors that are no list", 404, problemJson, problemWith({})],
  ["a problem with errors that are null", 404, problemJson, problemWith(null)],
  ["a problem with errors that say nothing", 404, problemJson, problemWith([null])],
  ["a throttle of a gateway", 429, json, '{"message":"Too Many Requests"}'],
] as const)("%s is no answer of this API", async ([, status, headers, body]) => {
  const { url, calls, expect: expectFates } = await startProxy();
  expectFates({ status, headers, body });
  const error = await errorOf(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ type: "unexpected-answer", status, problem: undefined, errors: [] });
  expect(error.message).toMatch(
    /^(GET \/users\/id was answered \d+ \(.+\), which is no answer of this API|The answer has no ETag, .+|The answer has another body than this API gives)$/,
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

test.for([301, 302, 303, 307, 308])("a %d takes a request to nobody else, and is final", async (status) => {
  const other = await startProxy(server.url);
  const { url, calls, expect: expectFates } = await startProxy();
  const redirection = { status, headers: { location: `${other.url}/users` } };
  expectFates(redirection, redirection);
  const through = createUsersClient({ baseUrl: url, headers: { Authorization: "Bearer token" } });
  for (const error of await Promise.all([through.create(newUser()), through.get("id")].map(errorOf))) {
    expect(error).toMatchObject({ type: "unexpected-answer", status });
  }
  expect(calls).toHaveLength(2);
  expect(other.calls).toEqual([]);
});

test("an answer that shows nothing of itself, as a browser's redirection, is no answer of this API", async () => {
  const asked: RequestInit[] = [];
  const fetch: Fetch = async (_, init) => {
    asked.push(init);
    return Response.error();
  };
  const error = await errorOf(createUsersClient({ baseUrl: server.url, fetch }).get("id"));
  expect(error).toMatchObject({ type: "unexpected-answer", status: 0 });
  expect(asked).toMatchObject([{ redirect: "manual" }]);
});

test("an entity tag that a proxy has made weak is told as the service knows it", async () => {
  const { url, expect: expectFates } = await startProxy(server.url);
  const user = { status: 200, headers: { ...json, etag: 'W/"1"' }, body: '{"user_id":"id"}' };
  const stale = { status: 412, headers: { ...problemJson, etag: 'W/"2"' }, body: STALE };
  expectFates({ ...user, status: 201 }, user, user, stale);
  const through = createUsersClient({ baseUrl: url });
  expect(await through.create(newUser())).toEqual({ user_id: "id", etag: '"1"' });
  expect(await through.get("id")).toMatchObject({ etag: '"1"' });
  expect(await through.update("id", {})).toEqual({ etag: '"1"' });
  expect(await errorOf(through.delete("id", { ifMatch: '"1"' }))).toMatchObject({ etag: '"2"' });
});

test("a client may prefer to be answered the user", async () => {
  const through = createUsersClient({ baseUrl: server.url, headers: { Prefer: "return=representation" } });
  const { user_id, etag } = await through.create(newUser());
  const changed = await through.update(user_id, { lastname: "Roe" }, { ifMatch: etag });
  expect(await through.get(user_id)).toMatchObject({ user: { lastname: "Roe" }, etag: changed.etag });
  await through.delete(user_id);
});

/** A value that no type admits. */
const untyped = (value: unknown): string => value as string;

test.for([
  ["undefined", undefined],
  ["null", null],
  ["a number", 1],
  ["empty", ""],
  ["half of a character", "\ud800"],
] as const)("an id or address that cannot be asks for nothing else: %s", async ([, value]) => {
  const { url, calls } = await startProxy(server.url);
  const through = createUsersClient({ baseUrl: url });
  const no = new TypeError("user_id must be a string of well-formed Unicode that is not empty");
  await expect(through.get(untyped(value))).rejects.toThrow(no);
  await expect(through.update(untyped(value), { lastname: "Roe" })).rejects.toThrow(no);
  await expect(through.delete(untyped(value))).rejects.toThrow(no);
  await expect(through.findByEmail(untyped(value))).rejects.toThrow(
    new TypeError("email must be a string of well-formed Unicode that is not empty"),
  );
  expect(calls).toEqual([]);
});

test.for([".", ".."])("an id that a URL cannot carry is refused before it is sent: '%s'", async (id) => {
  const { url, calls } = await startProxy(server.url);
  const through = createUsersClient({ baseUrl: url });
  await expect(through.get(id)).rejects.toThrow(new TypeError(`user_id cannot be "${id}"`));
  await expect(through.update(id, { lastname: "Roe" })).rejects.toThrow(TypeError);
  await expect(through.delete(id)).rejects.toThrow(TypeError);
  expect(calls).toEqual([]);
});

test.for([
  ["undefined", undefined],
  ["null", null],
  ["a number", 1],
  ["empty", ""],
  ["a space", " "],
  ["two lines", '"1"\nX-Y: z'],
  ["not ASCII", '"é☃"'],
] as const)("a condition or a key that cannot be is never left out: %s", async ([, value]) => {
  const { url, calls } = await startProxy(server.url);
  const through = createUsersClient({ baseUrl: url });
  const options = { ifMatch: untyped(value) };
  const no = new TypeError("ifMatch must be a string of printable ASCII that is not empty");
  await expect(through.update("id", { lastname: "Roe" }, options)).rejects.toThrow(no);
  await expect(through.delete("id", options)).rejects.toThrow(no);
  if (value !== undefined) {
    await expect(through.create(newUser(), { idempotencyKey: untyped(value) })).rejects.toThrow(
      new TypeError("idempotencyKey must be a string of printable ASCII that is not empty"),
    );
  }
  expect(calls).toEqual([]);
});

test("a key that is explicitly undefined is a new one", async () => {
  const { url, calls } = await startProxy(server.url);
  await createUsersClient({ baseUrl: url }).create(newUser(), { idempotencyKey: undefined });
  expect(calls[0]!.headers["idempotency-key"]).toMatch(/./);
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
