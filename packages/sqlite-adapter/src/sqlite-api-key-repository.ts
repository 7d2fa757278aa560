import type { SQLOutputValue } from "node:sqlite";
import {
  compareApiKeys,
  normalizeApiKey,
  UserError,
  type ApiKeyRecord,
  type ApiKeyRepository,
} from "@user-management/domain";
import { runRead } from "./sqlite-error.ts";
import type { SqliteRepositoryOptions } from "./sqlite-user-repository.ts";
import { createWriteQueue } from "./write-queue.ts";

type Row = Record<string, SQLOutputValue>;

/** Creates a repository of API keys on a database, which the repository of the users may use as well. */
export function createSqliteApiKeyRepository({ database, observer }: SqliteRepositoryOptions): ApiKeyRepository {
  const write = createWriteQueue(database, observer);
  const insert = database.prepare(
    `INSERT INTO api_keys (id, digest, name, scopes, created_at, expires_at, last_used_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  const selectAll = database.prepare("SELECT * FROM api_keys");
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

    list: async (context) => runRead(context, () => selectAll.all().map(toApiKey).toSorted(compareApiKeys)),

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

/** Returns the key in a row, which an operator may have edited. */
function toApiKey(row: Row): ApiKeyRecord {
  return normalizeApiKey({
    ...row,
    scopes: String(row["scopes"]).split(" "),
    expires_at: row["expires_at"] ?? undefined,
    last_used_at: row["last_used_at"] ?? undefined,
    revoked_at: row["revoked_at"] ?? undefined,
  });
}
