import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sendRequestTable } from "./request-table.ts";

const MAIN = join(import.meta.dirname, "../../../http/src/main.ts");

/** Starts the Node server with an empty database, and returns its responses to the request table. */
export async function sendRequestTableToNodeServer(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  const { PATH } = process.env;
  const env = { PATH, PORT: "0", SQLITE_PATH: join(folder, "users.db") };
  const server = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const exited = once(server, "exit").then(() => Promise.reject(new Error("The Node server did not start.")));
    const [line] = (await Promise.race([once(createInterface(server.stdout), "line"), exited])) as [string];
    const url = /listening on (\S+),/.exec(line)![1]!;
    return await sendRequestTable((path, init) => fetch(url + path, init));
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}
