import { describe, expect, test } from "vitest";
import { EXAMPLE_FIELDS, parseNewUser, parseUserUpdate, USER_FIELD_NAMES, USER_FIELDS } from "../index.ts";
import { expectIssues } from "../testing/settle.ts";

const TODAY = "2026-06-15";

const expectNewUserIssues = (input: unknown) => expectIssues(() => parseNewUser(input, TODAY));
const expectUpdateIssues = (input: unknown) => expectIssues(() => parseUserUpdate(input, TODAY));

describe("parseNewUser", () => {
  test("returns valid fields in the order of the API", () => {
    const shuffled = Object.fromEntries(Object.entries({ ...EXAMPLE_FIELDS, firstname: "Jane" }).toReversed());
    expect(JSON.stringify(parseNewUser(shuffled, TODAY))).toBe(
      '{"lastname":"Doe","firstname":"Jane","dob":"1990-01-01","address":"123 Main St, City, Country","gender":"Male","email":"john.doe@example.com","phone_number":"1234567890"}',
    );
  });

  test("returns the example unchanged", () => {
    expect(parseNewUser(EXAMPLE_FIELDS, TODAY)).toEqual(EXAMPLE_FIELDS);
  });

  test("trims values and normalizes text to NFC, and changes nothing else", () => {
    const input = {
      ...EXAMPLE_FIELDS,
      lastname: "  Zoe\u0308 \n",
      email: "\tJohn.Doe@Example.com ",
      phone_number: " +1 (555) 123-45.67 ",
    };
    expect(parseNewUser(input, TODAY)).toEqual({
      ...EXAMPLE_FIELDS,
      lastname: "Zo\u00eb",
      email: "John.Doe@Example.com",
      phone_number: "+1 (555) 123-45.67",
    });
  });

  test.for(USER_FIELD_NAMES.filter((field) => USER_FIELDS[field].required))(
    "rejects a user without %s as `required`",
    (field) => {
      expect(expectNewUserIssues({ ...EXAMPLE_FIELDS, [field]: undefined })).toEqual([
        { pointer: `#/${field}`, code: "required", detail: "is required" },
      ]);
    },
  );

  test("reports every invalid field", () => {
    const input = { user_id: "7", lastname: "", email: "no", nickname: "Jo", "a/b~c": 1 };
    expect(expectNewUserIssues(input)).toEqual([
      { pointer: "#/lastname", code: "empty", detail: "must contain a visible character" },
      { pointer: "#/dob", code: "required", detail: "is required" },
      { pointer: "#/address", code: "required", detail: "is required" },
      { pointer: "#/gender", code: "required", detail: "is required" },
      { pointer: "#/email", code: "invalid-email", detail: "must be an email address" },
      { pointer: "#/phone_number", code: "required", detail: "is required" },
      { pointer: "#/user_id", code: "read-only", detail: "is set by the service" },
      { pointer: "#/nickname", code: "unknown-field", detail: "is not a field of a user" },
      { pointer: "#/a~1b~0c", code: "unknown-field", detail: "is not a field of a user" },
    ]);
  });

  test("reports fields whose names are special in JavaScript or in a JSON Pointer as unknown", () => {
    const input: unknown = JSON.parse(
      JSON.stringify(EXAMPLE_FIELDS).replace(
        "{",
        '{"__proto__":{"lastname":"x"},"constructor":1,"toString":2,"":3,"é %":4,"\\ud800":5,',
      ),
    );
    expect(expectNewUserIssues(input).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      "#/__proto__ unknown-field",
      "#/constructor unknown-field",
      "#/toString unknown-field",
      "#/ unknown-field",
      "#/%C3%A9%20%25 unknown-field",
      "#/%EF%BF%BD unknown-field",
    ]);
  });

  test("rejects a value that is not an object", () => {
    for (const input of [null, undefined, 1, "user", true, [], [EXAMPLE_FIELDS]]) {
      expect(expectNewUserIssues(input)).toEqual([
        { pointer: "#", code: "not-an-object", detail: "must be an object" },
      ]);
    }
  });
});

describe("parseUserUpdate", () => {
  test("returns the fields in the input and no others", () => {
    expect(parseUserUpdate({ address: " 456 Another St " }, TODAY)).toEqual({ address: "456 Another St" });
    expect(parseUserUpdate({ firstname: null }, TODAY)).toEqual({ firstname: null });
    expect(parseUserUpdate({ ...EXAMPLE_FIELDS, lastname: undefined }, TODAY)).not.toHaveProperty("lastname");
  });

  test("rejects an update without fields", () => {
    const issue = { pointer: "#", code: "empty-change", detail: "must contain at least one field" };
    expect(expectUpdateIssues({})).toEqual([issue]);
    expect(expectUpdateIssues({ lastname: undefined })).toEqual([issue]);
  });

  test("rejects `null` for each required field", () => {
    const fields = Object.keys(EXAMPLE_FIELDS);
    const nulls = Object.fromEntries(fields.map((field) => [field, null]));
    expect(expectUpdateIssues(nulls).map(({ pointer }) => pointer)).toEqual(fields.map((field) => `#/${field}`));
  });

  test("validates fields by the rules of a new user", () => {
    const input = { dob: "2026-06-16", email: "no", lastname: "\u200b", user_id: "7", x: 1 };
    expect(expectUpdateIssues(input).map(({ code }) => code)).toEqual([
      "empty",
      "invalid-email",
      "date-out-of-range",
      "read-only",
      "unknown-field",
    ]);
  });
});
