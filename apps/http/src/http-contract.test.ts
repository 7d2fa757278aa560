import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, describeHttpContract } from "@user-management/rest-adapter/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { onTestFinished } from "vitest";
import { startService } from "./testing/start-service.ts";

describeHttpContract("the Node server over a socket, on SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  const database = openUsersDatabase(join(folder, "users.db"));
  onTestFinished(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  const { url } = await startService(createSqliteUserRepository({ database }));
  return createClient((path, init) => fetch(url + path, init));
});
