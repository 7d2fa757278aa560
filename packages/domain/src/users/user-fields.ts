import * as v from "valibot";
import type { UserIssueCode } from "../errors.ts";

export const GENDERS = ["Male", "Female", "Non-binary", "Other", "Unspecified"] as const;

export const EARLIEST_DOB = "1900-01-01";

/** Types the message of a valibot action: the code of the issue that the action reports. */
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

/** Counts code points in the first `2 * max + 1` UTF-16 code units only: they contain at least `max + 1` code points. */
function isLongerThan(value: string, max: number): boolean {
  return value.length > max && Array.from(value.slice(0, 2 * max + 1)).length > max;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  // `Date.parse` accepts 2024-02-30 and returns the first of March.
  return new Date(`${value}T00:00:00Z`).getUTCDate() === Number(value.slice("YYYY-MM-".length));
}

/** The latest date depends on the day of the request: see `parseNewUser`. */
const dob = v.pipe(
  string,
  v.metadata({ format: "date" }),
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

const email = v.pipe(
  string,
  v.metadata({ format: "email" }),
  v.trim(),
  v.maxLength(254, code("invalid-email")),
  v.regex(EMAIL, code("invalid-email")),
);

/** Longer than a phone number with any usual separators. The limit bounds the size of a stored user. */
const PHONE_NUMBER_MAX_LENGTH = 64;

const phoneNumber = v.pipe(
  string,
  v.trim(),
  v.maxLength(PHONE_NUMBER_MAX_LENGTH, code("too-long")),
  v.metadata({ maxLength: PHONE_NUMBER_MAX_LENGTH }),
  v.regex(/^\+?\d(?:[ .()-]*\d){6,14}$/, code("invalid-phone-number")),
);

const name = text(100);
const address = text(500);
const gender = v.picklist(GENDERS, code("invalid-gender"));

interface UserField {
  /** Validates and normalizes a value. */
  readonly schema: v.GenericSchema<unknown, string>;
  /** Whether a new user must have the field. An update with `null` removes a field that is not required. */
  readonly required: boolean;
  /** Makes the field unique by the canonical form that it returns. */
  readonly unique?: (value: string) => string;
  /** The value of the field in examples. A field without it is absent from examples. */
  readonly example?: string;
}

/**
 * The fields that clients write, in the order of the API and of the table. Schemas, storage, representation and
 * examples are derived from this table.
 */
export const USER_FIELDS = {
  lastname: { schema: name, required: true, example: "Doe" },
  firstname: { schema: name, required: false },
  dob: { schema: dob, required: true, example: "1990-01-01" },
  address: { schema: address, required: true, example: "123 Main St, City, Country" },
  gender: { schema: gender, required: true, example: "Male" },
  email: { schema: email, required: true, unique: canonicalizeEmail, example: "john.doe@example.com" },
  phone_number: { schema: phoneNumber, required: true, example: "1234567890" },
} as const satisfies Record<string, UserField>;

type Fields = typeof USER_FIELDS;
export type UserFieldName = keyof Fields;

export const USER_FIELD_NAMES = Object.keys(USER_FIELDS) as UserFieldName[];

/** The unique fields. No two users have values of the same canonical form. */
export const UNIQUE_FIELDS = Object.entries<UserField>(USER_FIELDS).flatMap(([field, { unique }]) =>
  unique ? [{ field: field as UserFieldName, canonicalize: unique }] : [],
);

/**
 * Returns the canonical form under which an email is unique: trimmed, in Unicode NFC, lower case. In practice mailboxes
 * do not distinguish case, although RFC 5321 section 2.4 allows it for the local part.
 */
export function canonicalizeEmail(value: string): string {
  return value.normalize("NFC").trim().toLowerCase();
}

type NewUserEntries = {
  [Name in UserFieldName]: Fields[Name]["required"] extends true
    ? Fields[Name]["schema"]
    : v.ExactOptionalSchema<Fields[Name]["schema"], undefined>;
};

/** The fields of a new user. */
export const newUserSchema: v.ObjectSchema<NewUserEntries, "required"> = v.object(
  mapFields(({ schema, required }) => (required ? schema : v.exactOptional(schema))) as NewUserEntries,
  "required",
);

type UserUpdateEntries = {
  [Name in UserFieldName]: v.ExactOptionalSchema<
    Fields[Name]["required"] extends true
      ? Fields[Name]["schema"]
      : v.NullableSchema<Fields[Name]["schema"], undefined>,
    undefined
  >;
};

/** A partial update. An absent field keeps its value, and `null` removes one that is not required. */
export const userUpdateSchema: v.ObjectSchema<UserUpdateEntries, undefined> = v.object(
  mapFields(({ schema, required }) => v.exactOptional(required ? schema : v.nullable(schema))) as UserUpdateEntries,
);

export type UserFields = v.InferOutput<typeof newUserSchema>;
export type UserUpdate = v.InferOutput<typeof userUpdateSchema>;

/** A valid new user, for documentation and tests. */
export const EXAMPLE_FIELDS = Object.fromEntries(
  USER_FIELD_NAMES.flatMap((field) => ("example" in USER_FIELDS[field] ? [[field, USER_FIELDS[field].example]] : [])),
) as UserFields;

function mapFields(toEntry: (field: UserField) => v.GenericSchema): Record<string, v.GenericSchema> {
  return Object.fromEntries(Object.entries(USER_FIELDS).map(([field, definition]) => [field, toEntry(definition)]));
}
