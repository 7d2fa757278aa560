import { MAX_METADATA_MEMBERS, MAX_METADATA_VALUE_LENGTH } from "@user-management/domain";
import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

export function describeMetadata(start: StartService): void {
  test("is created and returned, the last field, and sorted by name", async () => {
    const { request, sendJson } = await start();
    const fields = newUserBody({ firstname: "Jane", external_id: "42", status: "suspended" });
    const metadata = { zone: "eu", "a.b-c_D": "", constructor: "x", toString: '👩 \u2028 <b> " \\ \u0000' };
    const created = await sendJson("POST", "/users", { metadata, ...fields });
    const user_id = created.headers.get("location")!.slice("/users/".length);
    const { firstname, lastname, ...others } = fields;
    const sorted = Object.fromEntries(Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    expect(await (await request(`/users/${user_id}`)).text()).toBe(
      JSON.stringify({ user_id, lastname, firstname, ...others, metadata: sorted }),
    );
  });

  for (const method of ["PUT", "PATCH"]) {
    test(`${method} sets and removes the members that are sent, and keeps all others`, async () => {
      const { createUser, getUser, sendJson } = await start();
      const id = await createUser({ metadata: { a: "1", b: "2", constructor: "3" } });
      const before = await getUser(id);
      const update = { metadata: { b: null, c: "4", unknown: null, constructor: "5" } };
      const headers = method === "PATCH" ? MERGE_PATCH : {};
      const response = await sendJson(method, `/users/${id}`, update, headers);
      expect(await readJson(response)).toEqual({ message: "User updated" });
      expect(await getUser(id)).toEqual({ ...before, metadata: { a: "1", c: "4", constructor: "5" } });
    });
  }

  test("is absent while it has no member", async () => {
    const { createUser, getUser, sendJson } = await start();
    expect(await getUser(await createUser({ metadata: {} }))).not.toHaveProperty("metadata");
    for (const metadata of [null, { a: null, b: null }]) {
      const id = await createUser({ metadata: { a: "1", b: "2" } });
      expect((await sendJson("PUT", `/users/${id}`, { metadata })).status).toBe(200);
      expect(await getUser(id)).not.toHaveProperty("metadata");
      expect((await sendJson("PUT", `/users/${id}`, { metadata: { c: "3" } })).status).toBe(200);
      expect(await getUser(id)).toHaveProperty("metadata", { c: "3" });
    }
  });

  test("concurrent updates of different members, and of other fields, all succeed and merge", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser();
    const names = Array.from({ length: 10 }, (_, n) => `member-${n}`);
    const updates = [
      ...names.map((name) => ({ metadata: { [name]: name } })),
      { lastname: "Roe" },
      { firstname: "Jo" },
    ];
    const responses = await Promise.all(updates.map((update) => sendJson("PATCH", `/users/${id}`, update)));
    expect(responses.map(({ status }) => status)).toEqual(updates.map(() => 200));
    const metadata = Object.fromEntries(names.map((name) => [name, name]));
    expect(await getUser(id)).toMatchObject({ lastname: "Roe", firstname: "Jo", metadata });
  });

  test("Prefer: return=representation returns the merged members", async () => {
    const { sendJson } = await start();
    const prefer = { prefer: "return=representation" };
    const created = await sendJson("POST", "/users", newUserBody({ metadata: { b: "2", a: "1" } }), prefer);
    expect(await readJson(created)).toHaveProperty("metadata", { a: "1", b: "2" });
    const path = created.headers.get("location")!;
    const updated = await sendJson("PATCH", path, { metadata: { a: null, c: "3" } }, prefer);
    expect(await readJson(updated)).toHaveProperty("metadata", { b: "2", c: "3" });
    expect(updated.headers.get("etag")).not.toBe(created.headers.get("etag"));
  });

  test("reports every invalid member at its own pointer, without its value", async () => {
    const { createUser, request } = await start();
    const id = await createUser();
    const members = [
      '"__proto__":"secret"',
      '"":"secret"',
      '"a b":"secret"',
      '"a/b~c":null',
      '"é":"secret"',
      `"${"n".repeat(41)}":"secret"`,
      '"valid":"secret"',
      '"constructor":1',
      '"list":["secret"]',
      '"nested":{"a":"secret"}',
      '"surrogate":"\\ud800"',
      `"long":"${"x".repeat(MAX_METADATA_VALUE_LENGTH + 1)}"`,
    ];
    const invalidName = "must have a name of 1 to 40 letters, digits, underscores, dots or hyphens";
    const expected = [
      { pointer: "#/metadata/__proto__", code: "invalid-name", detail: invalidName },
      { pointer: "#/metadata/", code: "invalid-name", detail: invalidName },
      { pointer: "#/metadata/a%20b", code: "invalid-name", detail: invalidName },
      { pointer: "#/metadata/a~1b~0c", code: "invalid-name", detail: invalidName },
      { pointer: "#/metadata/%C3%A9", code: "invalid-name", detail: invalidName },
      { pointer: `#/metadata/${"n".repeat(41)}`, code: "invalid-name", detail: invalidName },
      { pointer: "#/metadata/constructor", code: "not-a-string", detail: "must be a string" },
      { pointer: "#/metadata/list", code: "not-a-string", detail: "must be a string" },
      { pointer: "#/metadata/nested", code: "not-a-string", detail: "must be a string" },
      { pointer: "#/metadata/surrogate", code: "malformed-text", detail: "must be well-formed Unicode" },
      { pointer: "#/metadata/long", code: "too-long", detail: "must have at most 200 characters" },
    ];
    for (const [method, path, fields] of [
      ["POST", "/users", newUserBody()],
      ["PUT", `/users/${id}`, { lastname: "Roe" }],
      ["PATCH", `/users/${id}`, { lastname: "Roe" }],
    ] as const) {
      const body = `{"metadata":{${members.join(",")}},${JSON.stringify(fields).slice(1)}`;
      const response = await request(path, { method, headers: { "content-type": "application/json" }, body });
      expect(await response.clone().text(), method).not.toContain("secret");
      expect(await expectProblem(response, "invalid-user", path), method).toEqual(expected);
    }
    expect({}).not.toHaveProperty("secret");
  });

  test("rejects a value that is no object, and a `null` member of a new user", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser();
    const before = await getUser(id);
    for (const metadata of ["x", 1, true, [], ["a"]]) {
      const errors = [{ pointer: "#/metadata", code: "not-an-object", detail: "must be an object" }];
      const created = await sendJson("POST", "/users", newUserBody({ metadata }));
      expect(await expectProblem(created, "invalid-user")).toEqual(errors);
      expect(await expectProblem(await sendJson("PUT", `/users/${id}`, { metadata }), "invalid-user")).toEqual(errors);
    }
    const withNullMember = await sendJson("POST", "/users", newUserBody({ metadata: { a: null } }));
    expect(await expectProblem(withNullMember, "invalid-user")).toEqual([
      { pointer: "#/metadata/a", code: "not-a-string", detail: "must be a string" },
    ]);
    expect(await getUser(id)).toEqual(before);
  });

  test("has at most 20 members of 200 characters, after an update too", async () => {
    const { createUser, getUser, sendJson } = await start();
    const full = buildMembers("n", MAX_METADATA_MEMBERS, "😀".repeat(MAX_METADATA_VALUE_LENGTH));
    const id = await createUser({ metadata: full });
    const before = await getUser(id);
    expect(before).toHaveProperty("metadata", full);
    const errors = [{ pointer: "#/metadata", code: "too-many-members", detail: "must have at most 20 members" }];
    const tooMany = newUserBody({ metadata: { ...full, other: "x" } });
    expect(await expectProblem(await sendJson("POST", "/users", tooMany), "invalid-user", "/users")).toEqual(errors);
    for (const headers of [{}, { "if-match": "*" }, { "if-match": '"1"' }]) {
      const update = { lastname: "Roe", metadata: { other: "x" } };
      const response = await sendJson("PATCH", `/users/${id}`, update, headers);
      expect(await expectProblem(response, "invalid-user", `/users/${id}`)).toEqual(errors);
    }
    expect(await getUser(id)).toEqual(before);

    const others = buildMembers("o", MAX_METADATA_MEMBERS, "x");
    const removals = Object.fromEntries(Object.keys(full).map((name) => [name, null]));
    expect((await sendJson("PUT", `/users/${id}`, { metadata: { ...others, ...removals } })).status).toBe(200);
    expect(await getUser(id)).toEqual({ ...before, metadata: others });
  });
}

function buildMembers(prefix: string, count: number, value: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, value]));
}
