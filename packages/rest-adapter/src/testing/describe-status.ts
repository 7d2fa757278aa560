import { expect, test } from "vitest";
import { listPages } from "./describe-list.ts";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

export function describeStatus(start: StartService): void {
  test("a user is active unless it is created or updated as suspended", async () => {
    const { createUser, getUser, sendJson } = await start();
    expect(await getUser(await createUser({ status: "suspended" }))).toHaveProperty("status", "suspended");
    const id = await createUser({ status: "active" });
    const active = await getUser(id);
    expect(active).not.toHaveProperty("status");
    for (const method of ["PUT", "PATCH"]) {
      for (const reactivated of ["active", null]) {
        expect((await sendJson(method, `/users/${id}`, { status: "suspended" })).status).toBe(200);
        expect(await getUser(id)).toEqual({ ...active, status: "suspended" });
        expect((await sendJson(method, `/users/${id}`, { status: reactivated })).status).toBe(200);
        expect(await getUser(id)).toEqual(active);
      }
    }
  });

  test("returns 400 for any other status", async () => {
    const { createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const errors = [{ pointer: "#/status", code: "invalid-status", detail: "must be one of active, suspended" }];
    for (const status of ["", "Active", "deleted", 1, true, {}]) {
      const created = await sendJson("POST", "/users", newUserBody({ status }));
      expect(await expectProblem(created, "invalid-user", "/users")).toEqual(errors);
      expect(await expectProblem(await sendJson("PATCH", path, { status }), "invalid-user", path)).toEqual(errors);
    }
  });

  test("filters the list: the pages contain every user with the status exactly once", async () => {
    const client = await start();
    const ids: Record<string, string[]> = { active: [], suspended: [] };
    for (let n = 0; n < 12; n += 1) {
      const status = n % 3 === 0 ? "suspended" : "active";
      ids[status]!.push(await client.createUser({ status }));
    }
    for (const status of ["active", "suspended"]) {
      for (const limit of [1, 3, 100]) {
        const pages = await listPages(client, `/users?status=${status}&limit=${limit}`);
        expect(pages.flat().toSorted(), `${status}, ${limit}`).toEqual(ids[status]!.toSorted());
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      }
    }
    expect((await listPages(client, "/users?limit=5")).flat()).toHaveLength(12);
  });

  test("the link to the next page keeps the status, the view and the limit", async () => {
    const { createUser, request } = await start();
    for (let n = 0; n < 3; n += 1) await createUser();
    const paths = ["/users?limit=1&status=active&view=full"];
    for (const path of paths) {
      const response = await request(path);
      const { users, next_cursor } = (await readJson(response)) as { users: object[]; next_cursor: string | null };
      for (const user of users) expect(user).toMatchObject({ status: "active", version: 1 });
      if (next_cursor === null) continue;
      paths.push(`/users?limit=1&status=active&view=full&cursor=${next_cursor}`);
      expect(response.headers.get("link")).toBe(`<${paths.at(-1)}>; rel="next"`);
    }
    expect(paths.length).toBeGreaterThanOrEqual(3);
  });
}
