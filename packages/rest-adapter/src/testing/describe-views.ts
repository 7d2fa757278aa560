import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

export function describeViews(start: StartService): void {
  test("the full view adds the status, the version and the timestamps, in this order", async () => {
    const { request, sendJson } = await start();
    const fields = newUserBody();
    const created = await sendJson("POST", "/users", fields);
    const path = created.headers.get("location")!;
    const user_id = path.slice("/users/".length);
    const { created_at, updated_at } = await readJson(await request(`${path}?view=full`));
    expect(created_at).toMatch(TIMESTAMP);
    expect(updated_at).toBe(created_at);
    expect(await (await request(`${path}?view=full`)).text()).toBe(
      JSON.stringify({ user_id, ...fields, status: "active", version: 1, created_at, updated_at }),
    );

    const update = { external_id: "42", status: "suspended", metadata: { a: "1" } };
    expect((await sendJson("PATCH", path, update)).status).toBe(200);
    const updated = await readJson(await request(`${path}?view=full`));
    expect(updated["updated_at"]).toMatch(TIMESTAMP);
    expect(String(updated["updated_at"]) >= String(created_at)).toBe(true);
    expect(JSON.stringify(updated)).toBe(
      JSON.stringify({ user_id, ...fields, ...update, version: 2, created_at, updated_at: updated["updated_at"] }),
    );
  });

  test("the basic view is the default", async () => {
    const { request, createUser } = await start();
    const path = `/users/${await createUser({ metadata: { a: "1" } })}`;
    expect(await (await request(`${path}?view=basic`)).text()).toBe(await (await request(path)).text());
    expect(await (await request("/users?view=basic")).text()).toBe(await (await request("/users")).text());
  });

  test("a list and a find return the same full view as GET of the user", async () => {
    const { request, createUser } = await start();
    const id = await createUser({ email: "jane@example.com", external_id: "42" });
    const user = await readJson(await request(`/users/${id}?view=full`));
    for (const query of ["", "&limit=5", "&status=active", "&email=Jane@example.com", "&external_id=42"]) {
      const response = await request(`/users?view=full${query}`);
      expect(await readJson(response), query).toEqual({ users: [user], next_cursor: null });
    }
  });

  test("both views have the same validators, which a write accepts", async () => {
    const { request, createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const [basic, full] = await Promise.all([request(path), request(`${path}?view=full`)]);
    for (const name of ["etag", "last-modified", "cache-control"]) {
      expect(full.headers.get(name)).toBe(basic.headers.get(name));
    }
    const etag = full.headers.get("etag")!;
    for (const method of ["GET", "HEAD"]) {
      const response = await request(`${path}?view=full`, { method, headers: { "if-none-match": etag } });
      expect(response.status).toBe(304);
      expect(response.headers.get("etag")).toBe(etag);
      expect(await response.text()).toBe("");
    }
    expect((await sendJson("PATCH", path, { lastname: "Roe" }, { "if-match": etag })).status).toBe(200);
    const response = await request(`${path}?view=full`, { headers: { "if-none-match": etag } });
    expect(await readJson(response)).toMatchObject({ lastname: "Roe", version: 2 });
  });

  test("returns 400 for another view, before the user is looked up, and for a view of a write", async () => {
    const { request, createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const errors = [{ parameter: "view", code: "invalid-view", detail: "must be one of basic, full" }];
    for (const view of ["", "Full", "all", "%00", "%zz"]) {
      for (const target of [path, "/users", "/users/unknown"]) {
        expect(await expectProblem(await request(`${target}?view=${view}`), "invalid-query", target)).toEqual(errors);
      }
    }
    await expectProblem(await sendJson("PATCH", `${path}?view=full`, { lastname: "Roe" }), "invalid-query", path);
    await expectProblem(await sendJson("POST", "/users?view=full", newUserBody()), "invalid-query", "/users");
    await expectProblem(await request(`${path}?view=full`, { method: "DELETE" }), "invalid-query", path);
    await expectProblem(await request("/users/unknown?view=full"), "not-found");
  });
}
