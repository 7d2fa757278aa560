import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ensureUsersTable } from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import { runCommand, say, tableName } from "./command.ts";

await runCommand(async () => {
  const { config, endpoint, stop } = await startDynamo();
  for (const line of await ensureUsersTable(new DynamoDBClient(config), tableName())) say(line);
  say(`
DynamoDB is at ${endpoint}. In another terminal:

  export USERS_STORE=dynamodb USERS_TABLE=${tableName()} AWS_ENDPOINT_URL_DYNAMODB=${endpoint}
  export AWS_REGION=local AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  npx pnpm start

Its data is in memory. Stop it with Ctrl-C.`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await stop();
});
