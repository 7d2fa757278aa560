import { UserError } from "@user-management/domain";
import { fetchKeySet, type KeySetSource } from "./fetch-key-set.ts";
import type { KeySet } from "./key-set.ts";

/** The age at which the keys are fetched again beside the requests, in milliseconds. */
const REFRESH_AGE_MS = 10 * 60_000;

/** How long the last keys are used if the issuer is unavailable, in milliseconds. */
const MAX_STALE_MS = 24 * 3_600_000;

/** The minimum time between two fetches while there are keys, in milliseconds. */
const MIN_REFRESH_INTERVAL_MS = 30_000;

/** The minimum time between two fetches while there are none, in milliseconds. */
const MIN_RETRY_INTERVAL_MS = 1_000;

/** The keys of the issuer in memory. */
export interface IssuerKeys {
  /**
   * Returns the keys, and fetches them first if there are none that are recent enough.
   *
   * @throws UserError `unavailable`
   */
  get(): Promise<KeySet>;
  /**
   * Returns the keys that replaced these. Fetches them if the last fetch is long enough ago. Returns `undefined` if there
   * are none, or they are unavailable.
   */
  getNewer(keySet: KeySet): Promise<KeySet | undefined>;
}

export interface IssuerKeysOptions extends KeySetSource {
  readonly now: () => Date;
  readonly onError?: ((error: unknown) => void) | undefined;
}

interface Snapshot {
  readonly keySet: KeySet;
  readonly fetchedAtMs: number;
}

/** Creates the cache of the keys. All requests that wait for a fetch share it. */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  let snapshot: Snapshot | undefined;
  let fetching: Promise<KeySet> | undefined;
  let lastFetchAtMs = -Infinity;
  let lastError: unknown;

  return {
    async get() {
      if (!isUsable(snapshot)) return fetchFirst();
      if (getAgeMs(snapshot) >= REFRESH_AGE_MS && mayRefresh()) void refresh();
      return snapshot.keySet;
    },

    async getNewer(keySet) {
      const newest = snapshot?.keySet;
      if (newest !== keySet) return newest;
      return fetching || mayRefresh() ? refresh() : undefined;
    },
  };

  /** Fetches the keys without which no token can be verified. */
  function fetchFirst(): Promise<KeySet> {
    if (!fetching && getTimeMs() - lastFetchAtMs < MIN_RETRY_INTERVAL_MS) throw toUnavailable(lastError);
    return fetchKeys();
  }

  /** Fetches newer keys. A failure is reported where it occurs, and leaves the previous keys in use. */
  function refresh(): Promise<KeySet | undefined> {
    return fetchKeys().catch(() => undefined);
  }

  /** Fetches the keys, or joins the fetch in progress. */
  function fetchKeys(): Promise<KeySet> {
    fetching ??= fetchNow().finally(() => (fetching = undefined));
    return fetching;
  }

  async function fetchNow(): Promise<KeySet> {
    const fetchedAtMs = getTimeMs();
    lastFetchAtMs = fetchedAtMs;
    try {
      const keySet = await fetchKeySet(options);
      snapshot = { keySet, fetchedAtMs };
      return keySet;
    } catch (error) {
      lastError = error;
      if (isUsable(snapshot)) options.onError?.(error);
      throw toUnavailable(error);
    }
  }

  function mayRefresh(): boolean {
    return getTimeMs() - lastFetchAtMs >= MIN_REFRESH_INTERVAL_MS;
  }

  function isUsable(current: Snapshot | undefined): current is Snapshot {
    return current !== undefined && getAgeMs(current) < MAX_STALE_MS;
  }

  function getAgeMs({ fetchedAtMs }: Snapshot): number {
    return getTimeMs() - fetchedAtMs;
  }

  function getTimeMs(): number {
    return options.now().getTime();
  }
}

function toUnavailable(cause: unknown): UserError {
  return new UserError("unavailable", { message: "The keys of the token issuer are unavailable.", cause });
}
