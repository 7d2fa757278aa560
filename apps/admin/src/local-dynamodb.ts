import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ensureUsersTable } from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import { getTableName, print, runCommand } from "./command.ts";

await runCommand(async () => {
  const { config, endpoint, stop } = await startDynamo();
  try {
    const tableName = getTableName();
    for (const line of await ensureUsersTable(new DynamoDBClient(config), tableName)) print(line);
    print(`
DynamoDB is running at ${endpoint}. Start the server in another terminal:

  export USERS_STORE=dynamodb USERS_TABLE=${tableName} AWS_ENDPOINT_URL_DYNAMODB=${endpoint}
  export AWS_REGION=local AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  npx pnpm start

The data is kept in memory only. Press Ctrl-C to stop.`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  } finally {
    await stop();
  }
});
