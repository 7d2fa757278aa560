import { parseNewUser, parseUserChange } from "./parse-user.ts";
import type { User } from "./user.ts";
import type { NewUser, Once, Page, PageRequest, Precondition, UserRepository } from "./user-repository.ts";

/** How long an idempotency key is remembered, in seconds. */
export const IDEMPOTENCY_SECONDS = 24 * 60 * 60;

/** The use cases. Every one may throw {@link UserError} `unavailable`. */
export interface UserService {
  /**
   * Creates a user from whatever a client sent. With a key, the same content creates one user however often and
   * however concurrently it is sent within 24 hours.
   *
   * @throws UserError `invalid-user`, `email-taken`, `idempotency-key-reused`
   */
  create(input: unknown, options?: { idempotencyKey?: string | undefined }): Promise<Created>;
  /** The user with this id, or `undefined`. */
  find(id: string): Promise<User | undefined>;
  /** The user with this address in any case, or `undefined`. */
  findByEmail(email: string): Promise<User | undefined>;
  /** A page of all users; see {@link UserRepository.list}. */
  list(page: PageRequest): Promise<Page>;
  /**
   * Changes the fields that a client sent, and no others.
   *
   * @throws UserError `invalid-user`, `not-found`, `stale-version`, `email-taken`
   */
  change(id: string, input: unknown, precondition?: Precondition): Promise<User>;
  /** @throws UserError `not-found`, `stale-version` */
  remove(id: string, precondition?: Precondition): Promise<void>;
  /** Resolves when the store answers. */
  probe(): Promise<void>;
}

/** A user just created, or the id of the one whom an earlier request with the same key has created. */
export type Created =
  | { readonly replayed: false; readonly user_id: string; readonly user: User }
  | { readonly replayed: true; readonly user_id: string };

interface UserServiceOptions {
  readonly users: UserRepository;
  readonly now: () => Date;
  /** A new UUID, lower case. */
  readonly newId: () => string;
  /** A digest that nobody can invert or collide, such as SHA-256: keys and contents are remembered by it alone. */
  readonly digest: (text: string) => string;
}

export function createUserService({ users, now, newId, digest }: UserServiceOptions): UserService {
  return {
    async create(input, { idempotencyKey } = {}) {
      const at = now().toISOString();
      const fields = parseNewUser(input, dayOf(at));
      const user: NewUser = { user_id: newId(), ...fields, version: 1, created_at: at, updated_at: at };
      const user_id = await users.insert(
        user,
        idempotencyKey === undefined ? undefined : once(idempotencyKey, fields, at),
      );
      return user_id === user.user_id ? { replayed: false, user_id, user } : { replayed: true, user_id };
    },

    find: (id) => users.find(id),

    findByEmail: (email) => users.findByEmail(email),

    list: (page) => users.list(page),

    async change(id, input, precondition = {}) {
      const at = now().toISOString();
      return users.update(id, parseUserChange(input, dayOf(at)), { ...precondition, updated_at: at });
    },

    remove: (id, precondition) => users.remove(id, precondition),

    async probe() {
      await users.find(NOBODY);
    },
  };

  function once(key: string, content: unknown, at: string): Once {
    const created_at = Math.floor(Date.parse(at) / 1000);
    return {
      key: digest(key),
      fingerprint: digest(JSON.stringify(content)),
      created_at,
      expires_at: created_at + IDEMPOTENCY_SECONDS,
    };
  }
}

/** The nil UUID (RFC 9562 section 5.9), which is never given to a user. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

function dayOf(iso: string): string {
  return iso.slice(0, 10);
}
