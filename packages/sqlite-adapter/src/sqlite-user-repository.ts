import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import {
  canonicalEmail,
  UserError,
  type User,
  type UserChange,
  type UserFields,
  type UserRepository,
} from "@user-management/domain";
import { resultCode, translated, UNIQUE } from "./sqlite-failure.ts";
import { createWriteQueue } from "./write-queue.ts";

const COLUMNS =
  "user_id, lastname, firstname, dob, address, gender, email, phone_number, version, created_at, updated_at";

/** `:versions` is a JSON array, or NULL for any version. */
const AT_VERSION = "(:versions IS NULL OR version IN (SELECT value FROM json_each(:versions)))";

/**
 * Users in a SQLite database that {@link openUsersDatabase} has opened. Reads answer at once; a write resolves when
 * it is on disk.
 */
export function createSqliteUserRepository({ database }: { database: DatabaseSync }): UserRepository {
  const write = createWriteQueue(database);
  const insertUser = database.prepare(`
    INSERT INTO users (${COLUMNS}, canonical_email)
    VALUES (:user_id, :lastname, :firstname, :dob, :address, :gender, :email, :phone_number,
            :version, :created_at, :updated_at, :canonical_email)`);
  const updateUser = prepareRows(
    database,
    `
    UPDATE users SET
      lastname = ifnull(:lastname, lastname),
      firstname = nullif(ifnull(:firstname, firstname), ''),
      dob = ifnull(:dob, dob),
      address = ifnull(:address, address),
      gender = ifnull(:gender, gender),
      email = ifnull(:email, email),
      phone_number = ifnull(:phone_number, phone_number),
      canonical_email = ifnull(:canonical_email, canonical_email),
      version = version + 1,
      updated_at = :updated_at
    WHERE user_id = :user_id AND ${AT_VERSION}
    RETURNING ${COLUMNS}`,
  );
  const deleteUser = database.prepare(`DELETE FROM users WHERE user_id = :user_id AND ${AT_VERSION}`);
  const selectVersion = database.prepare("SELECT version FROM users WHERE user_id = ?");
  const selectUser = prepareRows(database, `SELECT ${COLUMNS} FROM users WHERE user_id = ?`);
  const selectUserByEmail = prepareRows(database, `SELECT ${COLUMNS} FROM users WHERE canonical_email = ?`);
  const selectPage = prepareRows(database, `SELECT ${COLUMNS} FROM users WHERE user_id > ? ORDER BY user_id LIMIT ?`);
  // A few at a time, so that nobody waits for all that has expired since the last key.
  const forgetExpired = database.prepare(
    "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE expires_at <= ? LIMIT 10)",
  );
  const selectOnce = database.prepare("SELECT fingerprint, user_id FROM idempotency WHERE key = ? AND expires_at > ?");
  const insertOnce = database.prepare(
    "INSERT OR REPLACE INTO idempotency (key, fingerprint, user_id, expires_at) VALUES (?, ?, ?, ?)",
  );

  return {
    insert: (user, once) =>
      write(() => {
        if (once) {
          forgetExpired.run(once.created_at);
          const earlier = selectOnce.get(once.key, once.created_at);
          if (earlier && earlier["fingerprint"] !== once.fingerprint) throw new UserError("idempotency-key-reused");
          if (earlier) return String(earlier["user_id"]);
        }
        const canonical_email = canonicalEmail(user.email);
        claimingEmail(() => insertUser.run({ firstname: null, ...user, canonical_email }));
        if (once) insertOnce.run(once.key, once.fingerprint, user.user_id, once.expires_at);
        return user.user_id;
      }),

    find: async (id) => read(() => toUser(selectUser.get(id))),

    findByEmail: async (email) => read(() => toUser(selectUserByEmail.get(canonicalEmail(email)))),

    list: async ({ limit, after = "" }) =>
      read(() => {
        const users = selectPage.all(after, limit + 1).map((row) => toUser(row)!);
        return users.length > limit
          ? { users: users.slice(0, limit), next: users[limit - 1]?.user_id }
          : { users, next: undefined };
      }),

    update: (id, change, { updated_at, ifVersion }) =>
      write(() => {
        const row = claimingEmail(() =>
          updateUser.get({ ...changeOf(change), updated_at, user_id: id, versions: versionsOf(ifVersion) }),
        );
        return toUser(row) ?? refuse(id);
      }),

    remove: (id, { ifVersion } = {}) =>
      write(() => {
        const { changes } = deleteUser.run({ user_id: id, versions: versionsOf(ifVersion) });
        if (changes === 0) refuse(id);
      }),
  };

  /** Why a write that names a user and versions has found none: decided within the same transaction. */
  function refuse(id: string): never {
    const row = selectVersion.get(id);
    throw row ? new UserError("stale-version", { currentVersion: Number(row["version"]) }) : new UserError("not-found");
  }
}

/** A statement that answers {@link Row}s: building a user from an array costs a third of what an object would. */
function prepareRows(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/** The values of {@link COLUMNS}. */
type Row = [
  string,
  string,
  string | null,
  string,
  string,
  UserFields["gender"],
  string,
  string,
  number,
  string,
  string,
];

function toUser(row: unknown): User | undefined {
  if (row === undefined) return undefined;
  const [user_id, lastname, firstname, dob, address, gender, email, phone_number, version, created_at, updated_at] =
    row as Row;
  const user = { user_id, lastname, dob, address, gender, email, phone_number, version, created_at, updated_at };
  return firstname === null ? user : { ...user, firstname };
}

/** What {@link UserRepository.update} changes: NULL keeps a column; an empty first name, which no user has, removes it. */
function changeOf(change: UserChange): Record<string, SQLInputValue> {
  const { lastname = null, dob = null, address = null, gender = null, email = null, phone_number = null } = change;
  const firstname = change.firstname === null ? "" : (change.firstname ?? null);
  const canonical_email = email === null ? null : canonicalEmail(email);
  return { lastname, firstname, dob, address, gender, email, phone_number, canonical_email };
}

function versionsOf(ifVersion: readonly number[] | undefined): string | null {
  return ifVersion ? JSON.stringify(ifVersion) : null;
}

/** The one unique index besides the primary key is the address. */
function claimingEmail<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw resultCode(error) === UNIQUE ? new UserError("email-taken", { cause: error }) : error;
  }
}

function read<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw translated(error);
  }
}
