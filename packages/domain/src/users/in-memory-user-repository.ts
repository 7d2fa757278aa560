import {
  applyUpdate,
  DEFAULT_STATUS,
  UNIQUE_FIELDS,
  UserError,
  type IdempotencyRecord,
  type NewUser,
  type Precondition,
  type RequestContext,
  type UniqueFieldName,
  type User,
  type UserRepository,
} from "../index.ts";

/**
 * Creates a repository that keeps users in memory, for tests and as a reference for adapters. No method awaits
 * anything, so each of them is atomic.
 */
export function createInMemoryUserRepository(): UserRepository {
  const users = new Map<string, NewUser>();
  /** The ids of users by the name of a unique field and a canonical value. */
  const idsByValue = new Map<string, string>();
  const idempotencyRecords = new Map<string, IdempotencyRecord & { readonly user_id: string }>();

  return {
    async insert(user, idempotency, context) {
      throwIfAborted(context);
      const earlier = idempotency && idempotencyRecords.get(idempotency.key);
      if (earlier && earlier.expires_at > idempotency.created_at) {
        if (earlier.fingerprint !== idempotency.fingerprint) throw new UserError("idempotency-key-reused");
        return earlier.user_id;
      }
      const existingUser = users.get(user.user_id);
      if (existingUser) throw new UserError("id-taken", { existingUser: copyUser(existingUser) });
      replaceValues(undefined, user);
      users.set(user.user_id, copyUser(user));
      if (idempotency) idempotencyRecords.set(idempotency.key, { ...idempotency, user_id: user.user_id });
      return user.user_id;
    },

    async get(id, context) {
      throwIfAborted(context);
      const user = users.get(id);
      return user && copyUser(user);
    },

    async findBy(field, value, context) {
      throwIfAborted(context);
      const user = users.get(idsByValue.get(toKey(field, value)) ?? "");
      return user && copyUser(user);
    },

    async list({ limit, after = "", status }, context) {
      throwIfAborted(context);
      const following = [...users.values()].filter((user) => user.user_id > after);
      const matching = following.filter((user) => !status || (user.status ?? DEFAULT_STATUS) === status);
      const page = matching.toSorted((left, right) => (left.user_id < right.user_id ? -1 : 1)).slice(0, limit);
      return { users: page.map(copyUser), next: matching.length > limit ? page.at(-1)?.user_id : undefined };
    },

    async update(id, update, { updated_at, ifVersionIn }, context) {
      throwIfAborted(context);
      const user = getAtVersion(id, { ifVersionIn });
      const updated = applyUpdate(user, update, updated_at);
      replaceValues(user, updated);
      users.set(id, updated);
      return copyUser(updated);
    },

    async delete(id, precondition, context) {
      throwIfAborted(context);
      replaceValues(getAtVersion(id, precondition), undefined);
      users.delete(id);
    },
  };

  function getAtVersion(id: string, { ifVersionIn }: Precondition): NewUser {
    const user = users.get(id);
    if (!user) throw new UserError("not-found");
    if (ifVersionIn && !ifVersionIn.includes(user.version)) {
      throw new UserError("stale-version", { currentVersion: user.version });
    }
    return user;
  }

  /** Releases the unique values of a user before a write, and claims those after it, or changes nothing. */
  function replaceValues(before: NewUser | undefined, after: NewUser | undefined): void {
    const newKeys = listKeys(after);
    for (const { key, takenCode } of newKeys) {
      const owner = idsByValue.get(key);
      if (owner !== undefined && owner !== after?.user_id) throw new UserError(takenCode);
    }
    for (const { key } of listKeys(before)) idsByValue.delete(key);
    for (const { key } of newKeys) idsByValue.set(key, after!.user_id);
  }
}

/** Returns the keys of the unique values of a user. */
function listKeys(user: User | undefined) {
  return UNIQUE_FIELDS.flatMap(({ field, takenCode }) => {
    const value = user?.[field];
    return value === undefined ? [] : [{ key: toKey(field, value), takenCode }];
  });
}

function toKey(field: UniqueFieldName, value: string): string {
  const { canonicalize } = UNIQUE_FIELDS.find((unique) => unique.field === field)!;
  return `${field}#${canonicalize(value)}`;
}

function throwIfAborted({ signal }: RequestContext): void {
  if (signal.aborted) throw new UserError("unavailable", { cause: signal.reason });
}

function copyUser(user: NewUser): NewUser {
  return { ...user, ...(user.metadata && { metadata: { ...user.metadata } }) };
}
