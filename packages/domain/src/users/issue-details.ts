import * as v from "valibot";
import type { UserIssueCode } from "../errors.ts";
import { MAX_METADATA_MEMBERS, MAX_METADATA_VALUE_LENGTH } from "./metadata.ts";
import { USER_FIELDS, type UserFieldName } from "./user-fields.ts";
import { EARLIEST_DOB, GENDERS, STATUSES } from "./value-schemas.ts";

/** The violated rule for each code. {@link describeIssue} replaces `{maxLength}` by the maximum length of the field. */
const DETAILS: Record<UserIssueCode, string> = {
  required: "is required",
  "not-a-string": "must be a string",
  "malformed-text": "must be well-formed Unicode",
  empty: "must contain a visible character",
  "too-long": "must have at most {maxLength} characters",
  "control-character": "must not contain control characters",
  "invalid-date": "must be an existing date in the form YYYY-MM-DD",
  "date-out-of-range": `must be a date from ${EARLIEST_DOB} to today (UTC)`,
  "invalid-gender": `must be one of ${GENDERS.join(", ")}`,
  "invalid-email": "must be an email address",
  "invalid-phone-number":
    "must have 7 to 15 digits, with an optional leading + and spaces, dots, hyphens or parentheses between digits",
  "invalid-status": `must be one of ${STATUSES.join(", ")}`,
  "invalid-name": "must have a name of 1 to 40 letters, digits, underscores, dots or hyphens",
  "too-many-members": `must have at most ${MAX_METADATA_MEMBERS} members`,
  "read-only": "is set by the service",
  "unknown-field": "is not a field of a user",
  "not-an-object": "must be an object",
  "empty-change": "must contain at least one field",
};

/** Describes the violated rule, to be read after the name of the field. The description never contains the value. */
export function describeIssue(code: UserIssueCode, field?: UserFieldName): string {
  const { maxLength = MAX_METADATA_VALUE_LENGTH } = (field ? v.getMetadata(USER_FIELDS[field].schema) : {}) as {
    maxLength?: number;
  };
  return DETAILS[code].replace("{maxLength}", String(maxLength));
}
