import { compareApiKeys, UserError, type ApiKeyRecord, type ApiKeyRepository, type RequestContext } from "../index.ts";

/** Creates a repository that keeps API keys in memory, for tests and as a reference for adapters. */
export function createInMemoryApiKeyRepository(): ApiKeyRepository {
  const keys = new Map<string, ApiKeyRecord>();

  return {
    async insert(key, context) {
      throwIfAborted(context);
      if (!keys.has(key.id)) keys.set(key.id, copyKey(key));
    },

    async list(context) {
      throwIfAborted(context);
      return [...keys.values()].map(copyKey).toSorted(compareApiKeys);
    },

    async revoke(id, revoked_at, context) {
      throwIfAborted(context);
      const key = getKey(id);
      return replaceKey({ ...key, revoked_at: key.revoked_at ?? revoked_at });
    },

    async limitExpiry(id, expires_at, context) {
      throwIfAborted(context);
      const key = getKey(id);
      const isEarlier = key.expires_at === undefined || expires_at < key.expires_at;
      return replaceKey(isEarlier ? { ...key, expires_at } : key);
    },

    async recordUse(id, last_used_at, context) {
      throwIfAborted(context);
      const key = keys.get(id);
      if (key && last_used_at > (key.last_used_at ?? "")) replaceKey({ ...key, last_used_at });
    },

    async delete(id, context) {
      throwIfAborted(context);
      keys.delete(id);
    },
  };

  function getKey(id: string): ApiKeyRecord {
    const key = keys.get(id);
    if (!key) throw new UserError("not-found", { message: "No API key has this id." });
    return key;
  }

  function replaceKey(key: ApiKeyRecord): ApiKeyRecord {
    keys.set(key.id, key);
    return copyKey(key);
  }
}

function copyKey(key: ApiKeyRecord): ApiKeyRecord {
  return { ...key, scopes: [...key.scopes] };
}

function throwIfAborted({ signal }: RequestContext): void {
  if (signal.aborted) throw new UserError("unavailable", { cause: signal.reason });
}
