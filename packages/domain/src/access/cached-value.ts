import { isUserError, UserError } from "../errors.ts";

/** The minimum time between the end of a read and the start of the next one, in milliseconds. */
const MIN_INTERVAL_MS = 1_000;

/** A value in memory that is read again beside the calls that use it. */
export interface CachedValue<Value> {
  /**
   * Calls `use` with the value and returns its result, as a promise only if the value must be read first.
   *
   * @param use receives also whether the read of the value started after this call
   * @param maxStaleMs the maximum age of the value while reads fail, in milliseconds
   * @throws UserError `unavailable`, also asynchronously, if there is no value that is recent enough
   */
  use<Result>(
    use: (value: Value, isNew: boolean) => Result | Promise<Result>,
    maxStaleMs: number,
  ): Result | Promise<Result>;
  /**
   * Returns a value that includes all writes that have resolved so far. Concurrent calls share a read.
   *
   * @throws UserError `unavailable`
   */
  readNext(): Promise<Value>;
  /** Returns the time since the start of the read of the value, in milliseconds; `undefined` without a value. */
  getAgeMs(): number | undefined;
}

export interface CachedValueOptions<Value> {
  readonly load: () => Promise<Value>;
  /** The maximum age of the value while reads succeed, in milliseconds. */
  readonly maxAgeMs: number;
  readonly now: () => Date;
  readonly wait: (durationMs: number) => Promise<unknown>;
  /** Called once for each read that fails after one has succeeded. */
  readonly onError: (error: unknown) => void;
}

/**
 * Creates a value that the first call reads. Once it has half of its maximum age, a call starts the next read and does
 * not wait for it. After a failed read, an older value is used for as long as `maxAgeMs` before a call waits for a read
 * again, so that no call waits for a store that is down, and an old value does not outlive an outage.
 *
 * A call without a value that is recent enough waits for one read: the one in progress, or the next one. So a store that
 * is down is read once per interval for all calls together, and the first read after its recovery serves them.
 */
export function createCachedValue<Value>(options: CachedValueOptions<Value>): CachedValue<Value> {
  const { load, maxAgeMs, now, wait, onError } = options;
  let current: { readonly value: Value; readonly readAtMs: number } | undefined;
  let reading: Promise<Value> | undefined;
  let nextReading: Promise<Value> | undefined;
  /** The time at which the last read ended, and whether it failed. */
  let endedAtMs = -Infinity;
  let hasFailed = false;

  return {
    use(use, maxStaleMs) {
      const timeMs = now().getTime();
      const ageMs = current ? getElapsedMs(current.readAtMs, timeMs) : Infinity;
      if (current && ageMs < maxAgeMs / 2) return use(current.value, false);
      const idleMs = getElapsedMs(endedAtMs, timeMs);
      const isUnavailable = hasFailed && idleMs < maxAgeMs;
      if (current && ageMs < (isUnavailable ? maxStaleMs : maxAgeMs)) {
        const result = use(current.value, false);
        if (idleMs >= MIN_INTERVAL_MS && !reading && !nextReading) startRead().catch(() => undefined);
        return result;
      }
      const isNew = !reading;
      const onFailure = (error: unknown) => {
        if (current && getElapsedMs(current.readAtMs) < maxStaleMs) return use(current.value, false);
        throw error;
      };
      return (reading ?? readNext()).then((value) => use(value, isNew), onFailure);
    },

    readNext,

    getAgeMs: () => current && Math.max(now().getTime() - current.readAtMs, 0),
  };

  function readNext(): Promise<Value> {
    nextReading ??= queueRead();
    return nextReading;
  }

  /** Starts a read after the one in progress and the minimum interval. No other call starts one until then. */
  async function queueRead(): Promise<Value> {
    try {
      await reading?.catch(() => undefined);
      const delayMs = MIN_INTERVAL_MS - getElapsedMs(endedAtMs);
      if (delayMs > 0) await wait(delayMs);
    } finally {
      nextReading = undefined;
    }
    return startRead();
  }

  function startRead(): Promise<Value> {
    reading = readNow().finally(() => (reading = undefined));
    return reading;
  }

  async function readNow(): Promise<Value> {
    const readAtMs = now().getTime();
    try {
      const value = await load();
      current = { value, readAtMs };
      hasFailed = false;
      return value;
    } catch (cause) {
      hasFailed = true;
      if (current) onError(cause);
      throw isUserError(cause) ? cause : new UserError("unavailable", { cause });
    } finally {
      endedAtMs = now().getTime();
    }
  }

  /** Returns the time since then; `Infinity` if the clock has been set back, so that the value is read again. */
  function getElapsedMs(sinceMs: number, timeMs = now().getTime()): number {
    return timeMs < sinceMs ? Infinity : timeMs - sinceMs;
  }
}
