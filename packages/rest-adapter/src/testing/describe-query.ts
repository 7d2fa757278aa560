import { expect, test } from "vitest";
import { expectProblem, type StartService } from "./test-client.ts";

export function describeQuery(start: StartService): void {
  test("reports every invalid parameter without its value", async () => {
    const { request } = await start();
    const response = await request("/users?limit=0&cursor=!&offset=3&limit=5&%65mail=&a%20b=secret&%zz=secret");
    expect(await response.clone().text()).not.toContain("secret");
    expect(await expectProblem(response, "invalid-query", "/users")).toEqual([
      { parameter: "limit", code: "repeated-parameter", detail: "must not be repeated" },
      { parameter: "cursor", code: "invalid-cursor", detail: "must be a next_cursor returned by this endpoint" },
      { parameter: "offset", code: "unknown-parameter", detail: "is not a parameter of this request" },
      { parameter: "email", code: "invalid-email", detail: "must not be empty" },
      { parameter: "a b", code: "unknown-parameter", detail: "is not a parameter of this request" },
      { parameter: "%zz", code: "unknown-parameter", detail: "is not a parameter of this request" },
    ]);
  });

  test("accepts only a whole number from 1 to 100 as the limit", async () => {
    const { request } = await start();
    for (const limit of ["", "0", "101", "-1", "+5", "05", "5.0", "1e1", "0x10", "%205", "ten", "%EF%BC%95", "%zz"]) {
      const response = await request(`/users?limit=${limit}`);
      expect(response.status, limit).toBe(400);
      expect(await expectProblem(response, "invalid-query")).toEqual([
        { parameter: "limit", code: "invalid-limit", detail: "must be a whole number from 1 to 100" },
      ]);
    }
    for (const limit of ["1", "100"]) expect((await request(`/users?limit=${limit}`)).status, limit).toBe(200);
  });

  test("rejects an unknown parameter of every operation", async () => {
    const { request, createUser, getUser, sendJson } = await start();
    const id = await createUser();
    const before = await getUser(id);
    await expectProblem(await sendJson("POST", "/users?x=1", {}), "invalid-query", "/users");
    await expectProblem(await request(`/users/${id}?limit=1`), "invalid-query");
    await expectProblem(await sendJson("PUT", `/users/${id}?x`, {}), "invalid-query");
    await expectProblem(await sendJson("PATCH", "/users/unknown?x=1", {}), "invalid-query");
    await expectProblem(await request(`/users/${id}?force=true`, { method: "DELETE" }), "invalid-query");
    await expectProblem(await request("/users/unknown?x=1"), "invalid-query");
    for (const name of ["constructor", "toString", "__proto__"]) {
      await expectProblem(await request(`/users?${name}=1`), "invalid-query");
    }
    for (const path of ["/healthz", "/readyz", "/openapi.json"]) {
      await expectProblem(await request(`${path}?x=1`), "invalid-query", path);
    }
    expect(await getUser(id)).toEqual(before);
    expect((await request(`/users/${id}?`)).status).toBe(200);
  });
}
