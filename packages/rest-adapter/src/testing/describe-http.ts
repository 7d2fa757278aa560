import { expect, test } from "vitest";
import document from "../openapi.json" with { type: "json" };
import { expectProblem, readJson, newUserBody, type StartService } from "./test-client.ts";

export function describeHttp(start: StartService): void {
  test("returns 404 for an unknown path with every method", async () => {
    const { request } = await start();
    for (const path of ["/", "/user", "/users/", "/users/a/b", "/Users", "/admin", "/users.json", "//users"]) {
      for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
        const response = await request(path, { method });
        expect(response.status, `${method} ${path}`).toBe(404);
      }
      await expectProblem(await request(path), "not-found");
    }
  });

  test("returns 405 with the allowed methods for another method of a known path", async () => {
    const { request, createUser } = await start();
    const userPath = `/users/${await createUser()}`;
    for (const [path, allow, methods] of [
      ["/users", "GET, HEAD, POST", ["PUT", "PATCH", "DELETE", "OPTIONS"]],
      [userPath, "GET, HEAD, PUT, PATCH, DELETE", ["POST", "OPTIONS"]],
      ["/users/unknown", "GET, HEAD, PUT, PATCH, DELETE", ["POST"]],
      ["/healthz", "GET, HEAD", ["POST", "PUT", "DELETE"]],
      ["/readyz", "GET, HEAD", ["POST"]],
      ["/openapi.json", "GET, HEAD", ["POST"]],
    ] as const) {
      for (const method of methods) {
        const response = await request(path, { method });
        expect(response.headers.get("allow"), `${method} ${path}`).toBe(allow);
        expect(await readJson(response.clone())).toHaveProperty(
          "detail",
          `The method is not allowed for this resource, which allows ${allow}.`,
        );
        await expectProblem(response, "method-not-allowed", path);
      }
    }
  });

  test("returns 404 with an explanation for a known path with a final slash", async () => {
    const { request, sendJson } = await start();
    for (const response of [
      await request("/users/"),
      await sendJson("POST", "/users/", {}),
      await request("/users/unknown/"),
      await request("/healthz/"),
    ]) {
      expect(await readJson(response.clone())).toHaveProperty(
        "detail",
        "No resource has this path; the path without the final slash has one.",
      );
      await expectProblem(response, "not-found");
    }
    expect(await readJson(await request("/unknown/"))).toHaveProperty("detail", "No resource has this path.");
  });

  test("evaluates the path and the method before the query and the body", async () => {
    const { sendJson } = await start();
    await expectProblem(await sendJson("DELETE", "/users?x=1", "x"), "method-not-allowed");
    await expectProblem(await sendJson("POST", "/unknown?x=1", "x", { "content-type": "text/plain" }), "not-found");
  });

  test("ignores headers that override the method", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser();
    for (const name of ["x-http-method-override", "x-method-override", "x-http-method"]) {
      const headers = { [name]: "DELETE" };
      await expectProblem(await sendJson("POST", `/users/${id}`, {}, headers), "method-not-allowed");
      expect((await sendJson("PUT", `/users/${id}`, { lastname: "Roe" }, headers)).status, name).toBe(200);
    }
    expect(await getUser(id)).toHaveProperty("lastname", "Roe");
  });

  test("HEAD returns the status code and the headers of GET without the body", async () => {
    const { request, createUser } = await start();
    const id = await createUser();
    for (const path of [
      `/users/${id}`,
      "/users",
      `/users/${id}?view=full`,
      "/users?email=unknown@example.com",
      "/users?external_id=42",
      "/users?status=suspended",
      "/healthz",
      "/readyz",
      "/openapi.json",
      "/users/x",
    ]) {
      const [get, head] = await Promise.all([request(path), request(path, { method: "HEAD" })]);
      expect(head.status, path).toBe(get.status);
      for (const name of ["content-type", "etag", "last-modified", "cache-control", "x-content-type-options"]) {
        expect(head.headers.get(name), `${name} of ${path}`).toBe(get.headers.get(name));
      }
      expect(await head.text()).toBe("");
    }
  });

  test("echoes a valid X-Request-Id in the response and in a problem", async () => {
    const { request, sendJson } = await start();
    for (const id of ["a", "A-b_c.9", "x".repeat(128)]) {
      const headers = { "x-request-id": id };
      expect((await sendJson("POST", "/users", newUserBody(), headers)).headers.get("x-request-id")).toBe(id);
      const notFound = await request("/users/unknown", { headers });
      expect(notFound.headers.get("x-request-id")).toBe(id);
      await expectProblem(notFound, "not-found");
    }
  });

  test("replaces an invalid or absent X-Request-Id by a generated one", async () => {
    const { request } = await start();
    const invalid = ["", " ", "x".repeat(129), "a b", "a,b", "é", '"x"', "<script>", "%0d%0aSet-Cookie:x=1", "a/b"];
    const generated = new Set<string | null>();
    for (const id of invalid) {
      generated.add((await request("/healthz", { headers: { "x-request-id": id } })).headers.get("x-request-id"));
    }
    generated.add((await request("/healthz")).headers.get("x-request-id"));
    for (const id of generated) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(generated.size).toBe(invalid.length + 1);
  });

  test("every response forbids MIME sniffing, limits caching, and does not identify the server", async () => {
    const { request, createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const responses = {
      page: await request("/users"),
      user: await request(path),
      "not modified": await request(path, { headers: { "if-none-match": "*" } }),
      "invalid user": await sendJson("POST", "/users", {}),
      update: await sendJson("PUT", path, { lastname: "Roe" }),
      "unknown path": await request("/unknown"),
      "another method": await request("/users", { method: "DELETE" }),
      liveness: await request("/healthz"),
    };
    for (const [label, { headers }] of Object.entries(responses)) {
      expect(headers.get("x-content-type-options"), label).toBe("nosniff");
      expect(headers.get("cache-control"), label).toMatch(/no-store|no-cache/);
      expect(headers.get("x-request-id"), label).not.toBeNull();
      expect(headers.has("x-powered-by"), label).toBe(false);
      expect(headers.has("server"), label).toBe(false);
    }
  });

  test("/healthz and /readyz return 200", async () => {
    const { request } = await start();
    for (const path of ["/healthz", "/readyz"]) {
      const response = await request(path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toEqual({ status: "ok" });
    }
  });

  test("/openapi.json returns the OpenAPI document", async () => {
    const { request } = await start();
    const response = await request("/openapi.json");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    // An application that knows its absolute URL adds it.
    const { servers, ...description } = await readJson(response);
    expect({ ...description, servers: (servers as object[]).slice(-1) }).toEqual(document);
    await expectProblem(await request("/openapi.json?version=2"), "invalid-query");
  });
}
