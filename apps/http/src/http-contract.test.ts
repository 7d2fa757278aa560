import { join } from "node:path";
import { createTestClient, describeHttpContract } from "@user-management/rest-adapter/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./testing/start-process.ts";
import { QUICK_DRAIN, startService } from "./testing/start-service.ts";

describeHttpContract("the Node server over a socket, on SQLite", async () => {
  const database = openUsersDatabase(join(temporaryFolder(), "users.db"));
  onTestFinished(() => database.close());
  const { url } = await startService(createSqliteUserRepository({ database }), QUICK_DRAIN);
  return createTestClient((path, init) => fetch(url + path, init));
});
