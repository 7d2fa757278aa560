import { claimEmails, createDynamoClient, type ClaimProgress } from "@user-management/dynamo-adapter";
import { getTableName, print, runCommand } from "./command.ts";

await runCommand(async () => {
  let isInterrupted = false;
  process.once("SIGINT", () => (isInterrupted = true));

  let progress: ClaimProgress | undefined;
  for await (progress of claimEmails({ client: createDynamoClient(), tableName: getTableName() })) {
    const { users, claimed, withoutEmail, duplicates } = progress;
    print(`${users} users: ${claimed} emails claimed, ${duplicates.length} duplicates, ${withoutEmail} without email`);
    if (isInterrupted) break;
  }
  for (const { user_id, owner_id } of progress?.duplicates ?? []) {
    print(`duplicate: the email of user ${user_id} is claimed by user ${owner_id}; both are unchanged`);
  }
  print(isInterrupted ? "interrupted; run the command again to continue" : "done");
  if (isInterrupted) process.exitCode = 130;
});
