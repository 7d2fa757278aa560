import { ensureUsersTable } from "@user-management/dynamo-adapter";
import { createTableClient, getTableName, print, runCommand } from "./command.ts";

await runCommand(async () => {
  for (const line of await ensureUsersTable(createTableClient(), getTableName())) print(line);
});
