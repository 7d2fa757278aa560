import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient, type ApiError, type NewUser, type UsersClient } from "./index.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startProxy } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
let users: UsersClient;
beforeAll(async () => {
  server = await startServer();
  users = createUsersClient({ baseUrl: server.url });
});
afterAll(() => server.stop());

test("creates, gets, finds, updates and deletes a user", async () => {
  const user = buildNewUser({ firstname: "Jane", external_id: "Jane/1+?" });
  const { user_id, etag } = await users.create(user);
  expect(await users.get(user_id)).toEqual({ user: { user_id, ...user }, etag });
  expect(await users.findByEmail(user.email.toUpperCase())).toEqual({ user_id, ...user });
  expect(await users.findByExternalId("Jane/1+?")).toEqual({ user_id, ...user });
  expect(await users.findByExternalId("jane/1+?")).toBeUndefined();

  const updated = await users.update(user_id, { address: "456 Another St", firstname: null });
  expect(updated.etag).not.toBe(etag);
  const { firstname, ...otherFields } = user;
  expect(firstname).toBe("Jane");
  const updatedUser = { user_id, ...otherFields, address: "456 Another St" };
  expect(await users.get(user_id)).toEqual({ user: updatedUser, etag: updated.etag });

  expect(await users.delete(user_id)).toBeUndefined();
  expect(await users.get(user_id)).toBeUndefined();
  expect(await users.findByEmail(user.email)).toBeUndefined();
});

test("merges metadata, and removes its members and the status by `null`", async () => {
  const user = buildNewUser({ status: "suspended", metadata: { a: "1", constructor: "2" } });
  const { user_id } = await users.create(user);
  await users.update(user_id, { metadata: { a: null, b: "3" }, status: null });
  const { status: _, ...others } = user;
  const expected = { user_id, ...others, metadata: { b: "3", constructor: "2" } };
  expect((await users.get(user_id))?.user).toEqual(expected);
  await users.update(user_id, { metadata: null });
  expect((await users.get(user_id))?.user).not.toHaveProperty("metadata");
  const error = await catchApiError(users.update(user_id, { metadata: { "a b": "x" } }));
  expect(error).toMatchObject({
    type: "invalid-user",
    errors: [{ pointer: "#/metadata/a%20b", code: "invalid-name" }],
  });
});

test("returns the full view from every read that has the option", async () => {
  const user = buildNewUser({ external_id: "full view" });
  const { user_id } = await users.create(user);
  const timestamp = expect.stringMatching(/^\d{4}-.*Z$/);
  const full = { user_id, ...user, status: "active", version: 1, created_at: timestamp, updated_at: timestamp };
  expect((await users.get(user_id, { view: "full" }))?.user).toEqual(full);
  expect(await users.findByEmail(user.email, { view: "full" })).toEqual(full);
  expect(await users.findByExternalId("full view", { view: "full" })).toEqual(full);
  expect(await Array.fromAsync(users.list({ view: "full" }))).toContainEqual(full);
  for (const view of ["basic", undefined] as const) {
    expect((await users.get(user_id, { view }))?.user).toEqual({ user_id, ...user });
  }
});

test("applies one of two concurrent writes with one entity tag, and rejects the other with the current one", async () => {
  const { user_id, etag } = await users.create(buildNewUser());
  const [first, second] = await Promise.allSettled([
    users.update(user_id, { lastname: "One" }, { ifMatch: etag }),
    users.update(user_id, { lastname: "Two" }, { ifMatch: etag }),
  ]);
  const [applied, rejected] = first.status === "fulfilled" ? [first, second] : [second, first];
  const { value } = applied as PromiseFulfilledResult<{ etag: string }>;
  const { reason } = rejected as PromiseRejectedResult;
  expect(reason).toMatchObject({ type: "stale-version", status: 412, etag: value.etag });
  const updated = await users.update(user_id, { lastname: "Three" }, { ifMatch: (reason as ApiError).etag! });
  expect(await catchApiError(users.delete(user_id, { ifMatch: value.etag }))).toMatchObject({ etag: updated.etag });
  await users.delete(user_id, { ifMatch: updated.etag });
  expect(await users.get(user_id)).toBeUndefined();
});

test("creates one user for one idempotency key, and attempts a second one without a key", async () => {
  const user = buildNewUser();
  const { user_id } = await users.create(user, { idempotencyKey: user.email });
  expect(await users.create(user, { idempotencyKey: user.email })).toMatchObject({ user_id });
  expect(await catchApiError(users.create(user))).toMatchObject({ type: "email-taken" });
  await users.update(user_id, { external_id: "taken" });
  const withTakenId = buildNewUser({ external_id: "taken" });
  expect(await catchApiError(users.create(withTakenId))).toMatchObject({ type: "external-id-taken", status: 409 });
});

test("lists every invalid field", async () => {
  const error = await catchApiError(users.create(buildNewUser({ email: "john.doe", dob: "1990-02-30" })));
  expect(error).toMatchObject({
    name: "ApiError",
    type: "invalid-user",
    status: 400,
    errors: [
      { pointer: "#/dob", code: "invalid-date" },
      { pointer: "#/email", code: "invalid-email" },
    ],
  });
  expect(error.problem).toMatchObject({ type: "urn:user-management:problem:invalid-user", instance: "/users" });
  const details = error.problem!.errors!.map(({ detail }) => detail);
  expect(error.message).toBe(`Invalid user: #/dob ${details[0]}; #/email ${details[1]}`);
  expect(error.requestId).toBe(error.problem?.request_id);
  expect(error.requestId).toMatch(/./);
});

