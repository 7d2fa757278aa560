import { UserError, type RequestContext } from "@user-management/domain";

/** The reason for each primary result code of SQLite (https://sqlite.org/rescode.html) that concerns file or disk. */
const REASONS: Record<number, string> = {
  3: "access is denied",
  5: "another process keeps it locked",
  6: "another connection keeps it locked",
  8: "it cannot be written",
  10: "the disk has failed",
  11: "it is damaged",
  13: "the disk is full",
  14: "it cannot be opened",
  15: "another process keeps it locked",
  26: "it is not a SQLite database",
};

const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555;
const SQLITE_CONSTRAINT_UNIQUE = 2067;

/** Returns the extended result code of a SQLite error, or `undefined` for any other error. */
function getResultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}

function getPrimaryResultCode(error: unknown): number {
  return (getResultCode(error) ?? 0) & 0xff;
}

/** Returns the reason why the database is unavailable, or `undefined` if the error has another cause. */
export function describeOutage(error: unknown): string | undefined {
  return REASONS[getPrimaryResultCode(error)];
}

/** Reports whether another process held the lock. */
export function isBusy(error: unknown): boolean {
  return getPrimaryResultCode(error) === SQLITE_BUSY;
}

/** Reports whether a statement failed because another row has the same primary key or unique value. */
export function isUniqueViolation(error: unknown): boolean {
  const code = getResultCode(error);
  return code === SQLITE_CONSTRAINT_PRIMARYKEY || code === SQLITE_CONSTRAINT_UNIQUE;
}

/** Maps a failure of the file or the disk to `unavailable`; returns any other error unchanged. */
export function toUserError(error: unknown): unknown {
  const reason = describeOutage(error);
  if (reason === undefined) return error;
  return new UserError("unavailable", { message: `The user database is unavailable: ${reason}.`, cause: error });
}

/**
 * Runs the statements of a read.
 *
 * @throws UserError `unavailable` if the file or the disk fails, or the signal has aborted
 */
export function runRead<Result>({ signal }: RequestContext, run: () => Result): Result {
  if (signal.aborted) throw new UserError("unavailable", { cause: signal.reason });
  try {
    return run();
  } catch (error) {
    throw toUserError(error);
  }
}
