import { claimEmails, createDynamoClient, type ClaimProgress } from "@user-management/dynamo-adapter";
import { runCommand, say, tableName } from "./command.ts";

await runCommand(async () => {
  let interrupted = false;
  process.once("SIGINT", () => (interrupted = true));

  let progress: ClaimProgress | undefined;
  for await (progress of claimEmails({ client: createDynamoClient(), tableName: tableName() })) {
    const { users, claimed, without, duplicates } = progress;
    say(`${users} users, ${claimed} addresses claimed, ${duplicates.length} duplicates, ${without} without an address`);
    if (interrupted) break;
  }
  for (const { user_id, owner_id } of progress?.duplicates ?? []) {
    say(`duplicate: user ${user_id} has the address that user ${owner_id} has claimed; nothing was changed`);
  }
  say(interrupted ? "interrupted; run it again to go on" : "done");
  if (interrupted) process.exitCode = 130;
});
