import { UserError } from "@user-management/domain";

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that say something of the file or the disk. */
const reasons: Record<number, string> = {
  3: "access is denied",
  5: "another process keeps it locked",
  6: "another connection keeps it locked",
  8: "it cannot be written",
  10: "the disk fails",
  11: "it is damaged",
  13: "the disk is full",
  14: "it cannot be opened",
  15: "another process keeps it locked",
  26: "it is not a SQLite database",
};

/** A unique index refused the row (SQLITE_CONSTRAINT_UNIQUE). */
export const UNIQUE = 2067;

/** The extended result code of an error of SQLite, `undefined` for any other error. */
export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}

/** Why the database cannot serve, in words, when the error says that; `undefined` when it says something else. */
export function reasonOf(error: unknown): string | undefined {
  return reasons[(resultCode(error) ?? 0) & 0xff];
}

/** Another process holds the lock at this moment (SQLITE_BUSY). */
export function isBusy(error: unknown): boolean {
  return ((resultCode(error) ?? 0) & 0xff) === 5;
}

/** The error as the port promises it: `unavailable` for a file or disk that fails, otherwise as it is. */
export function translated(error: unknown): unknown {
  const reason = reasonOf(error);
  return reason === undefined
    ? error
    : new UserError("unavailable", { message: `The users database does not answer: ${reason}.`, cause: error });
}
