import { ANONYMOUS_CALLER, type ApiKeyRepository } from "@user-management/domain";
import type { Logger } from "pino";

/** The maximum time for the record of a use, in milliseconds. It also delays the end of the process at most so long. */
const USE_TIMEOUT_MS = 2_000;

export interface UseRecorder {
  /** Stores the hour in which a key was used, in the background. A failure is logged and has no other effect. */
  readonly record: (id: string, hour: string) => void;
  /** Resolves when all uses are stored. Later ones are ignored. */
  readonly close: () => Promise<void>;
}

export function createUseRecorder(keys: ApiKeyRepository, log: Logger): UseRecorder {
  const pending = new Set<Promise<void>>();
  let isClosed = false;

  return {
    record(id, hour) {
      if (isClosed) return;
      const context = { requestId: "key use", caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(USE_TIMEOUT_MS) };
      const write = keys
        .recordUse(id, hour, context)
        .catch((err: unknown) => log.warn({ err, key: id }, "the last use of an API key was not stored"))
        .finally(() => pending.delete(write));
      pending.add(write);
    },

    async close() {
      isClosed = true;
      await Promise.all(pending);
    },
  };
}
