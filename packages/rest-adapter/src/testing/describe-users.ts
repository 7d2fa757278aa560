import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function describeUsers(start: StartService): void {
  test("POST returns 201 with the id, the location and the ETag of the new user", async () => {
    const { request, sendJson } = await start();
    const response = await sendJson("POST", "/users", newUserBody());
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = await readJson(response);
    expect(body).toEqual({ message: "User created", user_id: expect.stringMatching(UUID) });
    expect(response.headers.get("location")).toBe(`/users/${String(body["user_id"])}`);
    const { headers } = await request(response.headers.get("location")!);
    expect(headers.get("etag")).toBe(response.headers.get("etag"));
    expect(headers.get("etag")).toMatch(/^"[^"]+"$/);
  });

  test("GET returns exactly the fields that are set, the id first", async () => {
    const { request, createUser } = await start();
    const fields = newUserBody();
    const id = await createUser(fields);
    const response = await request(`/users/${id}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    expect(await response.text()).toBe(JSON.stringify({ user_id: id, ...fields }));
    const lastModified = Date.parse(response.headers.get("last-modified")!);
    expect(Math.abs(Date.now() - lastModified)).toBeLessThan(60_000);
  });

  test("GET returns text of every kind unchanged", async () => {
    const { createUser, getUser } = await start();
    const fields = { lastname: "O'Brien \"\\ 李", firstname: "👩‍👩‍👧", address: "<b>&amp;</b> %00 ../../ \u2028!" };
    expect(await getUser(await createUser(fields))).toMatchObject(fields);
  });

  test("DELETE returns 200 and deletes the user", async () => {
    const { request, createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const response = await request(path, { method: "DELETE" });
    expect(response.status).toBe(200);
    expect(await readJson(response)).toEqual({ message: "User deleted" });
    await expectProblem(await request(path), "not-found", path);
    await expectProblem(await request(path, { method: "DELETE" }), "not-found", path);
    await expectProblem(await sendJson("PUT", path, { lastname: "Roe" }), "not-found", path);
  });

  test("Prefer: return=representation on a write returns the same representation as GET", async () => {
    const { request, sendJson } = await start();
    const prefer = { prefer: 'handling=lenient, return="representation"; x=1' };
    const created = await sendJson("POST", "/users", newUserBody(), prefer);
    const path = created.headers.get("location")!;
    expect(created.status).toBe(201);
    await expectRepresentation(created);
    for (const method of ["PUT", "PATCH"]) {
      const updated = await sendJson(method, path, { lastname: method }, prefer);
      expect(updated.status).toBe(200);
      await expectRepresentation(updated);
    }

    async function expectRepresentation(written: Response): Promise<void> {
      const current = await request(path);
      expect(written.headers.get("preference-applied")).toBe("return=representation");
      expect(written.headers.get("content-location")).toBe(path);
      for (const name of ["etag", "last-modified", "content-type"]) {
        expect(written.headers.get(name)).toBe(current.headers.get(name));
      }
      expect(await written.text()).toBe(await current.text());
    }
  });

  test("POST ignores any other preference", async () => {
    const { sendJson } = await start();
    for (const prefer of ["return=minimal", "return=representations", "respond-async"]) {
      const created = await sendJson("POST", "/users", newUserBody(), { prefer });
      expect(created.headers.has("preference-applied"), prefer).toBe(false);
      expect(await readJson(created)).toEqual({ message: "User created", user_id: expect.any(String) });
    }
  });

  test("returns 404 for an unknown id of any form", async () => {
    const { request, createUser, sendJson } = await start();
    const id = await createUser();
    const unknownIds = [
      "unknown",
      id.toUpperCase(),
      `${id}0`,
      "00000000-0000-0000-0000-000000000000",
      "email%23john.doe@example.com",
      "once%23key",
      "a%2Fb",
      "a%3Fb",
      "%00",
      "%F0%9F%91%A9",
      "%zz",
      "%ff",
      "__proto__",
      "x".repeat(4096),
      encodeURIComponent("é".repeat(1000)),
    ];
    for (const unknownId of unknownIds) {
      const path = `/users/${unknownId}`;
      await expectProblem(await request(path), "not-found");
      await expectProblem(await sendJson("PUT", path, { lastname: "Roe" }), "not-found");
      await expectProblem(await request(path, { method: "DELETE" }), "not-found");
    }
  });
}
