import * as v from "valibot";
import type { UserIssueCode } from "./user-error.ts";

/** A rule's message: the stable code of what is wrong, then the sentence for a person. */
type Fault = `${UserIssueCode}: ${string}`;
const fault = (message: Fault): Fault => message;

export const GENDERS = ["Male", "Female", "Non-binary", "Other", "Unspecified"] as const;

const EARLIEST_BIRTH = "1900-01-01";

const string = v.string(fault("not-a-string: must be a string"));

/** Trimmed text in Unicode NFC of 1 to `max` code points, which is what JSON Schema's `maxLength` counts as well. */
function text(max: number) {
  return v.pipe(
    string,
    v.check((value) => value.isWellFormed(), fault("malformed-text: must be well-formed Unicode")),
    v.normalize("NFC"),
    v.trim(),
    v.minLength(1, fault("empty: must not be empty")),
    v.check((value) => !isLongerThan(value, max), fault(`too-long: must be at most ${max} characters`)),
    v.metadata({ maxLength: max }),
    v.regex(/^\P{Cc}*$/u, fault("control-character: must not contain control characters")),
  );
}

/** Counts code points, and no further than it must: a text has at most as many as UTF-16 units. */
function isLongerThan(value: string, max: number): boolean {
  return value.length > max && Array.from(value.slice(0, 2 * max + 1)).length > max;
}

/** A day that exists, whatever the calendar's shape suggests: 2024-02-30 does not. */
function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

const dob = v.pipe(
  string,
  v.metadata({ format: "date" }),
  v.check(isDay, fault("invalid-date: must be a day that exists, as YYYY-MM-DD")),
  v.check((day) => day >= EARLIEST_BIRTH, fault(`date-out-of-range: must not be before ${EARLIEST_BIRTH}`)),
);

/**
 * The characters of a valid email address in the HTML standard ("valid e-mail address"), with three rules of RFC 5321
 * that it leaves out: a local part of at most 64 characters with no leading, trailing or doubled dot, and a domain of at
 * least two labels of which the last is not a number.
 */
const EMAIL =
  /^(?=[^@]{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?\.)+(?!\d+$)[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?$/;

const invalidEmail = fault("invalid-email: must be an email address");

const email = v.pipe(
  string,
  v.metadata({ format: "email" }),
  v.trim(),
  v.maxLength(254, invalidEmail),
  v.regex(EMAIL, invalidEmail),
);

/** Longer than any number with its separators; a bound on what is stored. */
const PHONE_NUMBER_MAX = 64;

const phoneNumber = v.pipe(
  string,
  v.trim(),
  v.maxLength(PHONE_NUMBER_MAX, fault(`too-long: must be at most ${PHONE_NUMBER_MAX} characters`)),
  v.regex(
    /^\+?\d(?:[ .()-]*\d){6,14}$/,
    fault(
      "invalid-phone-number: must be 7 to 15 digits, with an optional leading + and spaces, dots, hyphens or parentheses between digits",
    ),
  ),
);

const name = text(100);
const address = text(500);

const gender = v.picklist(GENDERS, fault(`invalid-gender: must be one of ${GENDERS.join(", ")}`));

/** The fields that a client writes. Their names and their order are those of the API and of the table. */
export const newUserSchema = v.object(
  {
    lastname: name,
    firstname: v.exactOptional(name),
    dob,
    address,
    gender,
    email,
    phone_number: phoneNumber,
  },
  fault("required: is required"),
);

/** A partial update: a field that is absent stays as it is, and `null` removes the one that may be absent. */
export const userChangeSchema = v.object({
  lastname: v.exactOptional(name),
  firstname: v.exactOptional(v.nullable(name)),
  dob: v.exactOptional(dob),
  address: v.exactOptional(address),
  gender: v.exactOptional(gender),
  email: v.exactOptional(email),
  phone_number: v.exactOptional(phoneNumber),
});

export type UserFields = v.InferOutput<typeof newUserSchema>;
export type UserChange = v.InferOutput<typeof userChangeSchema>;
