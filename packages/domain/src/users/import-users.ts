import { isUserError, type UserErrorCode } from "../errors.ts";
import type { RequestContext } from "../request-context.ts";
import { applyUpdate } from "./apply-update.ts";
import { parseUserUpdate } from "./parse-user.ts";
import { parseUserRow, type UserRowIssue, type UserRowIssueCode } from "./parse-user-row.ts";
import type { User } from "./user.ts";
import { UNIQUE_FIELDS, USER_FIELD_NAMES, type UniqueFieldName, type UserUpdate } from "./user-fields.ts";
import type { NewUser, UserRepository } from "./user-repository.ts";
import { DEFAULT_STATUS } from "./value-schemas.ts";

/** The number of times that a row is tried while other writers change its user. */
const MAX_ATTEMPTS = 5;

type TakenCode = Extract<UserErrorCode, `${string}-taken`>;

/** A reason why a row was not imported. It never contains a value. */
export interface ImportIssue extends Omit<UserRowIssue, "code"> {
  readonly code: UserRowIssueCode | TakenCode | "stale-version";
}

/** The outcome of a row, and the id of its user; `undefined` if the row has an invalid one. */
export type ImportOutcome =
  | { readonly outcome: "created" | "updated" | "unchanged" | "skipped"; readonly user_id: string }
  | { readonly outcome: "failed"; readonly user_id: string | undefined; readonly issues: readonly ImportIssue[] };

export interface UserImporterOptions {
  readonly users: UserRepository;
  readonly now: () => Date;
  /** The treatment of a row whose user exists with other fields. An update merges them, as that of the service does. */
  readonly onConflict: "fail" | "skip" | "update";
  /** The member that identifies the user of a row, besides the id. */
  readonly match: "user_id" | UniqueFieldName;
  /** Reads only. Two rows of one import with one email or external id are then not detected. */
  readonly isDryRun: boolean;
}

/**
 * Imports a row. The id, the version and the timestamps of the row are kept if its user is created.
 *
 * @throws UserError `unavailable`; the row may be imported again, because a user that equals its row is unchanged
 */
export type ImportRow = (row: unknown, defaultId: string, context: RequestContext) => Promise<ImportOutcome>;

interface Conflict {
  readonly code: TakenCode;
  readonly existingUser?: User | undefined;
}

export function createUserImporter({ users, now, onConflict, match, isDryRun }: UserImporterOptions): ImportRow {
  return async (row, defaultId, context) => {
    const time = now().toISOString();
    const parsed = parseUserRow(row, defaultId, time);
    if ("issues" in parsed) return { outcome: "failed", ...parsed };
    const { user, fields } = parsed;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const conflict = isDryRun ? await findConflict(user, context) : await insert(user, context);
      if (!conflict) return { outcome: "created", user_id: user.user_id };
      const existingUser = (await findMatch(user, context)) ?? conflict.existingUser;
      if (!existingUser) return fail(user, toIssue(conflict));
      if (onConflict === "update") {
        const outcome = await update(existingUser, fields, time, context);
        if (outcome) return outcome;
      } else {
        if (listChanges(existingUser, user).length === 0)
          return { outcome: "unchanged", user_id: existingUser.user_id };
        if (onConflict === "skip") return { outcome: "skipped", user_id: existingUser.user_id };
        return fail(user, toIssue({ ...conflict, existingUser }));
      }
    }
    return fail(user, { pointer: "#", code: "stale-version", detail: "is updated by other writers concurrently" });
  };

  async function insert(user: NewUser, context: RequestContext): Promise<Conflict | undefined> {
    try {
      await users.insert(user, undefined, context);
      return undefined;
    } catch (error) {
      if (isUserError(error) && isTaken(error.code)) return { code: error.code, existingUser: error.existingUser };
      throw error;
    }
  }

  /** Returns the conflict with which {@link insert} would fail. */
  async function findConflict(user: NewUser, context: RequestContext): Promise<Conflict | undefined> {
    const existingUser = await users.get(user.user_id, context);
    return existingUser ? { code: "id-taken", existingUser } : findTaken(user, user.user_id, context);
  }

  async function findTaken(values: UserUpdate, id: string, context: RequestContext): Promise<Conflict | undefined> {
    for (const { field, takenCode } of UNIQUE_FIELDS) {
      const value = values[field];
      const owner = typeof value === "string" ? await users.findBy(field, value, context) : undefined;
      if (owner && owner.user_id !== id) return { code: takenCode };
    }
    return undefined;
  }

  async function findMatch(user: NewUser, context: RequestContext): Promise<User | undefined> {
    const value = match === "user_id" ? undefined : user[match];
    return match === "user_id" || value === undefined ? undefined : users.findBy(match, value, context);
  }

  /** Merges the fields of a row into a user; returns `undefined` if the user has changed since it was read. */
  async function update(
    user: User,
    fields: object,
    updated_at: string,
    context: RequestContext,
  ): Promise<ImportOutcome | undefined> {
    const { user_id, version } = user;
    try {
      const patch = parseUserUpdate(fields, updated_at.slice(0, "YYYY-MM-DD".length));
      const changes = listChanges(user, applyUpdate(user, patch, updated_at));
      if (changes.length === 0) return { outcome: "unchanged", user_id };
      const changed: UserUpdate = Object.fromEntries(changes.map((field) => [field, patch[field]]));
      const taken = isDryRun ? await findTaken(changed, user_id, context) : undefined;
      if (taken) return fail(user, toIssue(taken));
      if (!isDryRun) await users.update(user_id, changed, { updated_at, ifVersionIn: [version] }, context);
      return { outcome: "updated", user_id };
    } catch (error) {
      if (!isUserError(error) || error.code === "unavailable") throw error;
      if (isTaken(error.code)) return fail(user, toIssue({ code: error.code }));
      return error.code === "invalid-user" ? fail(user, ...error.issues) : undefined;
    }
  }
}

function isTaken(code: UserErrorCode): code is TakenCode {
  return code.endsWith("-taken");
}

function fail({ user_id }: User, ...issues: ImportIssue[]): ImportOutcome {
  return { outcome: "failed", user_id, issues };
}

function toIssue({ code, existingUser }: Conflict): ImportIssue {
  if (code === "id-taken") {
    const detail = existingUser ? "is the id of a user with other fields" : "is reserved by the store";
    return { pointer: "#/user_id", code, detail };
  }
  const { field } = UNIQUE_FIELDS.find(({ takenCode }) => takenCode === code)!;
  return { pointer: `#/${field}`, code, detail: "belongs to another user" };
}

/** Returns the fields whose values differ. */
function listChanges(before: User, after: User) {
  return USER_FIELD_NAMES.filter((field) => toComparable(before, field) !== toComparable(after, field));
}

/** Returns a text that is equal for equal values of a field. The default status may be stored or absent. */
function toComparable(user: User, field: (typeof USER_FIELD_NAMES)[number]): string | undefined {
  const value = user[field];
  if (field === "status" && value === DEFAULT_STATUS) return undefined;
  if (typeof value !== "object") return value;
  return JSON.stringify(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
