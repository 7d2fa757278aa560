import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { nodePlatform } from "@user-management/node-platform";
import { createCredentialFactory } from "@user-management/rest-adapter/testing";
import { createSqliteApiKeyRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { sendRequestTable } from "./request-table.ts";

const MAIN = join(import.meta.dirname, "../../../http/src/main.ts");

/** Starts the Node server with an empty database, and returns its responses to the request table. */
export async function sendRequestTableToNodeServer(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  const { PATH } = process.env;
  const env = { PATH, PORT: "0", SQLITE_PATH: join(folder, "users.db"), USERS_AUTH: "required" };
  const database = openUsersDatabase(env.SQLITE_PATH);
  const createCredential = createCredentialFactory({
    keys: createSqliteApiKeyRepository({ database }),
    ...nodePlatform,
  });
  const server = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const exited = once(server, "exit").then(() => Promise.reject(new Error("The Node server did not start.")));
    const [line] = (await Promise.race([once(createInterface(server.stdout), "line"), exited])) as [string];
    const url = /listening on (\S+),/.exec(line)![1]!;
    return await sendRequestTable({ request: (path, init) => fetch(url + path, init), createCredential });
  } finally {
    server.kill("SIGKILL");
    database.close();
    rmSync(folder, { recursive: true });
  }
}
