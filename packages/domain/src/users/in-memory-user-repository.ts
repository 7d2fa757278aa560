import {
  canonicalizeEmail,
  UserError,
  type IdempotencyRecord,
  type NewUser,
  type Precondition,
  type RequestContext,
  type User,
  type UserRepository,
} from "../index.ts";

/**
 * Creates a repository that keeps users in memory, for tests and as a reference for adapters. No method awaits
 * anything, so each of them is atomic.
 */
export function createInMemoryUserRepository(): UserRepository {
  const users = new Map<string, NewUser>();
  const idsByEmail = new Map<string, string>();
  const idempotencyRecords = new Map<string, IdempotencyRecord & { readonly user_id: string }>();

  return {
    async insert(user, idempotency, context) {
      throwIfAborted(context);
      const earlier = idempotency && idempotencyRecords.get(idempotency.key);
      if (earlier && earlier.expires_at > idempotency.created_at) {
        if (earlier.fingerprint !== idempotency.fingerprint) throw new UserError("idempotency-key-reused");
        return earlier.user_id;
      }
      claimEmail(user.email, user.user_id);
      users.set(user.user_id, { ...user });
      if (idempotency) idempotencyRecords.set(idempotency.key, { ...idempotency, user_id: user.user_id });
      return user.user_id;
    },

    async get(id, context) {
      throwIfAborted(context);
      return copyUser(users.get(id));
    },

    async findByEmail(email, context) {
      throwIfAborted(context);
      const id = idsByEmail.get(canonicalizeEmail(email));
      return id === undefined ? undefined : copyUser(users.get(id));
    },

    async list({ limit, after = "" }, context) {
      throwIfAborted(context);
      const ids = [...users.keys()].filter((id) => id > after).toSorted();
      const page = ids.slice(0, limit);
      return { users: page.map((id) => ({ ...users.get(id)! })), next: ids.length > limit ? page.at(-1) : undefined };
    },

    async update(id, update, { updated_at, ifVersionIn }, context) {
      throwIfAborted(context);
      const user = getAtVersion(id, { ifVersionIn });
      if (update.email !== undefined) {
        claimEmail(update.email, id);
        const [oldEmail, newEmail] = [canonicalizeEmail(user.email), canonicalizeEmail(update.email)];
        if (newEmail !== oldEmail) idsByEmail.delete(oldEmail);
      }
      const members = Object.entries({ ...user, ...update, version: user.version + 1, updated_at });
      const updated = Object.fromEntries(members.filter(([, value]) => value !== null)) as unknown as NewUser;
      users.set(id, updated);
      return { ...updated };
    },

    async delete(id, precondition, context) {
      throwIfAborted(context);
      const user = getAtVersion(id, precondition);
      users.delete(id);
      idsByEmail.delete(canonicalizeEmail(user.email));
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

  function claimEmail(email: string, id: string): void {
    const key = canonicalizeEmail(email);
    const owner = idsByEmail.get(key);
    if (owner !== undefined && owner !== id) throw new UserError("email-taken");
    idsByEmail.set(key, id);
  }
}

function throwIfAborted({ signal }: RequestContext): void {
  if (signal.aborted) throw new UserError("unavailable", { cause: signal.reason });
}

function copyUser(user: User | undefined): User | undefined {
  return user && { ...user };
}
