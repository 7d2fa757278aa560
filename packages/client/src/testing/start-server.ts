import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

const MAIN = join(import.meta.dirname, "../../../../apps/http/src/main.ts");

export interface Server {
  readonly url: string;
  /** The path of the database file. */
  readonly path: string;
  /** Kills the process without a graceful shutdown. */
  readonly kill: () => Promise<void>;
  /** Starts the process again with the same port and database; resolves when it listens. */
  readonly restart: () => Promise<void>;
  /** Kills the process and deletes its database. */
  readonly stop: () => Promise<void>;
}

/** Starts the service as a process, on a free port and with an empty database. */
export async function startServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "client-"));
  const path = join(folder, "users.db");
  let child: ChildProcess;
  process.once("exit", cleanUp); // An interrupted test run leaves no process.
  const url = await start("0");
  return {
    url,
    path,
    kill,
    async restart() {
      await start(new URL(url).port);
    },
    async stop() {
      await kill();
      process.off("exit", cleanUp);
      cleanUp();
    },
  };

  async function start(port: string): Promise<string> {
    const { PATH, SystemRoot, NODE_COMPILE_CACHE } = process.env;
    const env = { PATH, SystemRoot, NODE_COMPILE_CACHE, PORT: port, SQLITE_PATH: path };
    child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
    const lines = createInterface(child.stdout!);
    const [line] = (await Promise.race([once(lines, "line"), rejectOnExit(child)])) as [string];
    return /listening on (\S+),/.exec(line)![1]!;
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }

  function cleanUp(): void {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function rejectOnExit(child: ChildProcess): Promise<never> {
  throw new Error(`The server did not start: ${await text(child.stderr!)}`);
}
