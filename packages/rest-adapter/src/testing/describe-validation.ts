import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

const JSON_TYPE = { "content-type": "application/json" };

export function describeValidation(start: StartService): void {
  test("reports every invalid field of a new user without its value", async () => {
    const { sendJson } = await start();
    const body = { email: "secret value", gender: "secret", dob: "2024-02-30", x: 1 };
    const response = await sendJson("POST", "/users", body);
    const text = await response.clone().text();
    expect(text).not.toContain("secret");
    expect(JSON.parse(text)).toHaveProperty("detail", "7 fields are invalid");
    expect(await expectProblem(response, "invalid-user", "/users")).toEqual([
      { pointer: "#/lastname", code: "required", detail: "is required" },
      { pointer: "#/dob", code: "invalid-date", detail: "must be an existing date in the form YYYY-MM-DD" },
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
    const withOneInvalidField = await sendJson("POST", "/users", newUserBody({ dob: "1990" }));
    expect(await readJson(withOneInvalidField)).toHaveProperty("detail", "1 field is invalid");
  });

  test("suggests the field that an unknown one resembles", async () => {
    const { sendJson } = await start();
    const body = {
      ...newUserBody(),
      lastName: "x",
      "first-name": "x",
      emial: "x",
      adress: "x",
      phonenumber: "x",
      age: 1,
    };
    expect(await expectProblem(await sendJson("POST", "/users", body), "invalid-user")).toMatchObject(
      [
        ["lastName", "; did you mean lastname?"],
        ["first-name", "; did you mean firstname?"],
        ["emial", "; did you mean email?"],
        ["adress", "; did you mean address?"],
        ["phonenumber", "; did you mean phone_number?"],
        ["age", ""],
      ].map(([name, suggestion]) => ({ pointer: `#/${name}`, detail: `is not a field of a user${suggestion}` })),
    );
  });

  test("rejects a name that contains only invisible characters", async () => {
    const { createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const names = {
      "zero width space": "\u200b",
      "zero width joiner": "\u200d",
      "soft hyphen": "\u00ad",
      "right-to-left mark": "\u200f",
      "Hangul filler": "\u3164",
      "braille pattern blank": "\u2800",
      "variation selector": "\ufe0f",
      "tag space": "\u{e0020}",
      "several of them": "\u200b \u2800\u00ad",
    };
    for (const [label, lastname] of Object.entries(names)) {
      const errors = [{ pointer: "#/lastname", code: "empty", detail: "must contain a visible character" }];
      const created = await sendJson("POST", "/users", newUserBody({ lastname }));
      expect(await expectProblem(created, "invalid-user", "/users"), label).toEqual(errors);
      const updated = await sendJson("PUT", path, { lastname });
      expect(await expectProblem(updated, "invalid-user", path), label).toEqual(errors);
    }
    const visible = await sendJson("POST", "/users", newUserBody({ lastname: "می\u200cخواهم" }));
    expect(visible.status).toBe(201);
  });

  test("reports hostile members as invalid fields", async () => {
    const { request } = await start();
    const validMembers = JSON.stringify(newUserBody()).slice(1);
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    for (const [member, pointer, code] of [
      ['"__proto__":{"isAdmin":true}', "#/__proto__", "unknown-field"],
      ['"constructor":{"prototype":{}}', "#/constructor", "unknown-field"],
      ['"toString":"x"', "#/toString", "unknown-field"],
      ['"":"x"', "#/", "unknown-field"],
      ['"a/b~c":"x"', "#/a~1b~0c", "unknown-field"],
      [`"deep":${deep}`, "#/deep", "unknown-field"],
      [`"firstname":${deep}`, "#/firstname", "not-a-string"],
      ['"firstname":{"$ne":null}', "#/firstname", "not-a-string"],
      ['"firstname":"a\\u0000b"', "#/firstname", "control-character"],
      ['"firstname":"\\ud800"', "#/firstname", "malformed-text"],
      ['"user_id":"x"', "#/user_id", "read-only"],
    ] as const) {
      const body = `{${member},${validMembers}`;
      const response = await request("/users", { method: "POST", headers: JSON_TYPE, body });
      expect(await expectProblem(response, "invalid-user")).toEqual([{ pointer, code, detail: expect.any(String) }]);
    }
    expect({}).not.toHaveProperty("isAdmin");
  });
}
