import * as v from "valibot";
import { UserError, type UserIssue, type UserIssueCode } from "../errors.ts";
import { describeIssue } from "./issue-details.ts";
import { DEFAULT_STATUS } from "./value-schemas.ts";
import {
  newUserSchema,
  userUpdateSchema,
  type UserFieldName,
  type UserFields,
  type UserUpdate,
} from "./user-fields.ts";

/**
 * Validates and normalizes the fields of a new user. The default status and empty metadata are omitted.
 *
 * @param input any value that a client sent
 * @param today the current date, `YYYY-MM-DD` in UTC; the latest valid date of birth
 * @throws UserError `invalid-user`, with one issue per invalid field
 */
export function parseNewUser(input: unknown, today: string): UserFields {
  const { status, metadata, ...fields } = parseFields(newUserSchema, input, today);
  return {
    ...fields,
    ...(status !== undefined && status !== DEFAULT_STATUS && { status }),
    ...(metadata !== undefined && Object.keys(metadata).length > 0 && { metadata }),
  };
}

/**
 * Validates and normalizes a partial update, which must contain at least one field. The default status becomes `null`.
 *
 * @param input any value that a client sent
 * @param today the current date, `YYYY-MM-DD` in UTC; the latest valid date of birth
 * @throws UserError `invalid-user`, with one issue per invalid field
 */
export function parseUserUpdate(input: unknown, today: string): UserUpdate {
  const update = parseFields(userUpdateSchema, input, today);
  if (Object.keys(update).length === 0) throw createInvalidUserError([createIssue("#", "empty-change")]);
  return update.status === DEFAULT_STATUS ? { ...update, status: null } : update;
}

function parseFields<Schema extends typeof newUserSchema | typeof userUpdateSchema>(
  schema: Schema,
  input: unknown,
  today: string,
): v.InferOutput<Schema> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw createInvalidUserError([createIssue("#", "not-an-object")]);
  }
  const fields = omitUndefined(input);
  const result = v.safeParse(schema, fields, { abortPipeEarly: true });
  const issues = (result.issues ?? []).map(toIssue);
  const dob = fields["dob"];
  if (typeof dob === "string" && dob > today && !issues.some(({ pointer }) => pointer === "#/dob")) {
    issues.push(createIssue("#/dob", "date-out-of-range"));
  }
  for (const field of Object.keys(fields)) {
    if (!Object.hasOwn(schema.entries, field)) {
      issues.push(createIssue(toPointer([field]), field === "user_id" ? "read-only" : "unknown-field"));
    }
  }
  if (issues.length > 0 || !result.success) throw createInvalidUserError(issues);
  return result.output;
}

function toIssue(issue: v.BaseIssue<unknown>): UserIssue {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const code = issue.message as UserIssueCode;
  return { pointer: toPointer(path), code, detail: describeIssue(code, path[0] as UserFieldName) };
}

function createIssue(pointer: string, code: UserIssueCode): UserIssue {
  return { pointer, code, detail: describeIssue(code) };
}

/** Formats a path as a JSON Pointer in a URI fragment: escaped by RFC 6901 section 3, then percent-encoded. */
function toPointer(path: readonly string[]): string {
  return `#/${path.map(escapeName).join("/")}`;
}

function escapeName(name: string): string {
  return encodeURIComponent(name.toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** Drops members that are `undefined`. JSON has none, but a caller in TypeScript may set a field to `undefined`. */
function omitUndefined(input: object): Record<string, unknown> {
  const members: Record<string, unknown> = { ...input };
  if (!Object.values(members).includes(undefined)) return members;
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function createInvalidUserError(issues: readonly UserIssue[]): UserError {
  return new UserError("invalid-user", { issues });
}
