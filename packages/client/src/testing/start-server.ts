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
  /** The file that it keeps its users in. */
  readonly path: string;
  /** Ends the process with no chance to finish anything. */
  readonly kill: () => Promise<void>;
  /** Starts it anew where it was, with the users it had; resolves when it listens. */
  readonly restart: () => Promise<void>;
  /** Ends it and removes what it has kept. */
  readonly stop: () => Promise<void>;
}

/** The service as a process of its own, on a free port and without users. */
export async function startServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "client-"));
  const path = join(folder, "users.db");
  let child: ChildProcess;
  process.once("exit", end); // It does not outlive a run that is interrupted.
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
      process.off("exit", end);
      end();
    },
  };

  async function start(port: string): Promise<string> {
    const { PATH, SystemRoot } = process.env;
    const env = { PATH, SystemRoot, PORT: port, SQLITE_PATH: path };
    child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
    const lines = createInterface(child.stdout!);
    const [line] = (await Promise.race([once(lines, "line"), failure(child)])) as [string];
    return /listening on (\S+),/.exec(line)![1]!;
  }

  function end(): void {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  }
}

async function failure(child: ChildProcess): Promise<never> {
  throw new Error(`the server did not start: ${await text(child.stderr!)}`);
}
