import {
  isUserError,
  UNIQUE_FIELDS,
  USER_ERROR_MESSAGES,
  UserError,
  type NewUser,
  type UniqueFieldName,
  type User,
  type UserRepository,
} from "@user-management/domain";
import type { StoreSettings } from "../settings.ts";
import { findDifferingMembers } from "./compare-users.ts";
import type { Retry } from "./retry.ts";
import { describeUnstorable } from "./storable.ts";

/** The result for one user. A failure contains no value of the user. */
export type CopyResult =
  | { readonly outcome: "created" | "replaced" | "unchanged" }
  | { readonly outcome: "failed"; readonly code: string; readonly detail: string };

export interface CopyUserOptions {
  readonly source: UserRepository;
  readonly target: UserRepository;
  readonly targetKind: StoreSettings["kind"];
  readonly retry: Retry;
  /** Waits until the next write may begin. */
  readonly beforeWrite: (() => Promise<void>) | undefined;
}

/** The number of attempts to replace a user that other programs change in the target concurrently. */
const MAX_ROUNDS = 5;

/** Creates a function that copies the stored form of a user, without validation, and never throws for the user itself. */
export function createCopyUser(options: CopyUserOptions): (user: User) => Promise<CopyResult> {
  const { source, target, targetKind, retry, beforeWrite } = options;
  return (user) => copyUser(user, []);

  /** @param dependents the ids of the users that wait for a unique value of this one */
  async function copyUser(user: User, dependents: readonly string[]): Promise<CopyResult> {
    const reason = describeUnstorable(user, targetKind);
    if (reason !== undefined) return fail("not-storable", reason);
    // A read costs a fraction of a write that fails, and is not subject to the rate of writes.
    const existingUser = await retry((context) => target.get(user.user_id, context));
    let conflict = existingUser ? new UserError("id-taken", { existingUser }) : await insertUser(user);
    let removed: User | undefined;
    for (let round = 0; conflict; round += 1) {
      const stored = conflict.existingUser;
      if (stored && findDifferingMembers(user, stored).length === 0) {
        return { outcome: removed ? "replaced" : "unchanged" };
      }
      if (stored && user.version <= stored.version) {
        return fail("different", "The user in the target differs and is not older.");
      }
      const taken = stored ? await findTakenField(user) : findField(conflict);
      if (!stored && !taken) return fail("not-storable", "The target reserves the id.");
      if (round === MAX_ROUNDS || (taken && !(await copyOwner(user, taken.field, dependents)))) {
        if (removed) await insertUser(removed);
        const code = taken?.takenCode ?? "id-taken";
        return fail(code, USER_ERROR_MESSAGES[code]);
      }
      if (stored && !taken) {
        await deleteUser(stored);
        removed = stored;
      }
      conflict = await insertUser(user);
    }
    return { outcome: removed ? "replaced" : "created" };
  }

  /** Returns the error if the id or a unique value is taken. */
  async function insertUser(user: User): Promise<UserError | undefined> {
    let attempts = 0;
    try {
      await retry((context) => {
        attempts += 1;
        return target.insert(user as NewUser, undefined, context);
      }, beforeWrite);
      return undefined;
    } catch (error) {
      if (!isUserError(error) || error.code === "unavailable") throw error;
      // An attempt whose response was lost has stored the user.
      const isOwn = attempts > 1 && error.existingUser && findDifferingMembers(user, error.existingUser).length === 0;
      return isOwn ? undefined : error;
    }
  }

  /** Deletes an older user. If another program has changed or deleted it, the next insert finds out. */
  async function deleteUser({ user_id, version }: User): Promise<void> {
    try {
      await retry((context) => target.delete(user_id, { ifVersionIn: [version] }, context), beforeWrite);
    } catch (error) {
      if (!isUserError(error) || error.code === "unavailable") throw error;
    }
  }

  /** Returns the first unique field whose value another user has in the target, before the older user is deleted. */
  async function findTakenField(user: User) {
    for (const unique of UNIQUE_FIELDS) {
      const owner = await findOwner(user, unique.field);
      if (owner && owner.user_id !== user.user_id) return unique;
    }
    return undefined;
  }

  function findOwner(user: User, field: UniqueFieldName): Promise<User | undefined> {
    const value = user[field];
    return value === undefined ? Promise.resolve(undefined) : retry((context) => target.findBy(field, value, context));
  }

  /**
   * Copies the user that has a unique value in the target, if it no longer has the value in the source.
   *
   * @returns whether the value may be free now
   */
  async function copyOwner(user: User, field: UniqueFieldName, dependents: readonly string[]): Promise<boolean> {
    const owner = await findOwner(user, field);
    if (!owner || owner.user_id === user.user_id) return true;
    if (dependents.includes(owner.user_id)) return false;
    const current = await retry((context) => source.get(owner.user_id, context));
    if (!current || canonicalize(field, current) === canonicalize(field, user)) return false;
    return (await copyUser(current, [...dependents, user.user_id])).outcome !== "failed";
  }
}

function canonicalize(field: UniqueFieldName, user: User): string | undefined {
  const value = user[field];
  return value === undefined ? undefined : UNIQUE_FIELDS.find((unique) => unique.field === field)!.canonicalize(value);
}

/** Returns the unique field whose value is taken, or `undefined` for an error that concerns the id. */
function findField({ code }: UserError) {
  return UNIQUE_FIELDS.find(({ takenCode }) => takenCode === code);
}

function fail(code: string, detail: string): CopyResult {
  return { outcome: "failed", code, detail };
}
