import * as v from "valibot";
import type { UserIssueCode } from "../errors.ts";

/*
 * The rules for the values of fields. A schema validates and normalizes a value; the message of each of its actions is the
 * code of the issue that the action reports.
 */

export const GENDERS = ["Male", "Female", "Non-binary", "Other", "Unspecified"] as const;

export const STATUSES = ["active", "suspended"] as const;

export type Status = (typeof STATUSES)[number];

/** The status of a user without one. It is not stored. */
export const DEFAULT_STATUS = "active";

export const EARLIEST_DOB = "1900-01-01";

/** Types the message of a valibot action. */
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
    // The pattern also rejects lone surrogates, for those who read it in the OpenAPI document.
    v.regex(/^[^\p{Cc}\p{Cs}]*$/u, code("control-character")),
    // U+2800 is a blank of the Braille block; no property of Unicode covers it.
    v.regex(/[^\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u, code("empty")),
  );
}

/**
 * Reports whether a text has more than `max` code points. It counts them in the first `2 * max + 1` UTF-16 code units only,
 * which contain at least `max + 1` code points.
 */
export function isLongerThan(value: string, max: number): boolean {
  return value.length > max && Array.from(value.slice(0, 2 * max + 1)).length > max;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  // `Date.parse` accepts 2024-02-30 and returns the first of March.
  return new Date(`${value}T00:00:00Z`).getUTCDate() === Number(value.slice("YYYY-MM-".length));
}

/** The latest date depends on the day of the request: see `parseNewUser`. */
export const dob = v.pipe(
  string,
  v.metadata({ format: "date", pattern: "^(?:19|[2-9][0-9])" }),
  v.check(isDate, code("invalid-date")),
  v.check((date) => date >= EARLIEST_DOB, code("date-out-of-range")),
);

/**
 * The characters of a "valid email address" in the HTML standard, restricted by RFC 5321: a local part of at most 64
 * characters without leading, trailing or doubled dots, and a domain of two or more labels, the last of which is not a
 * number.
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

/** Longer than a phone number with any usual separators. The limit bounds the size of a stored user. */
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
export const externalId = text(255);
export const gender = v.picklist(GENDERS, code("invalid-gender"));
export const status = v.picklist(STATUSES, code("invalid-status"));
