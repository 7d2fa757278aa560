import { createUserService, UserError, type UserRepository } from "@user-management/domain";
import { buildUser, createContext, createInMemoryUserRepository } from "@user-management/domain/testing";
import { describe, expect, test } from "vitest";
import { allowAnonymous, createApp, PROBLEM_TYPES, type AppOptions, type RequestRecord } from "./index.ts";
import {
  createTestClient,
  describeHttpContract,
  expectProblem,
  newUserBody,
  type TestClient,
} from "./testing/index.ts";

interface StartOptions extends Partial<Omit<AppOptions<object>, "users">> {
  readonly repository?: UserRepository;
  readonly now?: () => Date;
}

function start({
  repository = createInMemoryUserRepository(),
  now = () => new Date(),
  ...options
}: StartOptions = {}): TestClient {
  const users = createUserService({
    users: repository,
    now,
    generateId: () => crypto.randomUUID(),
    digest: (text) => `digest of ${text}`,
  });
  const app = createApp({ users, authenticate: allowAnonymous, ...options });
  return createTestClient(async (path, init) => app.request(path, init));
}

describeHttpContract("the app with the in-memory repository", () => start());

/** Creates a repository whose methods reject with this error. */
function createFailingRepository(error: unknown): UserRepository {
  const fail = () => Promise.reject(error);
  return { insert: fail, get: fail, findBy: fail, list: fail, update: fail, delete: fail };
}

/** One request for each operation that needs the store. */
const STORE_REQUESTS: [method: string, path: string, body?: unknown][] = [
  ["POST", "/users", newUserBody()],
  ["GET", "/users"],
  ["GET", "/users?email=a@b.cd"],
  ["GET", "/users?external_id=42"],
  ["GET", "/users/id"],
  ["PUT", "/users/id", { lastname: "Roe" }],
  ["PATCH", "/users/id", { lastname: "Roe" }],
  ["DELETE", "/users/id"],
  ["GET", "/readyz"],
];

test("every problem type has a stable status code and title, and a sentence as its detail", () => {
  const entries = Object.entries(PROBLEM_TYPES).map(([type, { status, title }]) => [type, { status, title }]);
  expect(Object.fromEntries(entries)).toEqual({
    "invalid-user": { status: 400, title: "Invalid user" },
    "invalid-query": { status: 400, title: "Invalid query" },
    "malformed-body": { status: 400, title: "Malformed body" },
    "malformed-request": { status: 400, title: "Malformed request" },
    unauthenticated: { status: 401, title: "Unauthenticated" },
    "insufficient-scope": { status: 403, title: "Insufficient scope" },
    "not-found": { status: 404, title: "Not found" },
    "method-not-allowed": { status: 405, title: "Method not allowed" },
    "request-timeout": { status: 408, title: "Request timeout" },
    "email-taken": { status: 409, title: "Email taken" },
    "external-id-taken": { status: 409, title: "External id taken" },
    "stale-version": { status: 412, title: "Stale version" },
    "payload-too-large": { status: 413, title: "Payload too large" },
    "unsupported-media-type": { status: 415, title: "Unsupported media type" },
    "misdirected-request": { status: 421, title: "Misdirected request" },
    "idempotency-key-reused": { status: 422, title: "Idempotency key reused" },
    "too-many-requests": { status: 429, title: "Too many requests" },
    "headers-too-large": { status: 431, title: "Headers too large" },
    internal: { status: 500, title: "Internal error" },
    "store-unavailable": { status: 503, title: "Store unavailable" },
    draining: { status: 503, title: "Draining" },
  });
  for (const { detail } of Object.values(PROBLEM_TYPES)) expect(detail).toMatch(/^[A-Z].*\w\.$/);
});

