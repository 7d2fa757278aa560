import { createUserService, UserError, type UserRepository } from "@user-management/domain";
import { aNewUser, createInMemoryUserRepository } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createApp, problemTypes, type Exchange } from "./index.ts";
import { createClient, describeHttpContract, expectProblem, newUser, type Client } from "./testing/index.ts";

interface Options {
  repository?: UserRepository;
  onExchange?: (exchange: Exchange) => void;
  isDraining?: () => boolean;
}

function start({ repository = createInMemoryUserRepository(), ...options }: Options = {}): Client {
  const users = createUserService({
    users: repository,
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
    digest: (text) => `digest of ${text}`,
  });
  const app = createApp({ users, ...options });
  return createClient(async (path, init) => app.request(path, init));
}

describeHttpContract("the app over the in-memory repository", () => start());

/** A repository that has lost its store. */
function failing(error: Error): UserRepository {
  const fail = () => Promise.reject(error);
  return { insert: fail, find: fail, findByEmail: fail, list: fail, update: fail, remove: fail };
}

const requests: [method: string, path: string, body?: unknown][] = [
  ["POST", "/users", newUser()],
  ["GET", "/users"],
  ["GET", "/users?email=a@b.cd"],
  ["GET", "/users/id"],
  ["PUT", "/users/id", { lastname: "Roe" }],
  ["PATCH", "/users/id", { lastname: "Roe" }],
  ["DELETE", "/users/id"],
  ["GET", "/readyz"],
];

test("the types of problems have these statuses and titles, and no others", () => {
  expect(problemTypes).toEqual({
    "invalid-user": { status: 400, title: "Invalid user" },
    "invalid-query": { status: 400, title: "Invalid query" },
    "malformed-body": { status: 400, title: "Malformed body" },
    "malformed-request": { status: 400, title: "Malformed request" },
    "not-found": { status: 404, title: "Not found" },
    "method-not-allowed": { status: 405, title: "Method not allowed" },
    "request-timeout": { status: 408, title: "Request timeout" },
    "email-taken": { status: 409, title: "Email taken" },
    "stale-version": { status: 412, title: "Stale version" },
    "payload-too-large": { status: 413, title: "Payload too large" },
    "unsupported-media-type": { status: 415, title: "Unsupported media type" },
    "idempotency-key-reused": { status: 422, title: "Idempotency key reused" },
    "headers-too-large": { status: 431, title: "Headers too large" },
    internal: { status: 500, title: "Internal error" },
    "store-unavailable": { status: 503, title: "Store unavailable" },
    draining: { status: 503, title: "Draining" },
  });
});

test("a user without times or fields is served as it stands", async () => {
  const repository = createInMemoryUserRepository();
  const old = { user_id: "old", version: 0, lastname: "Doe" };
  const { ask } = start({ repository: { ...repository, find: async () => old } });
  for (const date of ["Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"]) {
    const response = await ask("/users/old", { headers: { "if-modified-since": date } });
    expect(response.status).toBe(200);
    expect(response.headers.has("last-modified")).toBe(false);
    expect(await response.text()).toBe('{"user_id":"old","lastname":"Doe"}');
  }
});

