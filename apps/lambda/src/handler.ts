import { createHash, randomUUID } from "node:crypto";
import { createUserService } from "@user-management/domain";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { createApp } from "@user-management/rest-adapter";
import { createHandler, tellInvocation } from "./invocation.ts";
import { createLog } from "./log.ts";
import { readSettings } from "./settings.ts";
import { warmUp } from "./warm-up.ts";

// The composition root. It runs once per environment, while the CPU is boosted and nobody waits.
const { USERS_TABLE: tableName, BASE_PATH, LOG_LEVEL } = readSettings(process.env);
const log = createLog(LOG_LEVEL);
const users = createUserService({
  users: createDynamoUserRepository({ client: createDynamoClient(), tableName }),
  now: () => new Date(),
  newId: randomUUID,
  digest: (text) => createHash("sha256").update(text).digest("base64url"),
});
const app = createApp({ users, onExchange: tellInvocation });
await warmUp(app, users, log);

/** The function: API Gateway's REST and HTTP APIs, and Function URLs. */
export const handler = createHandler(app, BASE_PATH, log);
