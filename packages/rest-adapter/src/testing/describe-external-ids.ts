import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

export function describeExternalIds(start: StartService): void {
  test("an external id is set by a create or an update, and removed by `null`", async () => {
    const { createUser, getUser, sendJson } = await start();
    const external_id = "Crm/42 ä+é?&=#%";
    expect(await getUser(await createUser({ external_id: ` ${external_id} ` }))).toHaveProperty(
      "external_id",
      external_id,
    );
    const id = await createUser();
    const before = await getUser(id);
    for (const method of ["PUT", "PATCH"]) {
      expect((await sendJson(method, `/users/${id}`, { external_id: method })).status).toBe(200);
      expect(await getUser(id)).toEqual({ ...before, external_id: method });
      expect((await sendJson(method, `/users/${id}`, { external_id: null })).status).toBe(200);
      expect(await getUser(id)).toEqual(before);
    }
  });

  test("a create or an update with the external id of another user returns 409 and changes nothing", async () => {
    const { createUser, getUser, request, sendJson } = await start();
    const id = await createUser({ external_id: "42" });
    const otherId = await createUser();
    const before = await getUser(otherId);
    const created = newUserBody({ external_id: "42" });
    expect(await expectProblem(await sendJson("POST", "/users", created), "external-id-taken", "/users")).toBe(
      undefined,
    );
    for (const method of ["PUT", "PATCH"]) {
      const update = { external_id: " 42", lastname: "Roe", email: "new@example.com" };
      await expectProblem(
        await sendJson(method, `/users/${otherId}`, update),
        "external-id-taken",
        `/users/${otherId}`,
      );
    }
    expect(await getUser(otherId)).toEqual(before);
    for (const email of ["new@example.com", created["email"]]) {
      expect(await readJson(await request(`/users?email=${String(email)}`))).toMatchObject({ users: [] });
    }
    expect((await sendJson("PUT", `/users/${id}`, { external_id: "42" })).status).toBe(200);
  });

  test("external ids that differ in case are different", async () => {
    const { createUser } = await start();
    await createUser({ external_id: "a42" });
    await createUser({ external_id: "A42" });
  });

  test("exactly one of several concurrent writes of one external id succeeds", async () => {
    const { createUser, sendJson } = await start();
    const ids = await Promise.all([createUser(), createUser(), createUser()]);
    const writes = [
      ...Array.from({ length: 8 }, () => sendJson("POST", "/users", newUserBody({ external_id: "wanted" }))),
      ...ids.map((id) => sendJson("PUT", `/users/${id}`, { external_id: "wanted" })),
    ];
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(10);
  });

  test("an update and a delete release the external id immediately", async () => {
    const { request, createUser, sendJson } = await start();
    const id = await createUser({ external_id: "first" });
    await sendJson("PUT", `/users/${id}`, { external_id: "second" });
    await createUser({ external_id: "first" });
    await sendJson("PUT", `/users/${id}`, { external_id: null });
    await createUser({ external_id: "second" });
    await sendJson("PUT", `/users/${id}`, { external_id: "third" });
    await request(`/users/${id}`, { method: "DELETE" });
    await createUser({ external_id: "third" });
  });

  test("finds a new user by external id, case-sensitively and normalized", async () => {
    const { request, createUser, getUser } = await start();
    const external_id = "Crm/42 ä+é?&=#%";
    const user = await getUser(await createUser({ external_id }));
    await createUser();
    for (const text of [external_id, external_id.normalize("NFD"), ` ${external_id}`]) {
      const response = await request(`/users?external_id=${encodeURIComponent(text)}`);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.has("link")).toBe(false);
      expect(await readJson(response), text).toEqual({ users: [user], next_cursor: null });
    }
    const otherCase = `/users?external_id=${encodeURIComponent(external_id.toLowerCase())}`;
    expect(await readJson(await request(otherCase))).toEqual({ users: [], next_cursor: null });
  });

  test("returns no user for an unknown external id of any form", async () => {
    const { request, createUser } = await start();
    await createUser({ external_id: "42" });
    for (const text of ["43", "4", "42%00", "%F0%9F%91%A9", "__proto__", "external%2342", "x".repeat(4000)]) {
      const response = await request(`/users?external_id=${text}&limit=5`);
      expect(await readJson(response), text).toEqual({ users: [], next_cursor: null });
    }
  });
}
