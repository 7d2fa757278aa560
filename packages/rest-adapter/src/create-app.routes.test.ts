import { createUserService, UserError } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { allowAnonymous, createApp, createJsonResponse, type RequestRecord, type Route } from "./index.ts";
import { expectProblem, type SendRequest } from "./testing/index.ts";

/** Starts an app with these routes that collects its log records. The OpenAPI document does not describe the routes. */
function start(routes: readonly Route[]): { request: SendRequest; records: RequestRecord[] } {
  const records: RequestRecord[] = [];
  const users = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  });
  const app = createApp({
    users,
    authenticate: allowAnonymous,
    routes,
    onResponse: (record) => void records.push(record),
  });
  return { request: async (path, init) => app.request(path, init), records };
}

const ECHO: Route = {
  method: "POST",
  pattern: "/echo/:id",
  scope: "authenticated",
  mediaTypes: ["text/plain"],
  query: {
    size: { parse: (text) => Number(text) || undefined, code: "invalid-size", detail: "must be a number" },
  },
  handle: async ({ id, query, body, headers, context: { requestId, signal } }) =>
    createJsonResponse(200, {
      id,
      query,
      text: new TextDecoder().decode(body),
      language: headers.get("accept-language"),
      requestId,
      isAborted: signal.aborted,
    }),
};
const post = { method: "POST", headers: { "content-type": "text/plain", "x-request-id": "the-id" }, body: "text" };

test("a route receives the validated request, and its response has the common headers", async () => {
  const { records, request } = start([ECHO]);
  const headers = { ...post.headers, "accept-language": "en" };
  const response = await request("/echo/a%2Fb?size=7", { ...post, headers });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    id: "a/b",
    query: { size: 7 },
    text: "text",
    language: "en",
    requestId: "the-id",
    isAborted: false,
  });
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": "the-id",
  });
  expect(records).toEqual([
    expect.objectContaining({ requestId: "the-id", method: "POST", route: "/echo/:id", status: 200 }),
  ]);
});

test("a route rejects an invalid query, media type, size and method as the operations do", async () => {
  const { request } = start([ECHO]);
  expect(await expectProblem(await request("/echo/1?size=x", post), "invalid-query", "/echo/1")).toEqual([
    { parameter: "size", code: "invalid-size", detail: "must be a number" },
  ]);
  const json = await request("/echo/1", { ...post, headers: { "content-type": "application/json" } });
  expect(json.headers.get("accept")).toBe("text/plain");
  await expectProblem(json, "unsupported-media-type", "/echo/1");
  const large = await request("/echo/1", { ...post, body: "x".repeat(64 * 1024 + 1) });
  await expectProblem(large, "payload-too-large", "/echo/1");
  const put = await request("/echo/1", { ...post, method: "PUT" });
  expect(put.headers.get("allow")).toBe("POST");
  await expectProblem(put, "method-not-allowed", "/echo/1");
});

test("a route ignores a query and a body that it does not declare", async () => {
  const route: Route = {
    method: "GET",
    pattern: "/page",
    scope: "public",
    handle: async ({ id, query, body }) => ({
      status: 302,
      headers: { location: `/?${JSON.stringify([id, query, body.length])}`, "cache-control": "no-cache" },
    }),
  };
  const { request } = start([route]);
  for (const method of ["GET", "HEAD"]) {
    const response = await request("/page?a=1", { method });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe('/?["",{},0]');
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(await response.text()).toBe("");
  }
});

test.for<[label: string, error: unknown, type: "not-found" | "store-unavailable" | "internal"]>([
  ["a UserError", new UserError("not-found"), "not-found"],
  ["an unavailable store", new UserError("unavailable"), "store-unavailable"],
  ["an error", new Error("secret"), "internal"],
  ["a string", "secret", "internal"],
])("returns a problem if a route throws or rejects with %s", async ([, error, type]) => {
  const fail = () => {
    throw error;
  };
  const routes: Route[] = [
    { method: "GET", pattern: "/throws", scope: "public", handle: fail },
    { method: "GET", pattern: "/rejects", scope: "public", handle: () => Promise.reject(error) },
  ];
  const { records, request } = start(routes);
  for (const [n, path] of ["/throws", "/rejects"].entries()) {
    const response = await request(path);
    expect(await response.clone().text()).not.toContain("secret");
    await expectProblem(response, type, path);
    expect(records[n]?.error).toBe(response.status >= 500 ? error : undefined);
  }
});
