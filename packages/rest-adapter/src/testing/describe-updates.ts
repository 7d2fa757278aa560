import { expect, test } from "vitest";
import { expectProblem, readJson, type StartService } from "./test-client.ts";

export function describeUpdates(start: StartService): void {
  for (const method of ["PUT", "PATCH"]) {
    test(`${method} updates the fields that are sent and no others`, async () => {
      const { request, createUser, getUser, sendJson } = await start();
      const id = await createUser();
      const before = await getUser(id);
      const response = await sendJson(method, `/users/${id}`, { address: "456 Another St, New City" });
      expect(response.status).toBe(200);
      expect(await readJson(response)).toEqual({ message: "User updated" });
      expect(await getUser(id)).toEqual({ ...before, address: "456 Another St, New City" });
      expect((await request(`/users/${id}`)).headers.get("etag")).toBe(response.headers.get("etag"));
    });

    test(`${method} reports every invalid field and updates none`, async () => {
      const { createUser, getUser, sendJson } = await start();
      const id = await createUser();
      const before = await getUser(id);
      const update = { user_id: id, email: "no", lastname: null, firstname: "Jane", age: 7 };
      const response = await sendJson(method, `/users/${id}`, update);
      expect(await expectProblem(response, "invalid-user", `/users/${id}`)).toEqual([
        { pointer: "#/lastname", code: "not-a-string", detail: "must be a string" },
        { pointer: "#/email", code: "invalid-email", detail: "must be an email address" },
        { pointer: "#/user_id", code: "read-only", detail: "is set by the service" },
        { pointer: "#/age", code: "unknown-field", detail: "is not a field of a user" },
      ]);
      expect(await expectProblem(await sendJson(method, `/users/${id}`, {}), "invalid-user")).toEqual([
        { pointer: "#", code: "empty-change", detail: "must contain at least one field" },
      ]);
      expect(await getUser(id)).toEqual(before);
    });
  }

  test("PATCH accepts application/merge-patch+json", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser({ firstname: "Jane" });
    const headers = { "content-type": "application/merge-patch+json" };
    const response = await sendJson("PATCH", `/users/${id}`, { firstname: null, lastname: "Roe" }, headers);
    expect(response.status).toBe(200);
    expect(await getUser(id)).toMatchObject({ lastname: "Roe" });
    expect(await getUser(id)).not.toHaveProperty("firstname");
  });

  test("`null` removes a first name", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser({ firstname: "Jane" });
    expect(Object.keys(await getUser(id)).slice(0, 3)).toEqual(["user_id", "lastname", "firstname"]);
    expect((await sendJson("PUT", `/users/${id}`, { firstname: null })).status).toBe(200);
    expect(await getUser(id)).not.toHaveProperty("firstname");
  });

  test("concurrent updates of different fields all succeed and merge", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser();
    const updates = [
      { lastname: "Roe" },
      { firstname: "Richard" },
      { dob: "1980-12-31" },
      { address: "1 Side St" },
      { gender: "Other" },
      { email: "richard.roe@example.com" },
      { phone_number: "+44 20 7946 0000" },
      { external_id: "42" },
      { status: "suspended" },
      { metadata: { a: "1" } },
    ];
    const responses = await Promise.all(updates.map((update) => sendJson("PUT", `/users/${id}`, update)));
    expect(responses.map(({ status }) => status)).toEqual(updates.map(() => 200));
    expect(new Set(responses.map(({ headers }) => headers.get("etag"))).size).toBe(updates.length);
    expect(await getUser(id)).toEqual({ user_id: id, ...Object.assign({}, ...updates) });
  });
}
