import { SCOPES, type Scope } from "@user-management/domain";
import { expect, test } from "vitest";
import { OPERATION_LIST, OPERATIONS, type OperationId } from "../operations.ts";
import type { StartAccessService } from "./access-service.ts";
import { createTestClient, expectProblem, newUserBody, readJson, type TestClient } from "./test-client.ts";

type Send = (client: TestClient, id: string) => Promise<Response>;

/** Every form of a request for each operation that requires a scope, with that scope. `id` is the id of a user. */
const REQUESTS: [label: string, operation: OperationId, scope: Scope, send: Send][] = [
  ["create", "createUser", "users:write", ({ sendJson }) => sendJson("POST", "/users", newUserBody())],
  ["list", "listUsers", "users:list", ({ request }) => request("/users")],
  ["list with HEAD", "listUsers", "users:list", ({ request }) => request("/users", { method: "HEAD" })],
  ["list with a limit", "listUsers", "users:list", ({ request }) => request("/users?limit=1")],
  ["find by email", "listUsers", "users:read", ({ request }) => request("/users?email=x@example.com")],
  [
    "find by email with HEAD",
    "listUsers",
    "users:read",
    ({ request }) => request("/users?email=x@example.com", { method: "HEAD" }),
  ],
  [
    "find by email after another parameter",
    "listUsers",
    "users:read",
    ({ request }) => request("/users?limit=1&email=x@example.com"),
  ],
  [
    "find by email with a percent-encoded name",
    "listUsers",
    "users:read",
    ({ request }) => request("/users?%65mail=x@example.com"),
  ],
  [
    "find by external id",
    "listUsers",
    "users:read",
    ({ request }) => request("/users?external_id=42&view=full&limit=1"),
  ],
  ["list with a status", "listUsers", "users:list", ({ request }) => request("/users?status=active&view=full")],
  ["get with a view", "getUser", "users:read", ({ request }, id) => request(`/users/${id}?view=full`)],
  ["get", "getUser", "users:read", ({ request }, id) => request(`/users/${id}`)],
  ["get with HEAD", "getUser", "users:read", ({ request }, id) => request(`/users/${id}`, { method: "HEAD" })],
  [
    "get conditionally",
    "getUser",
    "users:read",
    ({ request }, id) => request(`/users/${id}`, { headers: { "if-none-match": "*" } }),
  ],
  [
    "update with PUT",
    "updateUser",
    "users:write",
    ({ sendJson }, id) => sendJson("PUT", `/users/${id}`, { lastname: "Updated" }),
  ],
  [
    "update with PATCH",
    "patchUser",
    "users:write",
    ({ sendJson }, id) => sendJson("PATCH", `/users/${id}`, { lastname: "Updated" }),
  ],
  ["delete", "deleteUser", "users:delete", ({ request }, id) => request(`/users/${id}`, { method: "DELETE" })],
];

const CHALLENGES: Record<Scope, string> = {
  "users:read": 'Bearer realm="users", error="insufficient_scope", scope="users:read"',
  "users:list": 'Bearer realm="users", error="insufficient_scope", scope="users:list"',
  "users:write": 'Bearer realm="users", error="insufficient_scope", scope="users:write"',
  "users:delete": 'Bearer realm="users", error="insufficient_scope", scope="users:delete"',
};