describe("legacy data", () => {
  test("a user without timestamps or fields is served unchanged", async () => {
    const repository = createInMemoryUserRepository();
    const legacyUser = { user_id: "old", version: 0, lastname: "Doe" };
    const { request } = start({ repository: { ...repository, get: async () => legacyUser } });
    for (const date of ["Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"]) {
      const response = await request("/users/old", { headers: { "if-modified-since": date } });
      expect(response.status).toBe(200);
      expect(response.headers.has("last-modified")).toBe(false);
      expect(await response.text()).toBe('{"user_id":"old","lastname":"Doe"}');
    }
    const full = await request("/users/old?view=full");
    expect(await full.text()).toBe('{"user_id":"old","lastname":"Doe","status":"active"}');
  });

  test("users with ids of any form are listed page by page, and returned by id", async () => {
    const repository = createInMemoryUserRepository();
    const ids = ["é".repeat(1_000), "a/b?c#d%e", "x y"];
    for (const user_id of ids) await repository.insert(buildUser({ user_id }), undefined, createContext());
    const { request } = start({ repository });
    const listedIds: string[] = [];
    let path: string | undefined = "/users?limit=1";
    while (path !== undefined) {
      const response: Response = await request(path);
      const { users } = (await response.json()) as { users: { user_id: string }[] };
      listedIds.push(...users.map(({ user_id }) => user_id));
      path = /^<([^>]+)>/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect(new Set(listedIds)).toEqual(new Set(ids));
    for (const id of ids) expect((await request(`/users/${encodeURIComponent(id)}`)).status).toBe(200);
  });
});

describe("preconditions", () => {
  test("a precondition that is evaluated on the current user requires its version for the write", async () => {
    const repository = createInMemoryUserRepository();
    const user = buildUser();
    const context = createContext();
    await repository.insert(user, undefined, context);
    const getThenUpdate = async (id: string) => {
      const found = await repository.get(id, context);
      await repository.update(id, { lastname: "Changed" }, { updated_at: user.updated_at }, context);
      return found;
    };
    const { sendJson } = start({ repository: { ...repository, get: getThenUpdate } });
    for (const headers of [{ "if-none-match": '"x"' }, { "if-unmodified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }]) {
      const response = await sendJson("PUT", `/users/${user.user_id}`, { lastname: "Roe" }, headers);
      await expectProblem(response, "stale-version");
    }
  });

  test("a second update within one second is neither hidden by If-Modified-Since nor lost by If-Unmodified-Since", async () => {
    let millisecond = 100;
    const now = () => new Date(Date.UTC(2026, 5, 15, 12, 0, 0, (millisecond += 1)));
    const { createUser, getUser, request, sendJson } = start({ now });
    const path = `/users/${await createUser()}`;
    const date = "Mon, 15 Jun 2026 12:00:00 GMT";
    for (const lastname of ["First", "Second"]) {
      await sendJson("PUT", path, { lastname });
      expect((await request(path)).headers.get("last-modified")).toBe(date);
    }

    const read = await request(path, { headers: { "if-modified-since": date } });
    expect(read.status).toBe(200);
    expect(await read.json()).toHaveProperty("lastname", "Second");
    const write = await sendJson("PUT", path, { lastname: "Third" }, { "if-unmodified-since": date });
    await expectProblem(write, "stale-version", path);
    expect(await getUser(path.slice("/users/".length))).toHaveProperty("lastname", "Second");

    const nextSecond = "Mon, 15 Jun 2026 12:00:01 GMT";
    expect((await request(path, { headers: { "if-modified-since": nextSecond } })).status).toBe(304);
    const laterWrite = await sendJson("PUT", path, { lastname: "Third" }, { "if-unmodified-since": nextSecond });
    expect(laterWrite.status).toBe(200);
  });
});

describe("errors", () => {
  test("an unavailable store is a 503 problem with Retry-After, for every operation that needs the store", async () => {
    const cause = new Error("SQLITE_BUSY at /var/lib/users.db");
    const repository = createFailingRepository(new UserError("unavailable", { cause }));
    const { request, sendJson } = start({ repository });
    for (const [method, path, body] of STORE_REQUESTS) {
      const response = await (body ? sendJson(method, path, body) : request(path, { method }));
      expect(response.headers.get("retry-after"), `${method} ${path}`).toMatch(/^[1-9]\d*$/);
      expect(await response.clone().text()).not.toMatch(/SQLITE|users\.db|stack/);
      await expectProblem(response, "store-unavailable");
    }
    expect((await request("/healthz")).status).toBe(200);
  });

  test.for([
    ["an error", new TypeError("cannot read /srv/app/secret.ts")],
    ["a string", "cannot read /srv/app/secret.ts: TypeError"],
    ["null", null],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { code: "secret" })],
  ])("an unexpected failure with %s is a 500 problem that reveals nothing of it", async ([, error]) => {
    const records: RequestRecord[] = [];
    const repository = createFailingRepository(error);
    const { request, sendJson } = start({ repository, onResponse: (record) => void records.push(record) });
    for (const [method, path, body] of STORE_REQUESTS) {
      const response = await (body ? sendJson(method, path, body) : request(path, { method }));
      expect(await response.clone().text(), `${method} ${path}`).not.toMatch(/secret|TypeError|stack/);
      await expectProblem(response, "internal");
    }
    expect(records.map((record) => record.error)).toEqual(STORE_REQUESTS.map(() => error));
  });

  test("a generated id that exists is a 500 problem without the user that has it", async () => {
    const existingUser = buildUser({ lastname: "Secret" });
    const { sendJson } = start({ repository: createFailingRepository(new UserError("id-taken", { existingUser })) });
    const response = await sendJson("POST", "/users", newUserBody());
    expect(await response.clone().text()).not.toMatch(/Secret|exists/);
    await expectProblem(response, "internal", "/users");
  });

  test("while the server is draining it is not ready, but serves requests", async () => {
    const records: RequestRecord[] = [];
    const { createUser, request } = start({
      isDraining: () => true,
      onResponse: (record) => void records.push(record),
    });
    const response = await request("/readyz");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await expectProblem(response, "draining", "/readyz");
    expect(records[0]).not.toHaveProperty("error");
    expect((await request("/healthz")).status).toBe(200);
    await createUser();
  });
});

describe("query", () => {
  test("reports a parameter that is repeated 20,000 times once", async () => {
    const { request } = start();
    for (const [query, code] of [
      ["limit=1&".repeat(20_000), "repeated-parameter"],
      ["limit&".repeat(20_000), "repeated-parameter"],
      ["%6cimit=%zz&".repeat(20_000), "repeated-parameter"],
      ["constructor=1&".repeat(20_000), "unknown-parameter"],
    ] as const) {
      const response = await request(`/users?${query}`);
      const parameter = code === "repeated-parameter" ? "limit" : "constructor";
      expect(await expectProblem(response, "invalid-query", "/users")).toEqual([
        { parameter, code, detail: expect.any(String) },
      ]);
    }
  });

  test("reports each of 20,000 unknown parameters", async () => {
    const { request } = start();
    const names = Array.from({ length: 20_000 }, (_, n) => `parameter-${n}`);
    const errors = await expectProblem(await request(`/users?${names.join("&")}`), "invalid-query", "/users");
    expect(errors).toEqual(
      names.map((parameter) => ({
        parameter,
        code: "unknown-parameter",
        detail: "is not a parameter of this request",
      })),
    );
  });
});
