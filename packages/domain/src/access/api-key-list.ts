import { UserError } from "../errors.ts";
import { isApiKey, type ApiKeyRecord } from "./api-key.ts";
import { EXPIRED, INVALID, type Authentication, type Caller } from "./caller.ts";

/** How long the last list is used if the store of the keys is unavailable, in milliseconds. */
const MAX_STALE_MS = 5 * 60_000;

/** The minimum time between two reads of the list, in milliseconds. */
const MIN_INTERVAL_MS = 1_000;

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
   * @throws UserError `unavailable`, also asynchronously
   */
  isEmpty(): boolean | Promise<boolean>;
}

export interface ApiKeyListOptions {
  /** Reads every key. It must end in a few seconds, because many requests wait for one call of it. */
  readonly load: () => Promise<readonly ApiKeyRecord[]>;
  /** The maximum age of the list while the store is available, in milliseconds. */
  readonly maxAgeMs: number;
  readonly digest: (text: string) => string;
  readonly now: () => Date;
  /** Resolves after that many milliseconds. */
  readonly wait: (durationMs: number) => Promise<unknown>;
  /** Called at most once per key and hour, at the first use of the key in that hour, with its beginning as ISO 8601. */
  readonly onUse: (id: string, hour: string) => void;
  /** Called for a read of the list that fails while requests do not depend on it. */
  readonly onError: (error: unknown) => void;
}

interface Entry {
  readonly caller: Authentication & { readonly caller: Caller };
  readonly isRevoked: boolean;
  readonly expiresAtMs: number;
  /** The last hour for which the use of the key was reported. */
  usedHour: number;
}

interface Snapshot {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly loadedAtMs: number;
}

/**
 * Creates the list. It is read by the first request, and then beside the requests as soon as it has half of its maximum
 * age. A request waits for a read only if the list is too old, or does not have the key of the request.
 */
export function createApiKeyList(options: ApiKeyListOptions): ApiKeyList {
  const { load, maxAgeMs, digest, wait, onUse, onError } = options;
  let snapshot: Snapshot | undefined;
  let reading: Promise<Snapshot> | undefined;
  let nextReading: Promise<Snapshot> | undefined;
  let lastReadAtMs = -Infinity;
  let hasFailed = false;

  return {
    authenticate(key) {
      const keyDigest = digest(key);
      return withSnapshot((current) => {
        const entry = current.entries.get(keyDigest);
        if (entry) return toAuthentication(entry);
        if (!isApiKey(key)) return INVALID;
        return readNext().then(({ entries }) => {
          const newEntry = entries.get(keyDigest);
          return newEntry ? toAuthentication(newEntry) : INVALID;
        });
      });
    },

    isEmpty: () => withSnapshot(({ entries }) => entries.size === 0),
  };

  function toAuthentication(entry: Entry): Authentication {
    if (entry.isRevoked) return INVALID;
    const time = getTime();
    if (entry.expiresAtMs <= time) return EXPIRED;
    const hour = Math.floor(time / HOUR_MS);
    if (hour > entry.usedHour) {
      entry.usedHour = hour;
      onUse(entry.caller.caller.id!, new Date(hour * HOUR_MS).toISOString());
    }
    return entry.caller;
  }

  /** Calls `use` with a list that is recent enough, synchronously if there is one. */
  function withSnapshot<Result>(use: (snapshot: Snapshot) => Result | Promise<Result>): Result | Promise<Result> {
    const ageMs = snapshot ? getTime() - snapshot.loadedAtMs : Infinity;
    if (snapshot && ageMs < maxAgeMs / 2) return use(snapshot);
    if (snapshot && (ageMs < maxAgeMs || (hasFailed && ageMs < MAX_STALE_MS))) {
      if (!reading && getTime() - lastReadAtMs >= MIN_INTERVAL_MS) read().catch(onError);
      return use(snapshot);
    }
    return read().then(use, (error: unknown) => {
      // Another request may have been served from the list while this one waited.
      if (snapshot && getTime() - snapshot.loadedAtMs < MAX_STALE_MS) return use(snapshot);
      throw error;
    });
  }

  /** Reads the list, or joins the read in progress. */
  function read(): Promise<Snapshot> {
    reading ??= readNow().finally(() => (reading = undefined));
    return reading;
  }

  async function readNow(): Promise<Snapshot> {
    const startedAtMs = getTime();
    lastReadAtMs = startedAtMs;
    try {
      const keys = await load();
      snapshot = { entries: toEntries(keys, snapshot), loadedAtMs: startedAtMs };
      hasFailed = false;
      return snapshot;
    } catch (cause) {
      hasFailed = true;
      throw cause instanceof UserError ? cause : new UserError("unavailable", { cause });
    }
  }

  /** Reads the list after all writes that have resolved so far, at most once a second for all requests that wait. */
  function readNext(): Promise<Snapshot> {
    nextReading ??= startNext();
    return nextReading;
  }

  async function startNext(): Promise<Snapshot> {
    await reading?.catch(() => undefined);
    const delayMs = lastReadAtMs + MIN_INTERVAL_MS - getTime();
    if (delayMs > 0) await wait(delayMs);
    nextReading = undefined;
    return read();
  }

  function getTime(): number {
    return options.now().getTime();
  }
}

function toEntries(keys: readonly ApiKeyRecord[], previous: Snapshot | undefined): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const { id, digest, scopes, expires_at, last_used_at, revoked_at } of keys) {
    const usedHour = last_used_at === undefined ? 0 : Math.floor(Date.parse(last_used_at) / HOUR_MS);
    entries.set(digest, {
      caller: { caller: { id, auth: "key", scopes } },
      isRevoked: revoked_at !== undefined,
      expiresAtMs: expires_at === undefined ? Infinity : Date.parse(expires_at),
      usedHour: Math.max(usedHour, previous?.entries.get(digest)?.usedHour ?? 0),
    });
  }
  return entries;
}
