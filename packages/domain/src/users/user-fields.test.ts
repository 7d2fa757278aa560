import { describe, expect, test } from "vitest";
import { describeIssue, EXAMPLE_FIELDS, parseNewUser, type UserFields } from "../index.ts";
import { expectIssues } from "../testing/settle.ts";

const TODAY = "2026-06-15";

/** Texts without a visible character. */
const INVISIBLE = Object.entries({
  "a zero-width space": "\u200b",
  "a zero-width joiner": "\u200d",
  "a soft hyphen": "\u00ad",
  "a Hangul filler": "\u3164",
  "a blank Braille pattern": "\u2800",
  "a variation selector": "\ufe0f",
  "a tag space": "\u{e0020}",
  "several tag characters": "\u{e0041}\u{e0042}\u{e007f}",
  "a word joiner": "\u2060",
  "a right-to-left mark": "\u200f",
  "invisible characters between spaces": " \u200b \u3164\u00a0\u2800 \u200d ",
  "spaces between invisible characters": "\u200b  \u3000\u00ad",
});

/** Visible texts with characters that are invisible on their own. */
const VISIBLE = Object.entries({
  "an emoji with zero-width joiners": "👩\u200d👩\u200d👧",
  "an emoji with a variation selector": "❤\ufe0f",
  "a flag emoji with tag characters": "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
  "Persian with a zero-width non-joiner": "علی\u200cرضا",
  "Devanagari with a zero-width joiner": "क्\u200dष",
  "Hangul syllables": "김철수",
  "a Hangul letter after a filler": "\u3164ㄱ",
  "a word with a soft hyphen": "Donau\u00addampfschiff",
  "a Braille word with a blank": "⠁\u2800⠃",
  "one letter between zero-width spaces": "\u200bx\u200b",
});

/** Parses a new user whose other fields are valid. */
function parseField(field: string, value: unknown): UserFields {
  return parseNewUser({ ...EXAMPLE_FIELDS, [field]: value }, TODAY);
}

test.for([
  ["lastname", "one character", "a"],
  ["lastname", "100 characters", "x".repeat(100)],
  ["lastname", "100 code points outside the BMP", "👩".repeat(100)],
  ["lastname", "100 characters between spaces", ` ${"x".repeat(100)} `],
  ["lastname", "punctuation", "O'Brien-Smith Jr."],
  ["phone_number", "64 characters", `1${" ".repeat(57)}234567`],
  ["firstname", "one Chinese character", "李"],
  ["address", "500 characters", "x".repeat(500)],
  ["dob", "the earliest date", "1900-01-01"],
  ["dob", "a leap day", "2024-02-29"],
  ["dob", "today", TODAY],
  ["gender", "Male", "Male"],
  ["gender", "Female", "Female"],
  ["gender", "Non-binary", "Non-binary"],
  ["gender", "Other", "Other"],
  ["gender", "Unspecified", "Unspecified"],
  ["email", "an apostrophe", "o'brien@example.com"],
  ["email", "a plus tag and subdomains", "john+tag@mail.sub.example.co.uk"],
  ["email", "short labels", "a@b.cd"],
  ["email", "a local part of 64 characters", `${"l".repeat(64)}@example.com`],
  [
    "email",
    "254 characters and labels of 63",
    `a@${"d".repeat(63)}.${"d".repeat(63)}.${"d".repeat(63)}.${"d".repeat(56)}.com`,
  ],
  ["email", "an internationalized domain in Punycode", "a@xn--mnchen-3ya.de"],
  ["email", "a numeric label that is not the last", "a@1.example.com"],
  ["phone_number", "7 digits", "1234567"],
  ["phone_number", "a plus sign and 15 digits", "+123456789012345"],
  ["phone_number", "spaces and a hyphen", "020 7946-0958"],
  ["phone_number", "parentheses and dots", "+44 (0) 20.7946.0958"],
] as const)("accepts %s: %s", ([field, , value]) => {
  expect(parseField(field, value)).toHaveProperty(field, value.trim());
});

test("measures the length in NFC", () => {
  const parsed = parseField("lastname", "e\u0301".repeat(100));
  expect(parsed.lastname).toBe("\u00e9".repeat(100));
});

describe.for(["lastname", "firstname", "address"])("%s", (field) => {
  test.for(INVISIBLE)("is rejected as `empty` if it consists of %s", ([, value]) => {
    expect(expectIssues(() => parseField(field, value))).toEqual([
      { pointer: `#/${field}`, code: "empty", detail: "must contain a visible character" },
    ]);
  });

  test.for(VISIBLE)("is accepted if it is %s", ([, value]) => {
    expect(parseField(field, value)).toHaveProperty(field, value);
  });
});

