import { isUserError } from "@user-management/domain";
import { UnsuitableTable } from "@user-management/dynamo-adapter";
import { SettingsError } from "@user-management/node-platform";
import { InputError } from "./formats/format.ts";

/** The exit codes of every command. `incomplete`: some users failed, or two stores differ. */
export const EXIT_CODES = { incomplete: 1, failed: 2, interrupted: 130 } as const;

/** Prints a line of the result on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line for the operator on standard error. */
export function notify(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints an error in one line on standard error, and sets the exit code. */
export function reportError(error: unknown): void {
  notify(describeError(error).replaceAll(/\s*\n\s*/g, " "));
  process.exitCode = EXIT_CODES.failed;
}

/** The errors whose message is written for operators. */
const ONE_LINE_ERRORS = [InputError, SettingsError, UnsuitableTable];

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isUserError(error) || ONE_LINE_ERRORS.some((type) => error instanceof type)) return error.message;
  // The AggregateError of a host with several IP addresses has an empty message.
  const code = "code" in error ? String(error.code) : "";
  return `${error.name}: ${error.message || code}`;
}
