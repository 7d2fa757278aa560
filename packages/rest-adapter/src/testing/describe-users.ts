import { expect, test } from "vitest";
import { expectProblem, json, newUser } from "./client.ts";
import type { StartService } from "./describe-http-contract.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function describeUsers(start: StartService): void {
  test("POST answers 201 with the original's body, the place and the tag", async () => {
    const { send, ask } = await start();
    const response = await send("POST", "/users", newUser());
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = await json(response);
    expect(body).toEqual({ message: "User created", user_id: expect.stringMatching(UUID) });
    expect(response.headers.get("location")).toBe(`/users/${String(body["user_id"])}`);
    const read = await ask(response.headers.get("location")!);
    expect(read.headers.get("etag")).toBe(response.headers.get("etag"));
    expect(read.headers.get("etag")).toMatch(/^"[^"]+"$/);
  });

  test("GET answers exactly the fields that are set, the id first", async () => {
    const { ask, create } = await start();
    const user = newUser();
    const id = await create(user);
    const response = await ask(`/users/${id}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    expect(await response.text()).toBe(JSON.stringify({ user_id: id, ...user }));
    const modified = Date.parse(response.headers.get("last-modified")!);
    expect(Math.abs(Date.now() - modified)).toBeLessThan(60_000);
  });

  test("a first name is answered where it is set, and removed by null", async () => {
    const { create, read, send } = await start();
    const id = await create({ firstname: "Jane" });
    expect(Object.keys(await read(id)).slice(0, 3)).toEqual(["user_id", "lastname", "firstname"]);
    expect((await send("PUT", `/users/${id}`, { firstname: null })).status).toBe(200);
    expect(await read(id)).not.toHaveProperty("firstname");
  });

  for (const method of ["PUT", "PATCH"]) {
    test(`${method} changes what was sent and nothing else`, async () => {
      const { create, read, send, ask } = await start();
      const id = await create();
      const before = await read(id);
      const response = await send(method, `/users/${id}`, { address: "456 Another St, New City" });
      expect(response.status).toBe(200);
      expect(await json(response)).toEqual({ message: "User updated" });
      expect(await read(id)).toEqual({ ...before, address: "456 Another St, New City" });
      expect((await ask(`/users/${id}`)).headers.get("etag")).toBe(response.headers.get("etag"));
    });

    test(`${method} judges the body by every field and leaves the user as it is`, async () => {
      const { create, read, send } = await start();
      const id = await create();
      const before = await read(id);
      const response = await send(method, `/users/${id}`, { user_id: id, email: "no", lastname: null, age: 7 });
      expect(await expectProblem(response, "invalid-user", `/users/${id}`)).toEqual([
        { pointer: "#/lastname", code: "not-a-string", detail: "must be a string" },
        { pointer: "#/email", code: "invalid-email", detail: "must be an email address" },
        { pointer: "#/user_id", code: "read-only", detail: "is set by the service" },
        { pointer: "#/age", code: "unknown-field", detail: "is not a field of a user" },
      ]);
      expect(await expectProblem(await send(method, `/users/${id}`, {}), "invalid-user")).toEqual([
        { pointer: "#", code: "empty-change", detail: "must change at least one field" },
      ]);
      expect(await read(id)).toEqual(before);
    });
  }

  test("PATCH takes a merge patch under its own name", async () => {
    const { create, read, send } = await start();
    const id = await create({ firstname: "Jane" });
    const type = { "content-type": "application/merge-patch+json" };
    const response = await send("PATCH", `/users/${id}`, { firstname: null, lastname: "Roe" }, type);
    expect(response.status).toBe(200);
    expect(await read(id)).toMatchObject({ lastname: "Roe" });
    expect(await read(id)).not.toHaveProperty("firstname");
  });

  test("DELETE answers the original's body, and the user is gone", async () => {
    const { ask, create, send } = await start();
    const id = await create();
    const response = await ask(`/users/${id}`, { method: "DELETE" });
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({ message: "User deleted" });
    await expectProblem(await ask(`/users/${id}`), "not-found", `/users/${id}`);
    await expectProblem(await ask(`/users/${id}`, { method: "DELETE" }), "not-found", `/users/${id}`);
    await expectProblem(await send("PUT", `/users/${id}`, { lastname: "Roe" }), "not-found", `/users/${id}`);
  });

  test("every wrong field of a new user is reported, none with its value", async () => {
    const { send } = await start();
    const response = await send("POST", "/users", { email: "secret value", gender: "secret", dob: "2024-02-30", x: 1 });
    const text = await response.clone().text();
    expect(text).not.toContain("secret");
    expect(JSON.parse(text)).toHaveProperty("detail", "7 fields are wrong");
    const one = await send("POST", "/users", newUser({ dob: "1990" }));
    expect(await json(one)).toHaveProperty("detail", "1 field is wrong");
    expect(await expectProblem(response, "invalid-user", "/users")).toEqual([
      { pointer: "#/lastname", code: "required", detail: "is required" },
      { pointer: "#/dob", code: "invalid-date", detail: "must be a day that exists, as YYYY-MM-DD" },
      { pointer: "#/address", code: "required", detail: "is required" },
      {
        pointer: "#/gender",
        code: "invalid-gender",
        detail: "must be one of Male, Female, Non-binary, Other, Unspecified",
      },
      { pointer: "#/email", code: "invalid-email", detail: "must be an email address" },
      { pointer: "#/phone_number", code: "required", detail: "is required" },
      { pointer: "#/x", code: "unknown-field", detail: "is not a field of a user" },
    ]);
  });

  test("text of every kind comes back to the letter", async () => {
    const { create, read } = await start();
    const fields = { lastname: "O'Brien \"\\ 李", firstname: "👩‍👩‍👧", address: "<b>&amp;</b> %00 ../../ \u2028!" };
    expect(await read(await create(fields))).toMatchObject(fields);
  });

  test("an address that another has is a conflict, in any case, on create and on update", async () => {
    const { create, read, send } = await start();
    const id = await create({ email: "john.doe@example.com" });
    const other = await create();
    const before = await read(other);
    await expectProblem(await send("POST", "/users", newUser({ email: "John.Doe@EXAMPLE.com" })), "email-taken");
    const change = { email: "JOHN.DOE@example.com", lastname: "Roe" };
    await expectProblem(await send("PUT", `/users/${other}`, change), "email-taken", `/users/${other}`);
    expect(await read(other)).toEqual(before);
    expect((await send("PUT", `/users/${id}`, { email: "John.Doe@example.com" })).status).toBe(200);
  });

  test("of simultaneous attempts at one address exactly one succeeds", async () => {
    const { create, send } = await start();
    const ids = await Promise.all([create(), create(), create()]);
    const attempts = [
      ...Array.from({ length: 8 }, () => send("POST", "/users", newUser({ email: "wanted@example.com" }))),
      ...ids.map((id) => send("PUT", `/users/${id}`, { email: "Wanted@example.com" })),
    ];
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(10);
  });

  test("an address is free at once when its user changes it or is deleted", async () => {
    const { ask, create, send } = await start();
    const id = await create({ email: "first@example.com" });
    await send("PUT", `/users/${id}`, { email: "second@example.com" });
    await create({ email: "first@example.com" });
    await ask(`/users/${id}`, { method: "DELETE" });
    await create({ email: "SECOND@example.com" });
  });

  test("simultaneous partial updates all succeed and merge", async () => {
    const { create, read, send } = await start();
    const id = await create();
    const changes = [
      { lastname: "Roe" },
      { firstname: "Richard" },
      { dob: "1980-12-31" },
      { address: "1 Side St" },
      { gender: "Other" },
      { email: "richard.roe@example.com" },
      { phone_number: "+44 20 7946 0000" },
    ];
    const responses = await Promise.all(changes.map((change) => send("PUT", `/users/${id}`, change)));
    expect(responses.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect(new Set(responses.map(({ headers }) => headers.get("etag"))).size).toBe(changes.length);
    expect(await read(id)).toEqual({ user_id: id, ...Object.assign({}, ...changes) });
  });

  test("Prefer: return=representation answers the user as GET does", async () => {
    const { ask, send } = await start();
    const prefer = { prefer: 'handling=lenient, return="representation"; x=1' };
    const created = await send("POST", "/users", newUser(), prefer);
    const place = created.headers.get("location")!;
    expect(created.status).toBe(201);
    await expectSameAsGet(created);
    for (const method of ["PUT", "PATCH"]) {
      const changed = await send(method, place, { lastname: method }, prefer);
      expect(changed.status).toBe(200);
      await expectSameAsGet(changed);
    }

    async function expectSameAsGet(written: Response): Promise<void> {
      const read = await ask(place);
      expect(written.headers.get("preference-applied")).toBe("return=representation");
      expect(written.headers.get("content-location")).toBe(place);
      for (const name of ["etag", "last-modified", "content-type"]) {
        expect(written.headers.get(name)).toBe(read.headers.get(name));
      }
      expect(await written.text()).toBe(await read.text());
    }
  });

  test("without that preference the bodies are the original's", async () => {
    const { send } = await start();
    for (const prefer of ["return=minimal", "return=representations", "respond-async"]) {
      const created = await send("POST", "/users", newUser(), { prefer });
      expect(created.headers.has("preference-applied")).toBe(false);
      expect(await json(created)).toEqual({ message: "User created", user_id: expect.any(String) });
    }
  });

  test("an id that names no user is not found, whatever it looks like", async () => {
    const { ask, create, send } = await start();
    const id = await create();
    const ids = [
      "nobody",
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
    for (const other of ids) {
      const path = `/users/${other}`;
      await expectProblem(await ask(path), "not-found");
      await expectProblem(await send("PUT", path, { lastname: "Roe" }), "not-found");
      await expectProblem(await ask(path, { method: "DELETE" }), "not-found");
    }
  });
}
