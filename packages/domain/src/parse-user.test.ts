import { describe, expect, test } from "vitest";
import { parseNewUser, parseUserChange, UserError, type UserIssue } from "./index.ts";

const TODAY = "2026-06-15";
const valid = {
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "1234567890",
};

function issuesOf(parse: () => unknown): readonly UserIssue[] {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty("code", "invalid-user");
    return (error as UserError).issues;
  }
  return expect.fail("accepted");
}

const issuesOfNew = (input: unknown) => issuesOf(() => parseNewUser(input, TODAY));
const issuesOfChange = (input: unknown) => issuesOf(() => parseUserChange(input, TODAY));

describe("a new user", () => {
  test("keeps what is valid, in the API's order", () => {
    const shuffled = Object.fromEntries(Object.entries({ ...valid, firstname: "Jane" }).toReversed());
    expect(JSON.stringify(parseNewUser(shuffled, TODAY))).toBe(
      '{"lastname":"Doe","firstname":"Jane","dob":"1990-01-01","address":"123 Main St, City, Country","gender":"Male","email":"john.doe@example.com","phone_number":"1234567890"}',
    );
  });

  test("is trimmed and in NFC where it is text, and otherwise kept as sent", () => {
    const parsed = parseNewUser(
      { ...valid, lastname: "  Zoe\u0308 \n", email: "\tJohn.Doe@Example.com ", phone_number: " +1 (555) 123-45.67 " },
      TODAY,
    );
    expect(parsed).toEqual({
      ...valid,
      lastname: "Zo\u00eb",
      email: "John.Doe@Example.com",
      phone_number: "+1 (555) 123-45.67",
    });
  });

  test.for([
    ["lastname", "a"],
    ["lastname", "x".repeat(100)],
    ["lastname", "👩".repeat(100)],
    ["lastname", ` ${"x".repeat(100)} `],
    ["lastname", "O'Brien-Smith Jr."],
    ["phone_number", `1${" ".repeat(57)}234567`],
    ["firstname", "李"],
    ["address", "x".repeat(500)],
    ["dob", "1900-01-01"],
    ["dob", "2024-02-29"],
    ["dob", TODAY],
    ["gender", "Male"],
    ["gender", "Female"],
    ["gender", "Non-binary"],
    ["gender", "Other"],
    ["gender", "Unspecified"],
    ["email", "o'brien@example.com"],
    ["email", "john+tag@mail.sub.example.co.uk"],
    ["email", "a@b.cd"],
    ["email", `${"l".repeat(64)}@example.com`],
    ["email", `a@${"d".repeat(63)}.${"d".repeat(63)}.${"d".repeat(63)}.${"d".repeat(56)}.com`],
    ["email", "a@xn--mnchen-3ya.de"],
    ["email", "a@1.example.com"],
    ["phone_number", "1234567"],
    ["phone_number", "+123456789012345"],
    ["phone_number", "020 7946-0958"],
    ["phone_number", "+44 (0) 20.7946.0958"],
  ] as const)("accepts %s %j", ([field, value]) => {
    expect(parseNewUser({ ...valid, [field]: value }, TODAY)).toHaveProperty(field, value.trim());
  });

  test("is measured in NFC", () => {
    const parsed = parseNewUser({ ...valid, lastname: "e\u0301".repeat(100) }, TODAY);
    expect(parsed.lastname).toBe("\u00e9".repeat(100));
  });

  test.for([
    ["lastname", "", "empty"],
    ["lastname", " \t\u00a0", "empty"],
    ["lastname", "x".repeat(101), "too-long"],
    ["lastname", "👩".repeat(101), "too-long"],
    ["lastname", "x".repeat(60_000), "too-long"],
    ["lastname", "a\u0000b", "control-character"],
    ["lastname", "a\nb", "control-character"],
    ["lastname", "a\u0085b", "control-character"],
    ["lastname", "\ud800", "malformed-text"],
    ["lastname", 7, "not-a-string"],
    ["lastname", null, "not-a-string"],
    ["lastname", ["Doe"], "not-a-string"],
    ["lastname", { toString: "Doe" }, "not-a-string"],
    ["firstname", "", "empty"],
    ["firstname", null, "not-a-string"],
    ["address", "x".repeat(501), "too-long"],
    ["address", "one\u007ftwo", "control-character"],
    ["dob", "1899-12-31", "date-out-of-range"],
    ["dob", "0000-01-01", "date-out-of-range"],
    ["dob", "2026-06-16", "date-out-of-range"],
    ["dob", "9999-12-31", "date-out-of-range"],
    ["dob", "2023-02-29", "invalid-date"],
    ["dob", "2024-02-30", "invalid-date"],
    ["dob", "1990-13-01", "invalid-date"],
    ["dob", "1990-00-10", "invalid-date"],
    ["dob", "1990-1-1", "invalid-date"],
    ["dob", "1990-01-01T00:00:00Z", "invalid-date"],
    ["dob", " 1990-01-01", "invalid-date"],
    ["dob", "01/01/1990", "invalid-date"],
    ["dob", "", "invalid-date"],
    ["dob", 631152000, "not-a-string"],
    ["gender", "MALE", "invalid-gender"],
    ["gender", "", "invalid-gender"],
    ["gender", null, "invalid-gender"],
    ["email", "", "invalid-email"],
    ["email", "john.doe", "invalid-email"],
    ["email", "john@localhost", "invalid-email"],
    ["email", "@example.com", "invalid-email"],
    ["email", "john@", "invalid-email"],
    ["email", ".john@example.com", "invalid-email"],
    ["email", "john.@example.com", "invalid-email"],
    ["email", "john..doe@example.com", "invalid-email"],
    ["email", "john@.example.com", "invalid-email"],
    ["email", "john@example.com.", "invalid-email"],
    ["email", "john@example..com", "invalid-email"],
    ["email", "john@-example.com", "invalid-email"],
    ["email", "john@example-.com", "invalid-email"],
    ["email", "john@127.0.0.1", "invalid-email"],
    ["email", "john doe@example.com", "invalid-email"],
    ["email", "john@exa mple.com", "invalid-email"],
    ["email", "john@@example.com", "invalid-email"],
    ["email", "a@b.cd, e@f.gh", "invalid-email"],
    ["email", '"john"@example.com', "invalid-email"],
    ["email", "John <john@example.com>", "invalid-email"],
    ["email", "john@example.com\u0000", "invalid-email"],
    ["email", "\u212aelvin@example.com", "invalid-email"],
    ["email", `${"l".repeat(65)}@example.com`, "invalid-email"],
    ["email", `a@${"d".repeat(64)}.com`, "invalid-email"],
    ["email", `a@${"d.".repeat(125)}com`, "invalid-email"],
    ["email", `${"a.".repeat(30_000)}@`, "invalid-email"],
    ["email", 1, "not-a-string"],
    ["phone_number", "123456", "invalid-phone-number"],
    ["phone_number", "1234567890123456", "invalid-phone-number"],
    ["phone_number", "", "invalid-phone-number"],
    ["phone_number", "++1234567", "invalid-phone-number"],
    ["phone_number", "1234567-", "invalid-phone-number"],
    ["phone_number", "-1234567", "invalid-phone-number"],
    ["phone_number", "1234567x89", "invalid-phone-number"],
    ["phone_number", "123\t4567", "invalid-phone-number"],
    ["phone_number", "١٢٣٤٥٦٧", "invalid-phone-number"],
    ["phone_number", `1${" ".repeat(58)}234567`, "too-long"],
    ["phone_number", `1${" ".repeat(60_000)}234567`, "too-long"],
    ["phone_number", 1234567890, "not-a-string"],
  ] as const)("refuses %s %j as %s", ([field, value, code]) => {
    const issues = issuesOfNew({ ...valid, [field]: value });
    expect(issues).toEqual([{ pointer: `#/${field}`, code, detail: expect.any(String) }]);
    if (typeof value === "string" && value.length > 3) expect(JSON.stringify(issues)).not.toContain(value.slice(0, 50));
  });

  test("every wrong field is reported", () => {
    expect(issuesOfNew({ user_id: "7", lastname: "", email: "no", nickname: "Jo", "a/b~c": 1 })).toEqual([
      { pointer: "#/lastname", code: "empty", detail: "must not be empty" },
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

  test("names that mean something to JavaScript or to a pointer are fields like others", () => {
    const input: unknown = JSON.parse(
      JSON.stringify(valid).replace(
        "{",
        '{"__proto__":{"lastname":"x"},"constructor":1,"toString":2,"":3,"é %":4,"\\ud800":5,',
      ),
    );
    expect(issuesOfNew(input).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      "#/__proto__ unknown-field",
      "#/constructor unknown-field",
      "#/toString unknown-field",
      "#/ unknown-field",
      "#/%C3%A9%20%25 unknown-field",
      "#/%EF%BF%BD unknown-field",
    ]);
  });

  test("that is no object is refused as a whole", () => {
    for (const input of [null, undefined, 1, "user", true, [], [valid]]) {
      expect(issuesOfNew(input)).toEqual([{ pointer: "#", code: "not-an-object", detail: "must be an object" }]);
    }
  });
});

describe("a change", () => {
  test("holds what was sent and nothing else", () => {
    expect(parseUserChange({ address: " 456 Another St " }, TODAY)).toEqual({ address: "456 Another St" });
    expect(parseUserChange({ firstname: null }, TODAY)).toEqual({ firstname: null });
    expect(parseUserChange({ ...valid, lastname: undefined }, TODAY)).not.toHaveProperty("lastname");
  });

  test("of nothing is an error", () => {
    const issue = { pointer: "#", code: "empty-change", detail: "must change at least one field" };
    expect(issuesOfChange({})).toEqual([issue]);
    expect(issuesOfChange({ lastname: undefined })).toEqual([issue]);
  });

  test("cannot remove a field that every user has", () => {
    const nulls = Object.fromEntries(Object.keys(valid).map((name) => [name, null]));
    expect(issuesOfChange(nulls).map(({ pointer }) => pointer)).toEqual(Object.keys(valid).map((name) => `#/${name}`));
  });

  test("is judged by the rules of a new user", () => {
    expect(issuesOfChange({ dob: "2026-06-16", email: "no", user_id: "7", x: 1 }).map(({ code }) => code)).toEqual([
      "invalid-email",
      "date-out-of-range",
      "read-only",
      "unknown-field",
    ]);
  });
});
