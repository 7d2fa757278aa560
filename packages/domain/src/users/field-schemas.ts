import * as v from "valibot";
import type { UserIssueCode } from "../errors.ts";

export const GENDERS = ["Male", "Female", "Non-binary", "Other", "Unspecified"] as const;

export const EARLIEST_DOB = "1900-01-01";

/** The message of a valibot action is the code of the issue it reports. */
const code = (issueCode: UserIssueCode): UserIssueCode => issueCode;

const string = v.string(code("not-a-string"));

/** Trimmed text in Unicode NFC. `max` counts code points, as `maxLength` does in JSON Schema. */
function text(max: number) {
  return v.pipe(
    string,
    v.check((value) => value.isWellFormed(), code("malformed-text")),
    v.normalize("NFC"),
    v.trim(),
    v.minLength(1, code("empty")),
    v.check((value) => !isLongerThan(value, max), code("too-long")),
    v.metadata({ maxLength: max }),
    v.regex(/^\P{Cc}*$/u, code("control-character")),
    // U+2800 is a blank of the Braille block; no property of Unicode covers it.
    v.regex(/[^\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u, code("empty")),
  );
}

/** Counts at most `max + 1` code points. A string has at least half as many code points as UTF-16 code units. */
function isLongerThan(value: string, max: number): boolean {
  return value.length > max && Array.from(value.slice(0, 2 * max + 1)).length > max;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  // `Date.parse` accepts 2024-02-30 and returns the first of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

/** The latest date depends on the day of the request: see `parseNewUser`. */
export const dob = v.pipe(
  string,
  v.metadata({ format: "date" }),
  v.check(isDate, code("invalid-date")),
  v.check((date) => date >= EARLIEST_DOB, code("date-out-of-range")),
);

/**
 * The characters of a "valid email address" in the HTML standard, restricted by RFC 5321: a local part of at most 64
 * characters without leading, trailing or doubled dots, and a domain of two or more labels whose last is not a number.
 */
const EMAIL =
  /^(?=[^@]{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?\.)+(?!\d+$)[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?$/;

export const email = v.pipe(
  string,
  v.metadata({ format: "email" }),
  v.trim(),
  v.maxLength(254, code("invalid-email")),
  v.regex(EMAIL, code("invalid-email")),
);

/** Exceeds every phone number with its separators; it bounds the size of a stored user. */
const PHONE_NUMBER_MAX_LENGTH = 64;

export const phoneNumber = v.pipe(
  string,
  v.trim(),
  v.maxLength(PHONE_NUMBER_MAX_LENGTH, code("too-long")),
  v.metadata({ maxLength: PHONE_NUMBER_MAX_LENGTH }),
  v.regex(/^\+?\d(?:[ .()-]*\d){6,14}$/, code("invalid-phone-number")),
);

export const name = text(100);
export const address = text(500);
export const gender = v.picklist(GENDERS, code("invalid-gender"));
