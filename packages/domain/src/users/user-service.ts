import type { RequestContext } from "../request-context.ts";
import { parseNewUser, parseUserUpdate } from "./parse-user.ts";
import type { User } from "./user.ts";
import type { UniqueFieldName } from "./user-fields.ts";
import type { IdempotencyRecord, NewUser, Page, PageRequest, Precondition, UserRepository } from "./user-repository.ts";

/** How long an idempotency key is kept, in seconds. */
export const IDEMPOTENCY_KEY_TTL_S = 24 * 60 * 60;

/** The use cases. Each of them may throw {@link UserError} `unavailable`. */
export interface UserService {
  /**
   * Creates a user. With an idempotency key, requests with the same content create one user in 24 hours, even if they
   * are sent concurrently.
   *
   * @param input any value that a client sent
   * @throws UserError `invalid-user`, `email-taken`, `external-id-taken`, `idempotency-key-reused`
   */
  create(input: unknown, options: CreateOptions, context: RequestContext): Promise<CreateResult>;
  /** Returns the user with this id, or `undefined`. */
  get(id: string, context: RequestContext): Promise<User | undefined>;
  /** Returns the user with this value of a unique field, or `undefined`; see {@link UserRepository.findBy}. */
  findBy(field: UniqueFieldName, value: string, context: RequestContext): Promise<User | undefined>;
  /** Returns a page of users; see {@link UserRepository.list}. */
  list(request: PageRequest, context: RequestContext): Promise<Page>;
  /**
   * Updates the fields in the input and no others.
   *
   * @param input any value that a client sent
   * @throws UserError `invalid-user`, `not-found`, `stale-version`, `email-taken`, `external-id-taken`
   */
  update(id: string, input: unknown, precondition: Precondition, context: RequestContext): Promise<User>;
  /** @throws UserError `not-found`, `stale-version` */
  delete(id: string, precondition: Precondition, context: RequestContext): Promise<void>;
  /** Resolves if the store is available. */
  ping(context: RequestContext): Promise<void>;
}

export interface CreateOptions {
  readonly idempotencyKey?: string | undefined;
}

/** The created user, or the id of the user that an earlier request with the same idempotency key created. */
export type CreateResult =
  | { readonly replayed: false; readonly user_id: string; readonly user: User }
  | { readonly replayed: true; readonly user_id: string };

interface UserServiceOptions {
  readonly users: UserRepository;
  readonly now: () => Date;
  /** Returns a new UUID in lower case. */
  readonly generateId: () => string;
  /** Returns a cryptographic digest, such as SHA-256. Idempotency keys and contents are stored as digests only. */
  readonly digest: (text: string) => string;
}

export function createUserService({ users, now, generateId, digest }: UserServiceOptions): UserService {
  return {
    async create(input, { idempotencyKey }, context) {
      const time = now().toISOString();
      const fields = parseNewUser(input, toDate(time));
      const user: NewUser = { user_id: generateId(), ...fields, version: 1, created_at: time, updated_at: time };
      const idempotency =
        idempotencyKey === undefined
          ? undefined
          : createIdempotencyRecord(scopeKey(idempotencyKey, context), fields, time);
      const user_id = await users.insert(user, idempotency, context);
      return user_id === user.user_id ? { replayed: false, user_id, user } : { replayed: true, user_id };
    },

    get: (id, context) => users.get(id, context),

    findBy: (field, value, context) => users.findBy(field, value, context),

    list: (request, context) => users.list(request, context),

    async update(id, input, precondition, context) {
      const time = now().toISOString();
      return users.update(id, parseUserUpdate(input, toDate(time)), { ...precondition, updated_at: time }, context);
    },

    delete: (id, precondition, context) => users.delete(id, precondition, context),

    async ping(context) {
      await users.get(NIL_UUID, context);
    },
  };

  function createIdempotencyRecord(key: string, content: unknown, time: string): IdempotencyRecord {
    const created_at = Math.floor(Date.parse(time) / 1000);
    return {
      key: digest(key),
      fingerprint: digest(JSON.stringify(content)),
      created_at,
      expires_at: created_at + IDEMPOTENCY_KEY_TTL_S,
    };
  }
}

/** Makes an idempotency key specific to its caller. A line feed occurs in no key that a client sends. */
function scopeKey(key: string, { caller: { id, auth } }: RequestContext): string {
  return id === undefined ? key : `${auth}\n${id}\n${key}`;
}

/** RFC 9562 section 5.9. No user has this id. */
const NIL_UUID = "00000000-0000-0000-0000-000000000000";

function toDate(time: string): string {
  return time.slice(0, "YYYY-MM-DD".length);
}
