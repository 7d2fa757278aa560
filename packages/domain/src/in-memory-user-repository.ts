import {
  canonicalEmail,
  UserError,
  type NewUser,
  type Once,
  type Precondition,
  type User,
  type UserRepository,
} from "./index.ts";

/**
 * A repository that keeps users in memory, as long as the process lives: for tests, and to read what a repository
 * is. Every method does its work in one turn, so nothing comes between what it reads and what it writes.
 */
export function createInMemoryUserRepository(): UserRepository {
  const users = new Map<string, NewUser>();
  const ids = new Map<string, string>();
  const remembered = new Map<string, Once & { user_id: string }>();

  return {
    async insert(user, once) {
      const earlier = once && remembered.get(once.key);
      if (earlier && earlier.expires_at > once.created_at) {
        if (earlier.fingerprint !== once.fingerprint) throw new UserError("idempotency-key-reused");
        return earlier.user_id;
      }
      claim(user.email, user.user_id);
      users.set(user.user_id, { ...user });
      if (once) remembered.set(once.key, { ...once, user_id: user.user_id });
      return user.user_id;
    },

    async find(id) {
      return copy(users.get(id));
    },

    async findByEmail(email) {
      const id = ids.get(canonicalEmail(email));
      return id === undefined ? undefined : copy(users.get(id));
    },

    async list({ limit, after = "" }) {
      const behind = [...users.keys()].filter((id) => id > after).toSorted();
      const page = behind.slice(0, limit);
      return {
        users: page.map((id) => ({ ...users.get(id)! })),
        next: behind.length > limit ? page.at(-1) : undefined,
      };
    },

    async update(id, change, { updated_at, ifVersion }) {
      const user = required(id, { ifVersion });
      if (change.email !== undefined) {
        claim(change.email, id);
        if (canonicalEmail(change.email) !== canonicalEmail(user.email)) ids.delete(canonicalEmail(user.email));
      }
      const { firstname, ...others } = { ...user, ...change, version: user.version + 1, updated_at };
      const changed = firstname == null ? others : { ...others, firstname };
      users.set(id, changed);
      return { ...changed };
    },

    async remove(id, precondition = {}) {
      const user = required(id, precondition);
      users.delete(id);
      ids.delete(canonicalEmail(user.email));
    },
  };

  function required(id: string, { ifVersion }: Precondition): NewUser {
    const user = users.get(id);
    if (!user) throw new UserError("not-found");
    if (ifVersion && !ifVersion.includes(user.version)) {
      throw new UserError("stale-version", { currentVersion: user.version });
    }
    return user;
  }

  function claim(email: string, id: string): void {
    const address = canonicalEmail(email);
    const owner = ids.get(address);
    if (owner !== undefined && owner !== id) throw new UserError("email-taken");
    ids.set(address, id);
  }
}

function copy(user: User | undefined): User | undefined {
  return user && { ...user };
}
