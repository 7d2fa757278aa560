import { createUserService } from "@user-management/domain";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { nodePlatform } from "@user-management/node-platform";
import { createHandler } from "./create-handler.ts";
import { createLog } from "./log.ts";
import { readFunctionSettings } from "./settings.ts";

/** The timeout of the first read. Lambda limits the whole initialization to 10 seconds. */
const PING_TIMEOUT_MS = 4_500;

// The composition root. It runs once per execution environment, during initialization.
const { USERS_TABLE: tableName, BASE_PATH: basePath, LOG_LEVEL } = readFunctionSettings(process.env);
const log = createLog(LOG_LEVEL);
const users = createUserService({
  users: createDynamoUserRepository({ client: createDynamoClient(), tableName }),
  ...nodePlatform,
});
const { handler, fetch } = createHandler({ users, basePath, log });
await Promise.all([openConnection(), warmUp()]);

export { handler };

/** Opens the connection to the table with a read. An unavailable table does not prevent the start. */
async function openConnection(): Promise<void> {
  const context = { requestId: "initialization", signal: AbortSignal.timeout(PING_TIMEOUT_MS) };
  await users.ping(context).catch((error: unknown) => log.warn("The users table is unavailable.", error));
}

/** Handles a request that stores nothing, so that the code is loaded and compiled before the first invocation. */
async function warmUp(): Promise<void> {
  const headers = { "content-type": "application/json" };
  await fetch(new Request("https://localhost/users", { method: "POST", headers, body: "{}" }));
}