test("a precondition that is judged on a user holds for that version of it", async () => {
  const repository = createInMemoryUserRepository();
  const user = aNewUser();
  await repository.insert(user);
  const findAndChange = async (id: string) => {
    const found = await repository.find(id);
    await repository.update(id, { lastname: "Changed" }, { updated_at: user.updated_at });
    return found;
  };
  const { send } = start({ repository: { ...repository, find: findAndChange } });
  for (const headers of [{ "if-none-match": '"x"' }, { "if-unmodified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }]) {
    await expectProblem(await send("PUT", `/users/${user.user_id}`, { lastname: "Roe" }, headers), "stale-version");
  }
});

test("users of other origin, whatever their ids, are listed page by page and addressed", async () => {
  const repository = createInMemoryUserRepository();
  const ids = ["é".repeat(1_000), "a/b?c#d%e", "x y"];
  for (const user_id of ids) await repository.insert(aNewUser({ user_id }));
  const { ask } = start({ repository });
  const seen: string[] = [];
  let path: string | undefined = "/users?limit=1";
  while (path !== undefined) {
    const response: Response = await ask(path);
    const { users } = (await response.json()) as { users: { user_id: string }[] };
    seen.push(...users.map(({ user_id }) => user_id));
    path = /^<([^>]+)>/.exec(response.headers.get("link") ?? "")?.[1];
  }
  expect(new Set(seen)).toEqual(new Set(ids));
  for (const id of ids) expect((await ask(`/users/${encodeURIComponent(id)}`)).status).toBe(200);
});

test("a store that does not answer is a 503 that says when to try again, on every route", async () => {
  const cause = new Error("SQLITE_BUSY at /var/lib/users.db");
  const { ask, send } = start({ repository: failing(new UserError("unavailable", { cause })) });
  for (const [method, path, body] of requests) {
    const response = await (body ? send(method, path, body) : ask(path, { method }));
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(await response.clone().text()).not.toMatch(/SQLITE|users\.db|stack/);
    await expectProblem(response, "store-unavailable");
  }
  expect((await ask("/healthz")).status).toBe(200);
});

test(
  "a request that needs several slow answers of the store takes 5 seconds at most",
  { timeout: 10_000 },
  async () => {
    const told: Exchange[] = [];
    const repository: UserRepository = {
      ...failing(new Error("not asked")),
      find: () => new Promise((resolve) => setTimeout(resolve, 3_000, undefined)),
      update: () => new Promise(() => undefined),
    };
    const { send } = start({ repository, onExchange: (exchange) => void told.push(exchange) });
    const started = performance.now();
    const response = await send("PUT", "/users/id", { lastname: "Roe" }, { "if-none-match": '"x"' });
    expect(performance.now() - started).toBeLessThan(5_000);
    await expectProblem(response, "store-unavailable", "/users/id");
    expect(told).toEqual([expect.objectContaining({ status: 503, route: "/users/:id", error: expect.any(UserError) })]);
  },
);

test("a bug is a 500 that shows nothing of its inside", async () => {
  const { ask, send } = start({ repository: failing(new TypeError("cannot read /srv/app/secret.ts")) });
  for (const [method, path, body] of requests) {
    const response = await (body ? send(method, path, body) : ask(path, { method }));
    expect(await response.clone().text()).not.toMatch(/secret|TypeError|stack/);
    await expectProblem(response, "internal");
  }
});

test("while the server drains it is not ready, but serves", async () => {
  const told: Exchange[] = [];
  const { ask, create } = start({ isDraining: () => true, onExchange: (exchange) => void told.push(exchange) });
  const response = await ask("/readyz");
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  await expectProblem(response, "draining", "/readyz");
  expect(told[0]).not.toHaveProperty("error");
  expect((await ask("/healthz")).status).toBe(200);
  await create();
});

test("every exchange is told once, by its route and without a word of the user", async () => {
  const told: Exchange[] = [];
  const { ask, send } = start({ onExchange: (exchange) => told.push(exchange) });
  const headers = { "x-request-id": "the-id" };
  const created = await send("POST", "/users", newUser({ lastname: "Zoë", email: "secret@example.com" }), headers);
  const place = created.headers.get("location")!;
  const read = await ask(place, { headers });
  await ask(place, { method: "HEAD", headers });
  await ask("/users?email=secret@example.com", { headers });
  await ask("/users/secret", { headers });
  await ask("/secret", { headers });
  await ask("/users", { method: "DELETE", headers });
  expect(told.map(({ method, route, status }) => `${method} ${route} ${status}`)).toEqual([
    "POST /users 201",
    "GET /users/:id 200",
    "HEAD /users/:id 200",
    "GET /users 200",
    "GET /users/:id 404",
    "GET /* 404",
    "DELETE /* 405",
  ]);
  expect(told[1]?.bytes).toBe((await read.arrayBuffer()).byteLength);
  expect(told[2]?.bytes).toBe(0);
  for (const exchange of told) {
    expect(exchange.requestId).toBe("the-id");
    expect(exchange.milliseconds).toBeGreaterThan(0);
    expect(JSON.stringify(exchange)).not.toMatch(/secret|Zo/);
    expect(exchange).not.toHaveProperty("error");
  }
});

test("an exchange that failed tells the error, with its cause", async () => {
  const told: Exchange[] = [];
  const error = new UserError("unavailable", { cause: new Error("why") });
  await start({ repository: failing(error), onExchange: (exchange) => told.push(exchange) }).ask("/users/id");
  expect(told).toEqual([expect.objectContaining({ status: 503, error })]);
});