export function describeScopes(start: StartAccessService): void {
  test("every operation that requires a scope has a request below", () => {
    const operations = OPERATION_LIST.filter(({ scope }) => scope !== "public").map(({ id }) => id);
    expect([...new Set(REQUESTS.map(([, operation]) => operation))].toSorted()).toEqual(operations.toSorted());
    const scopesById = (id: OperationId) =>
      new Set(REQUESTS.flatMap(([, operation, scope]) => (operation === id ? [scope] : [])));
    expect(scopesById("listUsers")).toEqual(new Set(["users:list", "users:read"]));
    for (const id of operations) {
      if (id !== "listUsers") expect(scopesById(id), id).toEqual(new Set([OPERATIONS[id].scope]));
    }
  });

  test("serves a request only if its caller has the scope of the operation", async () => {
    const { admin, createClient } = await startWithAdmin();
    const withOne = await createClients((scope) => [scope], createClient);
    const withOthers = await createClients((scope) => SCOPES.filter((other) => other !== scope), createClient);
    for (const [label, , scope, send] of REQUESTS) {
      const id = await admin.createUser();
      const users = await readJson(await admin.request("/users?limit=100"));
      const deniedClients = [
        ...SCOPES.filter((other) => other !== scope).map((other) => withOne[other]),
        withOthers[scope],
      ];
      for (const client of deniedClients) await expectDenied(await send(client, id), scope, label);
      expect(await readJson(await admin.request("/users?limit=100")), label).toEqual(users);
      expect((await send(withOne[scope], id)).status, label).toBeLessThan(400);
      expect((await send(admin, await admin.createUser())).status, label).toBeLessThan(400);
    }
  });

  test("returns 403 before any lookup, and before validating the content type, the body, the query and headers", async () => {
    const { admin, createClient } = await startWithAdmin();
    const reader = await createClient(["users:read"]);
    const lister = await createClient(["users:list"]);
    const writer = await createClient(["users:write"]);
    await admin.createUser();
    const update = { lastname: "Roe" };
    const large = "x".repeat(65_537);
    const requests: [label: string, scope: Scope, response: Promise<Response>][] = [
      ["get of an unknown id", "users:read", writer.request("/users/unknown")],
      ["get of an id that is not a UUID", "users:read", writer.request("/users/a.b")],
      ["update of an unknown id", "users:write", reader.sendJson("PUT", "/users/unknown", update)],
      ["patch of an unknown id", "users:write", reader.sendJson("PATCH", "/users/unknown", update)],
      ["delete of an unknown id", "users:delete", writer.request("/users/unknown", { method: "DELETE" })],
      ["another content type", "users:write", reader.sendJson("POST", "/users", {}, { "content-type": "text/plain" })],
      ["a content encoding", "users:write", reader.sendJson("POST", "/users", {}, { "content-encoding": "gzip" })],
      ["a body that is too large", "users:write", reader.sendJson("POST", "/users", large)],
      ["an invalid body", "users:write", reader.sendJson("POST", "/users", [])],
      ["an unknown parameter", "users:write", reader.sendJson("POST", "/users?x=1", newUserBody())],
      ["an invalid idempotency key", "users:write", reader.sendJson("POST", "/users", {}, { "idempotency-key": "" })],
      ["a stale version", "users:write", reader.sendJson("PUT", "/users/unknown", update, { "if-match": '"7"' })],
      ["a list with an invalid limit", "users:list", reader.request("/users?limit=x")],
      ["a list with an unknown parameter", "users:list", reader.request("/users?Email=x@example.com")],
      ["an empty email", "users:read", lister.request("/users?email=")],
      ["a repeated email", "users:read", lister.request("/users?email=x@example.com&%65mail=x@example.com")],
      ["an empty external id", "users:read", lister.request("/users?external_id=")],
      ["an external id beside a status", "users:read", lister.request("/users?status=active&external_id=42")],
      ["a list with an invalid status", "users:list", reader.request("/users?status=x")],
      ["a get with an invalid view", "users:read", writer.request("/users/unknown?view=x")],
      ["an email beside a cursor", "users:read", lister.request("/users?cursor=x&email=x@example.com")],
    ];
    for (const [label, scope, response] of requests) await expectDenied(await response, scope, label);
  });

  test("returns 404 for an unknown path and 405 for another method before the scope", async () => {
    const { createClient } = await startWithAdmin();
    const clients = await createClients((scope) => [scope], createClient);
    for (const { request } of Object.values(clients)) {
      await expectProblem(await request("/unknown"), "not-found", "/unknown");
      const response = await request("/users", { method: "DELETE" });
      expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
      await expectProblem(response, "method-not-allowed", "/users");
    }
  });

  /** Starts a service, and creates a client with all scopes. */
  async function startWithAdmin() {
    const { request, createCredential } = await start();
    const createClient = async (scopes: readonly Scope[]) =>
      createTestClient(request, { credential: await createCredential(scopes) });
    return { admin: await createClient(SCOPES), createClient };
  }
}

/** Creates a client for each scope, one after the other. */
async function createClients(
  getScopes: (scope: Scope) => readonly Scope[],
  createClient: (scopes: readonly Scope[]) => Promise<TestClient>,
): Promise<Record<Scope, TestClient>> {
  const clients: [Scope, TestClient][] = [];
  for (const scope of SCOPES) clients.push([scope, await createClient(getScopes(scope))]);
  return Object.fromEntries(clients) as Record<Scope, TestClient>;
}

/** Expects a 403 response with the missing scope. A response to HEAD has no body. */
async function expectDenied(response: Response, scope: Scope, label: string): Promise<void> {
  expect(response.status, label).toBe(403);
  expect(response.headers.get("www-authenticate"), label).toBe(CHALLENGES[scope]);
  for (const name of ["etag", "last-modified", "location", "link"])
    expect(response.headers.has(name), label).toBe(false);
  if ((await response.clone().text()) !== "") await expectProblem(response, "insufficient-scope");
}
