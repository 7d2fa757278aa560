import { setTimeout as delay } from "node:timers/promises";
import { ANONYMOUS_CALLER, isUserError, type RequestContext } from "@user-management/domain";
import { notify } from "../output.ts";

const TIMEOUT_MS = 10_000;
const SHARED_SIGNAL_MS = 1_000;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
const NOTIFY_INTERVAL_MS = 10_000;

/** The time without any success after which a store counts as lost. */
const MAX_OUTAGE_MS = 5 * 60_000;

/** Runs calls of a store, and repeats those that are `unavailable`. */
export interface Retry {
  /**
   * @throws UserError `unavailable` at once before the first success, as of a missing table, or after five minutes without
   *   one; an error once the signal aborts
   */
  <Result>(call: (context: RequestContext) => Promise<Result>, beforeAttempt?: () => Promise<void>): Promise<Result>;
}

/** Creates a {@link Retry} with exponential backoff and full jitter. */
export function createRetry(stop: AbortSignal, onUnavailable: () => void = () => undefined): Retry {
  const createContext = createContextFactory();
  let succeededAt = Number.NEGATIVE_INFINITY;
  let notifiedAt = Number.NEGATIVE_INFINITY;
  return async (call, beforeAttempt) => {
    for (let attempt = 0; ; attempt += 1) {
      await beforeAttempt?.();
      stop.throwIfAborted();
      try {
        const result = await call(createContext());
        succeededAt = performance.now();
        return result;
      } catch (error) {
        const now = performance.now();
        if (!isUserError(error) || error.code !== "unavailable" || now - succeededAt > MAX_OUTAGE_MS) throw error;
        onUnavailable();
        if (now - notifiedAt > NOTIFY_INTERVAL_MS) {
          notify(`${error.message} Retrying.`);
          notifiedAt = now;
        }
        const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS);
        await delay(Math.random() * backoffMs, undefined, { signal: stop });
      }
    }
  };
}

/** Creates contexts with a timeout. Those of a second share a signal, because a timer for each row would be costly. */
function createContextFactory(): () => RequestContext {
  let context: RequestContext | undefined;
  let createdAt = 0;
  return () => {
    const now = performance.now();
    if (!context || now - createdAt > SHARED_SIGNAL_MS) {
      const signal = AbortSignal.timeout(TIMEOUT_MS + SHARED_SIGNAL_MS);
      context = { requestId: "userctl", caller: ANONYMOUS_CALLER, signal };
      createdAt = now;
    }
    return context;
  };
}
