import {
  canonicalizeEmail,
  isUserError,
  type RequestContext,
  type User,
  type UserErrorCode,
  type UserRepository,
  type UserUpdate,
} from "@user-management/domain";

/** An operation of the port on one user. */
export type UserOperation =
  | { readonly name: "get" }
  | { readonly name: "findByEmail"; readonly email: string }
  | {
      readonly name: "update";
      readonly update: UserUpdate;
      readonly updated_at: string;
      readonly ifVersionIn?: readonly number[];
    }
  | { readonly name: "delete"; readonly ifVersionIn?: readonly number[] };

/** The returned user, if there is one, or the error that was thrown. */
export type UserOutcome =
  | { readonly user: User | undefined }
  | { readonly error: UserErrorCode; readonly currentVersion?: number | undefined };

/** Specifies the port for one user without concurrency. The state is the stored user, or `undefined` after a delete. */
export function applyToUser(
  user: User | undefined,
  operation: UserOperation,
): { readonly state: User | undefined; readonly outcome: UserOutcome } {
  if (operation.name === "get") return { state: user, outcome: { user } };
  if (operation.name === "findByEmail") {
    const isFound = user?.email !== undefined && canonicalizeEmail(user.email) === canonicalizeEmail(operation.email);
    return { state: user, outcome: { user: isFound ? user : undefined } };
  }
  if (!user) return { state: user, outcome: { error: "not-found" } };
  const { ifVersionIn } = operation;
  if (ifVersionIn && !ifVersionIn.includes(user.version)) {
    return { state: user, outcome: { error: "stale-version", currentVersion: user.version } };
  }
  if (operation.name === "delete") return { state: undefined, outcome: { user: undefined } };
  const { update, updated_at } = operation;
  const members = Object.entries({ ...user, ...update, version: user.version + 1, updated_at });
  const updated = Object.fromEntries(members.filter(([, value]) => value !== null)) as unknown as User;
  return { state: updated, outcome: { user: updated } };
}

/** Calls the repository, and returns the outcome, or `undefined` if it is unknown. */
export async function execute(
  users: UserRepository,
  id: string,
  operation: UserOperation,
  context: RequestContext,
): Promise<UserOutcome | undefined> {
  try {
    return { user: await call(users, id, operation, context) };
  } catch (error) {
    if (!isUserError(error)) throw error;
    const { code, currentVersion } = error;
    return code === "unavailable" ? undefined : { error: code, currentVersion };
  }
}

async function call(
  users: UserRepository,
  id: string,
  operation: UserOperation,
  context: RequestContext,
): Promise<User | undefined> {
  if (operation.name === "get") return users.get(id, context);
  if (operation.name === "findByEmail") return users.findBy("email", operation.email, context);
  if (operation.name === "update") return users.update(id, operation.update, operation, context);
  await users.delete(id, operation, context);
  return undefined;
}
