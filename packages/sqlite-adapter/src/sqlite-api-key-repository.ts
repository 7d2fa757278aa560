import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { SCOPES, UserError, type ApiKeyRecord, type ApiKeyRepository } from "@user-management/domain";
import { runRead } from "./sqlite-error.ts";
import { createWriteQueue } from "./write-queue.ts";

type Row = Record<string, SQLOutputValue>;

/** Replaces a stored time that is invalid. A key that expires at it, or is revoked at it, is rejected. */
const EPOCH = "1970-01-01T00:00:00.000Z";

/**
 * Creates a repository of API keys on a database opened by {@link openUsersDatabase}. The repository of the users may use
 * the same database.
 *
 * A row that an operator has edited never grants more than it states: an unknown scope is ignored, and a key with an
 * invalid expiry, creation or revocation time is expired or revoked.
 */
export function createSqliteApiKeyRepository({ database }: { readonly database: DatabaseSync }): ApiKeyRepository {
  const write = createWriteQueue(database);
  const insert = database.prepare(
    `INSERT INTO api_keys (id, digest, name, scopes, created_at, expires_at, last_used_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  const selectAll = database.prepare("SELECT * FROM api_keys ORDER BY created_at, id");
  const selectById = database.prepare("SELECT * FROM api_keys WHERE id = ?");
  const revoke = database.prepare("UPDATE api_keys SET revoked_at = ifnull(revoked_at, ?) WHERE id = ? RETURNING *");
  const updateExpiry = database.prepare("UPDATE api_keys SET expires_at = ? WHERE id = ?");
  const updateLastUse = database.prepare(
    "UPDATE api_keys SET last_used_at = :time WHERE id = :id AND ifnull(last_used_at, '') < :time",
  );
  const deleteById = database.prepare("DELETE FROM api_keys WHERE id = ?");

  return {
    insert: ({ id, digest, name, scopes, created_at, expires_at, last_used_at, revoked_at }, { signal }) =>
      write(signal, () => {
        const times = [created_at, expires_at ?? null, last_used_at ?? null, revoked_at ?? null];
        insert.run(id, digest, name, scopes.join(" "), ...times);
      }),

    list: async (context) => runRead(context, () => selectAll.all().map(toApiKey)),

    revoke: (id, revoked_at, { signal }) => write(signal, () => toApiKey(requireRow(revoke.get(revoked_at, id)))),

    limitExpiry: (id, expires_at, { signal }) =>
      write(signal, () => {
        const key = toApiKey(requireRow(selectById.get(id)));
        if (key.expires_at !== undefined && key.expires_at <= expires_at) return key;
        updateExpiry.run(expires_at, id);
        return { ...key, expires_at };
      }),

    recordUse: (id, last_used_at, { signal }) =>
      write(signal, () => void updateLastUse.run({ id, time: last_used_at })),

    delete: (id, { signal }) => write(signal, () => void deleteById.run(id)),
  };
}

function requireRow(row: Row | undefined): Row {
  if (!row) throw new UserError("not-found", { message: "No API key has this id." });
  return row;
}

function toApiKey(row: Row): ApiKeyRecord {
  const scopes = String(row["scopes"]).split(" ");
  const created_at = toTime(row["created_at"]) ?? EPOCH;
  // The lifetime of a key without a valid creation is unknown.
  const expires_at = created_at === EPOCH ? EPOCH : toTime(row["expires_at"]);
  const last_used_at = toTime(row["last_used_at"]);
  const revoked_at = toTime(row["revoked_at"]);
  return {
    id: String(row["id"]),
    digest: String(row["digest"]),
    name: String(row["name"]),
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    created_at,
    ...(expires_at !== undefined && { expires_at }),
    ...(last_used_at !== undefined && { last_used_at }),
    ...(revoked_at !== undefined && { revoked_at }),
  };
}

/** Returns a stored time, or {@link EPOCH} if it is not ISO 8601 in UTC with milliseconds and a year of four digits. */
function toTime(value: SQLOutputValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  const time = String(value);
  const date = new Date(time);
  const isValid = time.length === EPOCH.length && !Number.isNaN(date.getTime()) && date.toISOString() === time;
  return isValid ? time : EPOCH;
}
