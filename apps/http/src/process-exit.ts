import { isUserError } from "@user-management/domain";
import { SettingsError } from "@user-management/node-platform";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** The reason why the server cannot start, as one line for its operator. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** An invalid command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Writes the error to standard error, with its stack only if it is unexpected, and exits with code 2 if the command line
 * is invalid, and with code 1 otherwise.
 */
export function exitWithError(error: unknown): never {
  const isExpected =
    error instanceof StartError || error instanceof SettingsError || error instanceof UsageError || isUserError(error);
  const text = isExpected ? error.message : String((error as Error)?.stack ?? error);
  process.stderr.write(`user-management: ${text}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}

/** Resolves with the first stop signal. The second one has no handler and therefore ends the process immediately. */
export function waitForStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const name of SIGNALS) process.off(name, stop);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, stop);
  });
}

/**
 * Limits the time until the process exits. It exits by itself as soon as nothing is left to do, but log records that
 * wait for the reader of standard output keep it alive.
 */
export function limitTimeToExit(milliseconds: number): void {
  setTimeout(() => process.exit(), milliseconds).unref();
}
