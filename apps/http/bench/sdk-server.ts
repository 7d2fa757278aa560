import {
  createDynamoApiKeyRepository,
  createDynamoClient,
  createDynamoUserRepository,
} from "@user-management/dynamo-adapter";
import { startApplication } from "../src/application.ts";
import { createLog } from "../src/log.ts";
import { readServerSettings } from "../src/settings.ts";

/** This service on DynamoDB over the AWS SDK, which a project may bring. */
const settings = readServerSettings(process.env);
const client = createDynamoClient();
await startApplication({
  settings,
  log: await createLog(settings.LOG_LEVEL),
  openStore: async () => ({
    name: "DynamoDB over the AWS SDK",
    users: createDynamoUserRepository({ client, tableName: settings.USERS_TABLE }),
    keys: createDynamoApiKeyRepository({ client, tableName: settings.USERS_KEYS_TABLE }),
    keysMaxAgeMs: 30_000,
    close: () => client.destroy(),
  }),
});
