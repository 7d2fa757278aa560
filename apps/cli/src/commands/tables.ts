import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { claimEmails, createDynamoClient, ensureKeysTable, ensureUsersTable } from "@user-management/dynamo-adapter";
import type { ClaimProgress } from "@user-management/dynamo-adapter";
import type { Command } from "commander";
import { EXIT_CODES, print } from "../output.ts";
import { readTableSettings } from "../settings.ts";

const STORE_OPTION = ["--store <store>", "dynamodb:TABLE; defaults to the table of USERS_TABLE"] as const;

/** Adds the commands for DynamoDB tables. */
export function addTableCommands(program: Command): void {
  const table = program.command("table").description("manage the DynamoDB tables");
  table
    .command("create")
    .description("create the tables of users and keys, or configure existing ones")
    .option("--dry-run", "prints what would be changed, and changes nothing")
    .option(...STORE_OPTION)
    .addHelpText("after", "\nExample:\n  userctl table create --store dynamodb:UsersTable")
    .action(createTables);

  const emails = program.command("emails").description("manage email claims");
  emails
    .command("claim")
    .description("claim the emails of legacy users")
    .option(...STORE_OPTION)
    .addHelpText("after", "\nExample:\n  userctl emails claim --store dynamodb:UsersTable")
    .action(claimAllEmails);

  const dynamodb = program.command("dynamodb").description("run DynamoDB without an AWS account");
  dynamodb
    .command("local")
    .description("start DynamoDB Local, create the tables, and print the settings of the server")
    .addHelpText("after", "\nExample:\n  userctl dynamodb local")
    .action(runLocalDynamo);
}

async function createTables({ store, dryRun }: { store?: string; dryRun?: boolean }): Promise<void> {
  const settings = readTableSettings(store);
  // These calls take longer than reads and writes.
  const requestHandler = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true };
  await ensureTables(new DynamoDBClient({ requestHandler }), settings, dryRun);
}

async function ensureTables(
  client: DynamoDBClient,
  { tableName, keysTableName }: ReturnType<typeof readTableSettings>,
  isDryRun = false,
): Promise<void> {
  for (const line of await ensureUsersTable(client, tableName, { isDryRun })) print(line);
  for (const line of await ensureKeysTable(client, keysTableName, { isDryRun })) print(line);
}

async function claimAllEmails({ store }: { store?: string }): Promise<void> {
  const { tableName } = readTableSettings(store);
  let isInterrupted = false;
  process.once("SIGINT", () => (isInterrupted = true));

  let progress: ClaimProgress | undefined;
  for await (progress of claimEmails({ client: createDynamoClient(), tableName })) {
    const { users, claimed, withoutEmail, duplicates } = progress;
    print(`${users} users: ${claimed} emails claimed, ${duplicates.length} duplicates, ${withoutEmail} without email`);
    if (isInterrupted) break;
  }
  for (const { user_id, owner_id } of progress?.duplicates ?? []) {
    print(`duplicate: the email of user ${user_id} is claimed by user ${owner_id}; both are unchanged`);
  }
  print(isInterrupted ? "interrupted; run the command again to continue" : "done");
  if (isInterrupted) process.exitCode = EXIT_CODES.interrupted;
  else if (progress?.duplicates.length) process.exitCode = EXIT_CODES.incomplete;
}

async function runLocalDynamo(_options: object, command: Command): Promise<void> {
  const settings = readTableSettings(undefined);
  const { startDynamo } = await importEngine(command);
  const { config, endpoint, stop } = await startDynamo();
  try {
    await ensureTables(new DynamoDBClient(config), settings);
    print(`
DynamoDB is running at ${endpoint}. Start the server in another terminal:

  export USERS_STORE=dynamodb USERS_TABLE=${settings.tableName} AWS_ENDPOINT_URL_DYNAMODB=${endpoint}
  export AWS_REGION=local AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  npx pnpm start

The data is kept in memory only. Press Ctrl-C to stop.`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  } finally {
    await stop();
  }
}

/** Imports the engine, a development dependency, which the single file does not contain. */
async function importEngine(command: Command): Promise<typeof import("@user-management/dynamo-adapter/testing")> {
  const testing = "@user-management/dynamo-adapter/testing";
  try {
    return (await import(testing)) as typeof import("@user-management/dynamo-adapter/testing");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return command.error(
      "error: DynamoDB Local is a development dependency; run `npx pnpm userctl dynamodb local` in the repository",
    );
  }
}
