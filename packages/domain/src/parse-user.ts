import * as v from "valibot";
import { UserError, type UserIssue, type UserIssueCode } from "./user-error.ts";
import { newUserSchema, userChangeSchema, type UserChange, type UserFields } from "./user-fields.ts";

/**
 * The fields of a new user, normalised, from whatever a client sent.
 *
 * @param today the day it is, `YYYY-MM-DD` in UTC: nobody is born after it
 * @throws UserError `invalid-user`, with an issue for every wrong field
 */
export function parseNewUser(input: unknown, today: string): UserFields {
  return parseFields(newUserSchema, input, today);
}

/**
 * The change of a user, normalised, from whatever a client sent. It has at least one field.
 *
 * @param today the day it is, `YYYY-MM-DD` in UTC
 * @throws UserError `invalid-user`, with an issue for every wrong field
 */
export function parseUserChange(input: unknown, today: string): UserChange {
  const change = parseFields(userChangeSchema, input, today);
  if (Object.keys(change).length === 0) {
    throw invalid([{ pointer: "#", code: "empty-change", detail: "must change at least one field" }]);
  }
  return change;
}

type FieldsSchema = typeof newUserSchema | typeof userChangeSchema;

function parseFields<Schema extends FieldsSchema>(
  schema: Schema,
  input: unknown,
  today: string,
): v.InferOutput<Schema> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw invalid([{ pointer: "#", code: "not-an-object", detail: "must be an object" }]);
  }
  const sent = withoutUndefined(input);
  const result = v.safeParse(schema, sent, { abortPipeEarly: true });
  const issues = (result.issues ?? []).map(toIssue);
  const dob = sent["dob"];
  if (typeof dob === "string" && dob > today && !issues.some(({ pointer }) => pointer === "#/dob")) {
    issues.push({ pointer: "#/dob", code: "date-out-of-range", detail: "must not be in the future" });
  }
  for (const name of Object.keys(sent)) {
    if (!Object.hasOwn(schema.entries, name)) issues.push(foreignField(name));
  }
  if (issues.length > 0 || !result.success) throw invalid(issues);
  return result.output;
}

function toIssue(issue: v.BaseIssue<unknown>): UserIssue {
  const [code, detail] = issue.message.split(": ", 2) as [UserIssueCode, string];
  return { pointer: `#/${v.getDotPath(issue)}`, code, detail };
}

function foreignField(name: string): UserIssue {
  return name === "user_id"
    ? { pointer: "#/user_id", code: "read-only", detail: "is set by the service" }
    : { pointer: pointerTo(name), code: "unknown-field", detail: "is not a field of a user" };
}

/** A name as a JSON pointer in a URI fragment: escaped as RFC 6901 section 3 says, then percent-encoded. */
function pointerTo(name: string): string {
  return `#/${encodeURIComponent(name.toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1"))}`;
}

/** JSON has no `undefined`; a caller in TypeScript may write one for a field that is not sent. */
function withoutUndefined(input: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function invalid(issues: readonly UserIssue[]): UserError {
  return new UserError("invalid-user", { issues });
}
