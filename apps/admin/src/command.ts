import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { isUserError } from "@user-management/domain";
import { DEFAULT_TABLE_NAME, UnsuitableTable } from "@user-management/dynamo-adapter";

class UsageError extends Error {}

/** Prints a line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Returns the name of the table from the environment variables. */
export function getTableName(): string {
  return process.env["USERS_TABLE"] || DEFAULT_TABLE_NAME;
}

/** Creates a client to manage tables. These calls take longer than reads and writes. */
export function createTableClient(): DynamoDBClient {
  const requestHandler = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true };
  return new DynamoDBClient({ requestHandler });
}

/** Runs a command without arguments. A failure is reported in one line on standard error; the exit code is then 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    if (process.argv.length > 2) {
      throw new UsageError("The command accepts no arguments. Its settings are environment variables.");
    }
    await command();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isUserError(error) || error instanceof UnsuitableTable || error instanceof UsageError) return error.message;
  // The AggregateError of a host with several IP addresses has an empty message.
  const code = "code" in error ? String(error.code) : "";
  return `${error.name}: ${error.message || code}`;
}
