import { expect, test } from "vitest";
import { expectProblem, readJson, type StartService } from "./test-client.ts";

export function describeQuery(start: StartService): void {
  test("reports every invalid parameter without its value", async () => {
    const { request } = await start();
    const response = await request("/users?limit=0&cursor=!&offset=3&limit=5&%65mail=&a%20b=secret&%zz=secret");
    expect(await response.clone().text()).not.toContain("secret");
    expect(await expectProblem(response, "invalid-query", "/users")).toEqual([
      { parameter: "limit", code: "repeated-parameter", detail: "must not be repeated" },
      { parameter: "cursor", code: "invalid-cursor", detail: "must be a next_cursor returned by this endpoint" },
      { parameter: "offset", code: "unknown-parameter", detail: "is not a parameter of this request" },
      { parameter: "email", code: "invalid-email", detail: "must be an email address" },
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

  test("accepts only a status of a user as the status", async () => {
    const { request } = await start();
    for (const status of ["", "Active", "deleted", "%00", "%zz"]) {
      expect(await expectProblem(await request(`/users?status=${status}`), "invalid-query", "/users")).toEqual([
        { parameter: "status", code: "invalid-status", detail: "must be one of active, suspended" },
      ]);
    }
  });

  test("accepts any text as the external id, except an empty one", async () => {
    const { request } = await start();
    for (const external_id of ["", "%20"]) {
      expect(await expectProblem(await request(`/users?external_id=${external_id}`), "invalid-query")).toEqual([
        { parameter: "external_id", code: "invalid-external-id", detail: "must not be empty" },
      ]);
    }
  });

  test("rejects any parameter beside an email or an external id, except limit and view", async () => {
    const { request, createUser } = await start();
    await createUser();
    await createUser();
    const cursor = String((await readJson(await request("/users?limit=1")))["next_cursor"]);
    const codes = { external_id: "invalid-external-id", cursor: "invalid-cursor", status: "invalid-status" };
    for (const [query, found, parameters] of [
      [`email=a@b.cd&cursor=${cursor}`, "email", ["cursor"]],
      ["status=active&email=a@b.cd", "email", ["status"]],
      ["external_id=42&email=a@b.cd", "email", ["external_id"]],
      [`cursor=${cursor}&external_id=42`, "external_id", ["cursor"]],
      ["external_id=42&status=suspended", "external_id", ["status"]],
      [`status=active&cursor=${cursor}&external_id=42&email=a@b.cd`, "email", ["external_id", "cursor", "status"]],
    ] as const) {
      const response = await request(`/users?${query}`);
      expect(await expectProblem(response, "invalid-query", "/users"), query).toEqual(
        parameters.map((parameter) => ({
          parameter,
          code: codes[parameter],
          detail: `must not be combined with ${found}`,
        })),
      );
    }
    for (const query of ["email=a@b.cd&limit=1&view=full", "view=basic&external_id=42&limit=100"]) {
      expect(await readJson(await request(`/users?${query}`)), query).toEqual({ users: [], next_cursor: null });
    }
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
