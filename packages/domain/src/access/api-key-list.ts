import { isApiKey, type ApiKeyRecord } from "./api-key.ts";
import { createCachedValue, type CachedValueOptions } from "./cached-value.ts";
import { EXPIRED, INVALID, type Authentication } from "./caller.ts";

/** How long the last list is used if the store of the keys is unavailable, in milliseconds. */
const MAX_STALE_MS = 5 * 60_000;

const HOUR_MS = 3_600_000;

/** All API keys in memory, so that no request reads the store. */
export interface ApiKeyList {
  /**
   * Authenticates a caller by its API key. Returns a promise only if the list must be read first: because it is too old,
   * or because it does not have the key, which may be new.
   *
   * @throws UserError `unavailable`, also asynchronously, if there is no list that is recent enough
   */
  authenticate(key: string): Authentication | Promise<Authentication>;
  /**
   * Returns whether no key is stored, in any state. Returns a promise only if the list must be read first.
   *
   * @throws UserError `unavailable`, also asynchronously, if there is no list within its maximum age
   */
  isEmpty(): boolean | Promise<boolean>;
  /** Returns the age of the list in milliseconds; `undefined` before the first successful read. */
  getAgeMs(): number | undefined;
}

export interface ApiKeyListOptions extends Omit<CachedValueOptions<unknown>, "load"> {
  /** Reads every key. It must end in a few seconds, because many requests wait for one call of it. */
  readonly load: () => Promise<readonly ApiKeyRecord[]>;
  /** Returns the digest that {@link ApiKeyRecord} contains. */
  readonly digest: (text: string) => string;
  /** Called at most once per key and hour, at the first use of the key in that hour, with its beginning as ISO 8601. */
  readonly onUse: (id: string, hour: string) => void;
  /** Called at most once per key and hour, at the first request in that hour with a key that is revoked or expired. */
  readonly onRejection?: (id: string, state: "revoked" | "expired") => void;
}

interface Entry {
  readonly id: string;
  /** The authentication of a request with the key, unless the key is expired. */
  readonly authentication: Authentication;
  readonly expiresAtMs: number;
  /** The last hour for which the use of the key was reported. */
  usedHour: number;
  /** The last hour for which a rejection of the key was reported. */
  rejectedHour: number;
}

/**
 * Creates the list. It is read by the first request, and then beside the requests as soon as it has half of its maximum
 * age. A request waits for a read only if the list is too old, or does not have the key of the request.
 */
export function createApiKeyList({ load, digest, onUse, onRejection, ...options }: ApiKeyListOptions): ApiKeyList {
  let entries: ReadonlyMap<string, Entry> = new Map();
  const list = createCachedValue({
    ...options,
    async load() {
      const keys = await load();
      entries = new Map(keys.map((key) => [key.digest, toEntry(key, entries.get(key.digest))]));
      return entries;
    },
  });

  return {
    authenticate(key) {
      const keyDigest = digest(key);
      return list.use((current, isNew) => {
        const entry = current.get(keyDigest);
        if (entry) return authenticateEntry(entry);
        if (isNew || !isApiKey(key)) return INVALID;
        return list.readNext().then((next) => {
          const newEntry = next.get(keyDigest);
          return newEntry ? authenticateEntry(newEntry) : INVALID;
        });
      }, MAX_STALE_MS);
    },

    // Anonymous access depends on it, and must not outlive the first key because the store is unavailable.
    isEmpty: () => list.use((current) => current.size === 0, options.maxAgeMs),

    getAgeMs: () => list.getAgeMs(),
  };

  function authenticateEntry(entry: Entry): Authentication {
    const timeMs = options.now().getTime();
    const hour = Math.floor(timeMs / HOUR_MS);
    if (entry.authentication === INVALID) {
      reportRejection(entry, "revoked", hour);
      return INVALID;
    }
    // An invalid time of expiry is `NaN`, and later than no time.
    const isActive = timeMs < entry.expiresAtMs;
    if (!isActive) {
      reportRejection(entry, "expired", hour);
      return EXPIRED;
    }
    if (hour > entry.usedHour) {
      entry.usedHour = hour;
      onUse(entry.id, new Date(hour * HOUR_MS).toISOString());
    }
    return entry.authentication;
  }

  function reportRejection(entry: Entry, state: "revoked" | "expired", hour: number): void {
    if (hour <= entry.rejectedHour) return;
    entry.rejectedHour = hour;
    onRejection?.(entry.id, state);
  }
}

function toEntry(key: ApiKeyRecord, previous: Entry | undefined): Entry {
  const { id, scopes, expires_at, last_used_at, revoked_at } = key;
  const usedHour = last_used_at === undefined ? 0 : Math.floor(Date.parse(last_used_at) / HOUR_MS);
  return {
    id,
    authentication: revoked_at === undefined ? { caller: { id, auth: "key", scopes } } : INVALID,
    expiresAtMs: expires_at === undefined ? Infinity : Date.parse(expires_at),
    usedHour: Math.max(usedHour, previous?.usedHour ?? 0),
    rejectedHour: previous?.rejectedHour ?? 0,
  };
}
