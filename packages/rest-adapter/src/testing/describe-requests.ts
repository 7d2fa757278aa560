import { expect, test } from "vitest";
import document from "../openapi.json" with { type: "json" };
import { expectProblem, newUser } from "./client.ts";
import type { StartService } from "./describe-http-contract.ts";

export function describeRequests(start: StartService): void {
  test("a path that is none of ours is not found, whatever the method", async () => {
    const { ask } = await start();
    for (const path of ["/", "/user", "/users/", "/users/a/b", "/Users", "/admin", "/users.json", "//users"]) {
      for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
        const response = await ask(path, { method });
        expect(response.status, `${method} ${path}`).toBe(404);
      }
      await expectProblem(await ask(path), "not-found");
    }
  });

  test("a known path with another method says which it has", async () => {
    const { ask, create } = await start();
    const user = `/users/${await create()}`;
    for (const [path, allow, methods] of [
      ["/users", "GET, HEAD, POST", ["PUT", "PATCH", "DELETE", "OPTIONS"]],
      [user, "GET, HEAD, PUT, PATCH, DELETE", ["POST", "OPTIONS"]],
      ["/users/nobody", "GET, HEAD, PUT, PATCH, DELETE", ["POST"]],
      ["/healthz", "GET, HEAD", ["POST", "PUT", "DELETE"]],
      ["/readyz", "GET, HEAD", ["POST"]],
      ["/openapi.json", "GET, HEAD", ["POST"]],
    ] as const) {
      for (const method of methods) {
        const response = await ask(path, { method });
        expect(response.headers.get("allow"), `${method} ${path}`).toBe(allow);
        await expectProblem(response, "method-not-allowed", path);
      }
    }
  });

  test("path and method are judged before anything else", async () => {
    const { send } = await start();
    await expectProblem(await send("DELETE", "/users?x=1", "x"), "method-not-allowed");
    await expectProblem(await send("POST", "/nowhere?x=1", "x", { "content-type": "text/plain" }), "not-found");
  });

  test("no header turns one method into another", async () => {
    const { create, read, send } = await start();
    const id = await create();
    for (const name of ["x-http-method-override", "x-method-override", "x-http-method"]) {
      await expectProblem(await send("POST", `/users/${id}`, {}, { [name]: "DELETE" }), "method-not-allowed");
      expect((await send("PUT", `/users/${id}`, { lastname: "Roe" }, { [name]: "DELETE" })).status).toBe(200);
    }
    expect(await read(id)).toHaveProperty("lastname", "Roe");
  });

  test("HEAD answers as GET does, without the body", async () => {
    const { ask, create } = await start();
    const id = await create();
    for (const path of [
      `/users/${id}`,
      "/users",
      "/users?email=nobody@example.com",
      "/healthz",
      "/readyz",
      "/openapi.json",
      "/users/x",
    ]) {
      const [get, head] = await Promise.all([ask(path), ask(path, { method: "HEAD" })]);
      expect(head.status).toBe(get.status);
      for (const name of ["content-type", "etag", "last-modified", "cache-control", "x-content-type-options"]) {
        expect(head.headers.get(name), `${name} of ${path}`).toBe(get.headers.get(name));
      }
      expect(await head.text()).toBe("");
    }
  });

  test("a client's request id is echoed, in the answer and in a problem", async () => {
    const { ask, send } = await start();
    for (const id of ["a", "A-b_c.9", "x".repeat(128)]) {
      const headers = { "x-request-id": id };
      expect((await send("POST", "/users", newUser(), headers)).headers.get("x-request-id")).toBe(id);
      const refused = await ask("/users/nobody", { headers });
      expect(refused.headers.get("x-request-id")).toBe(id);
      await expectProblem(refused, "not-found");
    }
  });

  test("a request id of another form is replaced by a new one", async () => {
    const { ask } = await start();
    const made = new Set<string | null>();
    const hostile = ["", " ", "x".repeat(129), "a b", "a,b", "é", '"x"', "<script>", "%0d%0aSet-Cookie:x=1", "a/b"];
    for (const id of hostile)
      made.add((await ask("/healthz", { headers: { "x-request-id": id } })).headers.get("x-request-id"));
    made.add((await ask("/healthz")).headers.get("x-request-id"));
    for (const id of made) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.size).toBe(hostile.length + 1);
  });

  test("every answer forbids sniffing and says nothing of the server", async () => {
    const { ask, create, send } = await start();
    const id = await create();
    const responses = [
      await ask("/users"),
      await ask(`/users/${id}`),
      await ask(`/users/${id}`, { headers: { "if-none-match": "*" } }),
      await send("POST", "/users", {}),
      await send("PUT", `/users/${id}`, { lastname: "Roe" }),
      await ask("/nowhere"),
      await ask("/users", { method: "DELETE" }),
      await ask("/healthz"),
    ];
    for (const { headers } of responses) {
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toMatch(/no-store|no-cache/);
      expect(headers.get("x-request-id")).not.toBeNull();
      expect(headers.has("x-powered-by")).toBe(false);
      expect(headers.has("server")).toBe(false);
    }
  });

  test("it says that it lives and that it is ready", async () => {
    const { ask } = await start();
    for (const path of ["/healthz", "/readyz"]) {
      const response = await ask(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toEqual({ status: "ok" });
    }
  });

  test("it describes itself", async () => {
    const { ask } = await start();
    const response = await ask("/openapi.json");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual(document);
    await expectProblem(await ask("/openapi.json?version=2"), "invalid-query");
  });
}
