import type { DatabaseSync } from "node:sqlite";
import {
  createTooManyMembersError,
  UNIQUE_FIELDS,
  UserError,
  type IdempotencyRecord,
  type NewUser,
  type UniqueFieldName,
  type User,
  type UserRepository,
  type UserUpdate,
} from "@user-management/domain";
import { toMetadataParameter } from "./metadata-column.ts";
import { isUniqueViolation, runRead } from "./sqlite-error.ts";
import { prepareUserStatements, toInsertValues, toUpdateValues, toUser } from "./user-statements.ts";
import { createWriteQueue, type WriteQueueObserver } from "./write-queue.ts";

export interface SqliteRepositoryOptions {
  /** A database opened by {@link openUsersDatabase}. */
  readonly database: DatabaseSync;
  /** Receives measurements of the queue of writes. Defaults to none. */
  readonly observer?: WriteQueueObserver | undefined;
}

/** The number of expired records that an insert deletes, so that no insert waits for all of them. */
const EXPIRED_RECORDS_PER_INSERT = 10;

/** Creates a repository on a database. Reads are synchronous; a write resolves once it is durable. */
export function createSqliteUserRepository({ database, observer }: SqliteRepositoryOptions): UserRepository {
  const write = createWriteQueue(database, observer);
  const statements = prepareUserStatements(database);
  const deleteExpiredRecords = database.prepare(
    `DELETE FROM idempotency
     WHERE key IN (SELECT key FROM idempotency WHERE expires_at <= ? LIMIT ${EXPIRED_RECORDS_PER_INSERT})`,
  );
  const selectRecord = database.prepare(
    "SELECT fingerprint, user_id FROM idempotency WHERE key = ? AND expires_at > ?",
  );
  const insertRecord = database.prepare(
    "INSERT OR REPLACE INTO idempotency (key, fingerprint, user_id, expires_at) VALUES (?, ?, ?, ?)",
  );

  return {
    insert: (user, idempotency, { signal }) =>
      write(signal, () => {
        const replayedId = idempotency && findReplayedId(idempotency);
        if (replayedId !== undefined) return replayedId;
        insertUser(user);
        if (idempotency) {
          const { key, fingerprint, expires_at } = idempotency;
          insertRecord.run(key, fingerprint, user.user_id, expires_at);
        }
        return user.user_id;
      }),

    get: async (id, context) => runRead(context, () => findById(id)),

    findBy: async (field, value, context) => runRead(context, () => findByValue(field, value)),

    list: async ({ limit, after = "", status }, context) =>
      runRead(context, () => {
        const select = status ? statements.selectPageByStatus[status] : statements.selectPage;
        const users = select.all(after, limit + 1).map(toUser);
        if (users.length <= limit) return { users, next: undefined };
        return { users: users.slice(0, limit), next: users[limit - 1]?.user_id };
      }),

    update: (id, update, { updated_at, ifVersionIn }, { signal }) =>
      write(signal, () => {
        const parameters = { updated_at, metadata: toMetadataParameter(update), ...toCondition(id, ifVersionIn) };
        try {
          const row = statements.update.get(parameters, ...toUpdateValues(update));
          return row ? toUser(row) : throwNotWritten(id, ifVersionIn);
        } catch (error) {
          return throwTaken(error, id, update);
        }
      }),

    delete: (id, { ifVersionIn }, { signal }) =>
      write(signal, () => {
        const { changes } = statements.delete.run(toCondition(id, ifVersionIn));
        if (changes === 0) throwNotWritten(id, ifVersionIn);
      }),
  };

  function findById(id: string): User | undefined {
    const row = statements.selectById.get(id);
    return row && toUser(row);
  }

  function findByValue(field: UniqueFieldName, value: string): User | undefined {
    // SQLite would replace a lone surrogate by U+FFFD, which is a valid character of an external id.
    if (!value.isWellFormed()) return undefined;
    const { canonicalize } = UNIQUE_FIELDS.find((unique) => unique.field === field)!;
    const row = statements.selectByCanonical[field].get(canonicalize(value));
    return row && toUser(row);
  }

  /** Returns the id stored earlier with the same idempotency key and fingerprint. */
  function findReplayedId({ key, fingerprint, created_at }: IdempotencyRecord): string | undefined {
    deleteExpiredRecords.run(created_at);
    const earlier = selectRecord.get(key, created_at);
    if (earlier && earlier["fingerprint"] !== fingerprint) throw new UserError("idempotency-key-reused");
    return earlier && String(earlier["user_id"]);
  }

  function insertUser(user: NewUser): void {
    try {
      statements.insert.run(...toInsertValues(user));
    } catch (cause) {
      const existingUser = isUniqueViolation(cause) ? findById(user.user_id) : undefined;
      if (existingUser) throw new UserError("id-taken", { existingUser, cause });
      throwTaken(cause, user.user_id, user);
    }
  }

  /**
   * Throws the first conflict of a write that failed because of a unique index, or else its error. The message of SQLite
   * names only one of several violated indexes. It runs in the transaction of that write.
   */
  function throwTaken(cause: unknown, id: string, values: UserUpdate): never {
    if (!isUniqueViolation(cause)) throw cause;
    for (const { field, takenCode } of UNIQUE_FIELDS) {
      const value = values[field];
      const owner = typeof value === "string" ? findByValue(field, value) : undefined;
      if (owner && owner.user_id !== id) throw new UserError(takenCode, { cause });
    }
    throw cause;
  }

  /** Throws the reason why a conditional write matched no row. It runs in the transaction of that write. */
  function throwNotWritten(id: string, ifVersionIn: readonly number[] | undefined): never {
    const row = statements.selectVersion.get(id);
    if (!row) throw new UserError("not-found");
    const currentVersion = Number(row["version"]);
    if (ifVersionIn && !ifVersionIn.includes(currentVersion)) throw new UserError("stale-version", { currentVersion });
    throw createTooManyMembersError();
  }
}

function toCondition(user_id: string, versions: readonly number[] | undefined) {
  return { user_id, versions: versions ? JSON.stringify(versions) : null };
}
