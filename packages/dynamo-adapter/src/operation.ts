import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "@user-management/domain";
import { isRetryable, toUserError, type TableRole } from "./dynamo-error.ts";

export interface OperationOptions {
  /** The table of the operation, for messages. */
  readonly table: TableRole;
  readonly signal: AbortSignal;
}

/**
 * Runs an operation of a repository: retries it after conflicts with concurrent transactions, and stops waiting for it
 * once the signal aborts.
 *
 * @throws UserError `unavailable` if the table is unavailable or the signal aborts
 */
export async function runOperation<Result>(
  { table, signal }: OperationOptions,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await rejectOnAbort(signal, () => retryConflicts(signal, operation));
  } catch (error) {
    if (!signal.aborted) throw toUserError(error, table);
    throw new UserError("unavailable", {
      message: `The ${table} table did not respond before the deadline of the request.`,
      cause: signal.reason,
    });
  }
}

/**
 * Rejects with the reason of the signal once it aborts. The SDK alone does not: it ignores the signal while it resolves
 * credentials, and callers of the read queue share calls that no signal aborts.
 */
async function rejectOnAbort<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  let onAbort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function retryConflicts<Result>(signal: AbortSignal, operation: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await delay(computeBackoffMs(attempt), undefined, { signal });
    }
  }
}

/** Returns the delay after an attempt: exponential backoff with full jitter, at most 500 ms. */
export function computeBackoffMs(attempt: number): number {
  return Math.random() * Math.min(25 * 2 ** attempt, 500);
}
