import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { UserError } from "@user-management/domain";
import { DEFAULT_TABLE_NAME, UnsuitableTable } from "@user-management/dynamo-adapter";

/** A command's line on standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The table that the settings name. */
export function tableName(): string {
  return process.env["USERS_TABLE"] || DEFAULT_TABLE_NAME;
}

/** A client to manage tables with, which takes longer than to use them. Time in milliseconds. */
export function createTableClient(): DynamoDBClient {
  const requestHandler = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true };
  return new DynamoDBClient({ requestHandler });
}

/** Runs a command that takes no arguments; what fails is said in one line, and the exit code is 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  const [, , ...surplus] = process.argv;
  try {
    if (surplus.length > 0)
      throw new Error(`no arguments are taken, and ${surplus.length} given; settings are environment variables`);
    await command();
  } catch (error) {
    process.stderr.write(`${lineOf(error)}\n`);
    process.exitCode = 1;
  }
}

function lineOf(error: unknown): string {
  if (error instanceof UserError || error instanceof UnsuitableTable) return error.message;
  // An AggregateError, such as a refused connection to several addresses, has an empty message.
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return error instanceof Error ? `${error.name}: ${error.message || code}` : String(error);
}