/** Builds a user that the types do not allow. */
const buildInvalidUser = (fields: object): NewUser => ({ ...buildNewUser(), ...fields });

interface Target {
  readonly url: string;
  readonly user_id: string;
}
test.for<[type: ApiError["type"], status: number, label: string, send: (target: Target) => Promise<unknown>]>([
  ["invalid-user", 400, "an empty update", ({ user_id }) => users.update(user_id, {})],
  ["invalid-query", 400, "a page size of 101", () => users.pages({ pageSize: 101 }).next()],
  ["invalid-query", 400, "an unknown cursor", () => users.list({ cursor: "tampered" }).next()],
  [
    "malformed-request",
    400,
    "an idempotency key of 256 characters",
    () => users.create(buildNewUser(), { idempotencyKey: "x".repeat(256) }),
  ],
  ["not-found", 404, "an update of an unknown user", () => users.update("unknown", { lastname: "Roe" })],
  ["not-found", 404, "a delete of an unknown user", () => users.delete("unknown")],
  [
    "not-found",
    404,
    "an incorrect base URL",
    ({ url }) => createUsersClient({ baseUrl: `${url}/elsewhere` }).findByEmail("john@example.com"),
  ],
  [
    "method-not-allowed",
    405,
    "a base URL that ends in a resource",
    ({ url }) => createUsersClient({ baseUrl: `${url}/users` }).create(buildNewUser()),
  ],
  ["stale-version", 412, "another entity tag", ({ user_id }) => users.delete(user_id, { ifMatch: '"0"' })],
  ["payload-too-large", 413, "a long body", () => users.create(buildInvalidUser({ address: "x".repeat(65_536) }))],
  [
    "unsupported-media-type",
    415,
    "a content encoding",
    ({ url }) => createUsersClient({ baseUrl: url, headers: { "Content-Encoding": "gzip" } }).create(buildNewUser()),
  ],
  [
    "headers-too-large",
    431,
    "a long header",
    ({ url }) => createUsersClient({ baseUrl: url, headers: { "X-Large": "x".repeat(20_000) } }).get("id"),
  ],
])("rejects with %s (%d) for %s", async ([type, status, , send]) => {
  const { user_id } = await users.create(buildNewUser());
  const error = await catchApiError(send({ url: server.url, user_id }));
  expect(error).toMatchObject({ type, status, problem: { type: `urn:user-management:problem:${type}`, status } });
  expect(error.message).toContain(error.problem!.title);
});

test("rejects with store-unavailable and retryAfter while the database is locked", async () => {
  const { user_id } = await users.create(buildNewUser());
  const lock = new DatabaseSync(server.path);
  lock.exec("BEGIN IMMEDIATE");
  const error = await catchApiError(createUsersClient({ baseUrl: server.url, retries: 0 }).delete(user_id));
  lock.close();
  expect(error).toMatchObject({ type: "store-unavailable", status: 503, retryAfter: 1 });
  await users.delete(user_id);
});

test("encodes an id as one path segment", async () => {
  const { url, requests } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: `${url}/` });
  for (const id of ["a/b", "../users", "a?b=c#d", "50%", "$&", "é ☃"]) {
    expect(await client.get(id)).toBeUndefined();
    expect(decodeURIComponent(requests.at(-1)!.path.slice("/users/".length))).toBe(id);
    expect(requests.at(-1)!.path).toMatch(/^\/users\/[^/?#]+$/);
  }
});

test("accepts users as the bodies of writes if the headers prefer them", async () => {
  const client = createUsersClient({ baseUrl: server.url, headers: { Prefer: "return=representation" } });
  const { user_id, etag } = await client.create(buildNewUser());
  const updated = await client.update(user_id, { lastname: "Roe" }, { ifMatch: etag });
  expect(await client.get(user_id)).toMatchObject({ user: { lastname: "Roe" }, etag: updated.etag });
  await client.delete(user_id);
});

test("generates an idempotency key if the option is undefined", async () => {
  const { url, requests } = await startProxy(server.url);
  await createUsersClient({ baseUrl: url }).create(buildNewUser(), { idempotencyKey: undefined });
  expect(requests[0]!.headers["idempotency-key"]).toMatch(/./);
});

test("sends each operation's method, path, headers and body, with the client's headers", async () => {
  const { url, requests } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: url, headers: { Authorization: "Bearer token" } });
  const user = buildNewUser();
  const { user_id, etag } = await client.create(user);
  await client.update(user_id, { lastname: "Roe" }, { ifMatch: etag });
  await client.delete(user_id);
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /users",
    `PATCH /users/${user_id}`,
    `DELETE /users/${user_id}`,
  ]);
  for (const { headers } of requests) expect(headers.authorization).toBe("Bearer token");
  const [creation, update, deletion] = requests;
  expect(JSON.parse(creation!.body)).toEqual(user);
  expect(creation!.headers).toMatchObject({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(creation!.body)),
    "idempotency-key": expect.stringMatching(/^[\da-z]+(-[\da-z]+){3}$/),
  });
  expect(update!.headers).toMatchObject({ "content-type": "application/merge-patch+json", "if-match": etag });
  expect(update!.headers).not.toHaveProperty("idempotency-key");
  expect(deletion!.headers).not.toHaveProperty("if-match");
  expect(deletion!.body).toBe("");
});
