import type { DatabaseSync } from "node:sqlite";
import { canonicalizeEmail, UserError, type IdempotencyRecord, type UserRepository } from "@user-management/domain";
import { getResultCode, runRead, SQLITE_CONSTRAINT_UNIQUE } from "./sqlite-error.ts";
import { prepareUserStatements, toInsertValues, toUpdateValues, toUser } from "./user-statements.ts";
import { createWriteQueue } from "./write-queue.ts";

/** The number of expired records that an insert deletes, so that no insert waits for all of them. */
const EXPIRED_RECORDS_PER_INSERT = 10;

/**
 * Creates a repository on a database opened by {@link openUsersDatabase}. Reads are synchronous; a write resolves once it
 * is durable.
 */
export function createSqliteUserRepository({ database }: { readonly database: DatabaseSync }): UserRepository {
  const write = createWriteQueue(database);
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
        detectEmailConflict(() => statements.insert.run(...toInsertValues(user)));
        if (idempotency) {
          const { key, fingerprint, expires_at } = idempotency;
          insertRecord.run(key, fingerprint, user.user_id, expires_at);
        }
        return user.user_id;
      }),

    get: async (id, context) =>
      runRead(context, () => {
        const row = statements.selectById.get(id);
        return row && toUser(row);
      }),

    findByEmail: async (email, context) =>
      runRead(context, () => {
        const row = statements.selectByEmail.get(canonicalizeEmail(email));
        return row && toUser(row);
      }),

    list: async ({ limit, after = "" }, context) =>
      runRead(context, () => {
        const users = statements.selectPage.all(after, limit + 1).map(toUser);
        if (users.length <= limit) return { users, next: undefined };
        return { users: users.slice(0, limit), next: users[limit - 1]?.user_id };
      }),

    update: (id, update, { updated_at, ifVersionIn }, { signal }) =>
      write(signal, () => {
        const parameters = { updated_at, ...toCondition(id, ifVersionIn) };
        const row = detectEmailConflict(() => statements.update.get(parameters, ...toUpdateValues(update)));
        return row ? toUser(row) : throwNotUpdated(id);
      }),

    delete: (id, { ifVersionIn }, { signal }) =>
      write(signal, () => {
        const { changes } = statements.delete.run(toCondition(id, ifVersionIn));
        if (changes === 0) throwNotUpdated(id);
      }),
  };

  /** Returns the id stored earlier with the same idempotency key and fingerprint. */
  function findReplayedId({ key, fingerprint, created_at }: IdempotencyRecord): string | undefined {
    deleteExpiredRecords.run(created_at);
    const earlier = selectRecord.get(key, created_at);
    if (earlier && earlier["fingerprint"] !== fingerprint) throw new UserError("idempotency-key-reused");
    return earlier && String(earlier["user_id"]);
  }

  /** Throws the reason why a conditional write matched no row. It runs in the transaction of that write. */
  function throwNotUpdated(id: string): never {
    const row = statements.selectVersion.get(id);
    throw row ? new UserError("stale-version", { currentVersion: Number(row["version"]) }) : new UserError("not-found");
  }
}

function toCondition(user_id: string, versions: readonly number[] | undefined) {
  return { user_id, versions: versions ? JSON.stringify(versions) : null };
}

/** Maps a violation of the only unique index of the table, which is on the canonical email, to `email-taken`. */
function detectEmailConflict<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (getResultCode(error) !== SQLITE_CONSTRAINT_UNIQUE) throw error;
    throw new UserError("email-taken", { cause: error });
  }
}