test.for([
  ["lastname", "the empty string", "", "empty"],
  ["lastname", "white space", " \t\u00a0", "empty"],
  ["lastname", "101 characters", "x".repeat(101), "too-long"],
  ["lastname", "101 code points outside the BMP", "👩".repeat(101), "too-long"],
  ["lastname", "60,000 characters", "x".repeat(60_000), "too-long"],
  ["lastname", "a NUL character", "a\u0000b", "control-character"],
  ["lastname", "a line feed", "a\nb", "control-character"],
  ["lastname", "a C1 control character", "a\u0085b", "control-character"],
  ["lastname", "a lone surrogate", "\ud800", "malformed-text"],
  ["lastname", "a number", 7, "not-a-string"],
  ["lastname", "null", null, "not-a-string"],
  ["lastname", "an array", ["Doe"], "not-a-string"],
  ["lastname", "an object", { toString: "Doe" }, "not-a-string"],
  ["firstname", "the empty string", "", "empty"],
  ["firstname", "null", null, "not-a-string"],
  ["address", "501 characters", "x".repeat(501), "too-long"],
  ["address", "a DEL character", "one\u007ftwo", "control-character"],
  ["dob", "the day before the earliest date", "1899-12-31", "date-out-of-range"],
  ["dob", "the year 0", "0000-01-01", "date-out-of-range"],
  ["dob", "tomorrow", "2026-06-16", "date-out-of-range"],
  ["dob", "the year 9999", "9999-12-31", "date-out-of-range"],
  ["dob", "29 February of a common year", "2023-02-29", "invalid-date"],
  ["dob", "30 February", "2024-02-30", "invalid-date"],
  ["dob", "month 13", "1990-13-01", "invalid-date"],
  ["dob", "month 0", "1990-00-10", "invalid-date"],
  ["dob", "single digits", "1990-1-1", "invalid-date"],
  ["dob", "a date with a time", "1990-01-01T00:00:00Z", "invalid-date"],
  ["dob", "a leading space", " 1990-01-01", "invalid-date"],
  ["dob", "a date with slashes", "01/01/1990", "invalid-date"],
  ["dob", "the empty string", "", "invalid-date"],
  ["dob", "a number", 631152000, "not-a-string"],
  ["gender", "upper case", "MALE", "invalid-gender"],
  ["gender", "the empty string", "", "invalid-gender"],
  ["gender", "null", null, "invalid-gender"],
  ["email", "the empty string", "", "invalid-email"],
  ["email", "no domain", "john.doe", "invalid-email"],
  ["email", "a domain of one label", "john@localhost", "invalid-email"],
  ["email", "an empty local part", "@example.com", "invalid-email"],
  ["email", "an empty domain", "john@", "invalid-email"],
  ["email", "a leading dot", ".john@example.com", "invalid-email"],
  ["email", "a trailing dot in the local part", "john.@example.com", "invalid-email"],
  ["email", "a doubled dot in the local part", "john..doe@example.com", "invalid-email"],
  ["email", "a leading dot in the domain", "john@.example.com", "invalid-email"],
  ["email", "a trailing dot in the domain", "john@example.com.", "invalid-email"],
  ["email", "a doubled dot in the domain", "john@example..com", "invalid-email"],
  ["email", "a label with a leading hyphen", "john@-example.com", "invalid-email"],
  ["email", "a label with a trailing hyphen", "john@example-.com", "invalid-email"],
  ["email", "an IP address as the domain", "john@127.0.0.1", "invalid-email"],
  ["email", "a space in the local part", "john doe@example.com", "invalid-email"],
  ["email", "a space in the domain", "john@exa mple.com", "invalid-email"],
  ["email", "two at signs", "john@@example.com", "invalid-email"],
  ["email", "two emails", "a@b.cd, e@f.gh", "invalid-email"],
  ["email", "a quoted local part", '"john"@example.com', "invalid-email"],
  ["email", "a display name", "John <john@example.com>", "invalid-email"],
  ["email", "a NUL character", "john@example.com\u0000", "invalid-email"],
  ["email", "a Kelvin sign, whose lower case is a k", "\u212aelvin@example.com", "invalid-email"],
  ["email", "a local part of 65 characters", `${"l".repeat(65)}@example.com`, "invalid-email"],
  ["email", "a label of 64 characters", `a@${"d".repeat(64)}.com`, "invalid-email"],
  ["email", "255 characters", `a@${"d.".repeat(125)}com`, "invalid-email"],
  ["email", "60,000 characters", `${"a.".repeat(30_000)}@`, "invalid-email"],
  ["email", "a number", 1, "not-a-string"],
  ["phone_number", "6 digits", "123456", "invalid-phone-number"],
  ["phone_number", "16 digits", "1234567890123456", "invalid-phone-number"],
  ["phone_number", "the empty string", "", "invalid-phone-number"],
  ["phone_number", "two plus signs", "++1234567", "invalid-phone-number"],
  ["phone_number", "a trailing hyphen", "1234567-", "invalid-phone-number"],
  ["phone_number", "a leading hyphen", "-1234567", "invalid-phone-number"],
  ["phone_number", "a letter", "1234567x89", "invalid-phone-number"],
  ["phone_number", "a tab", "123\t4567", "invalid-phone-number"],
  ["phone_number", "Arabic-Indic digits", "١٢٣٤٥٦٧", "invalid-phone-number"],
  ["phone_number", "65 characters", `1${" ".repeat(58)}234567`, "too-long"],
  ["phone_number", "60,000 characters", `1${" ".repeat(60_000)}234567`, "too-long"],
  ["phone_number", "a number", 1234567890, "not-a-string"],
] as const)("rejects %s: %s", ([field, , value, code]) => {
  const issues = expectIssues(() => parseField(field, value));
  expect(issues).toEqual([{ pointer: `#/${field}`, code, detail: describeIssue(code, field) }]);
  if (typeof value === "string" && value.length > 3) expect(JSON.stringify(issues)).not.toContain(value.slice(0, 50));
});

describe("describeIssue", () => {
  test.for([
    ["lastname", 100],
    ["firstname", 100],
    ["address", 500],
    ["phone_number", 64],
  ] as const)("states the maximum length of %s", ([field, maxLength]) => {
    expect(describeIssue("too-long", field)).toBe(`must have at most ${maxLength} characters`);
  });
});
