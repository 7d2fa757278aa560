import { UserError } from "@user-management/domain";
import { toUserError, type TableRole } from "./outage.ts";

export interface OperationOptions {
  /** The table of the operation, for messages. */
  readonly table: TableRole;
  readonly signal: AbortSignal;
}

/**
 * Runs an operation of a repository, and stops waiting for it once the signal aborts.
 *
 * @throws UserError `unavailable` if the table is unavailable or the signal aborts
 */
export async function runOperation<Result>(
  { table, signal }: OperationOptions,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await rejectOnAbort(signal, operation);
  } catch (error) {
    if (!signal.aborted) throw toUserError(error, table);
    throw new UserError("unavailable", {
      message: `The ${table} table did not respond before the deadline of the request.`,
      cause: signal.reason,
    });
  }
}

/**
 * Rejects with the reason of the signal once it aborts. The clients alone do not: the SDK ignores the signal while it
 * resolves credentials, the wire client until the end of an attempt, and callers of the read queue share calls.
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
