import { createUserService, UserError, type UserRepository } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createApp, type Exchange } from "./index.ts";
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

test("a bug is a 500 that shows nothing of its inside", async () => {
  const { ask, send } = start({ repository: failing(new TypeError("cannot read /srv/app/secret.ts")) });
  for (const [method, path, body] of requests) {
    const response = await (body ? send(method, path, body) : ask(path, { method }));
    expect(await response.clone().text()).not.toMatch(/secret|TypeError|stack/);
    await expectProblem(response, "internal");
  }
});

test("while the server drains it is not ready, but serves", async () => {
  const { ask, create } = start({ isDraining: () => true });
  const response = await ask("/readyz");
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  await expectProblem(response, "draining", "/readyz");
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
