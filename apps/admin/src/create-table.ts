import { ensureUsersTable } from "@user-management/dynamo-adapter";
import { createTableClient, runCommand, say, tableName } from "./command.ts";

await runCommand(async () => {
  for (const line of await ensureUsersTable(createTableClient(), tableName())) say(line);
});
