import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";

const MAIN = join(import.meta.dirname, "../main.ts");

/** Creates a folder that is deleted when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  /** The log records so far. */
  readonly log: Record<string, unknown>[];
  /** Resolves with the exit code, or the signal that ended the process. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts the server on a free port as `pnpm start` does, and resolves when it listens. */
export async function startProcess(settings: Record<string, string> = {}, script = MAIN): Promise<ServerProcess> {
  const child = spawnServer({ PORT: "0", ...createStore(), ...settings }, "pipe", script);
  const ended = waitForEvent(child, "close");
  const log: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<string>();
  createInterface(child.stdout!).on("line", (line) => {
    const record = JSON.parse(line) as Record<string, unknown>;
    log.push(record);
    const url = /^listening on (\S+),/.exec(String(record["msg"]))?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  const url = await Promise.race([listening.promise, throwStartError(child)]);
  return { child, url, port: Number(new URL(url).port), log, ended };
}

/** Starts the server without reading its log, and resolves when it responds. */
export async function startProcessWithoutLog(
  settings: Record<string, string> = {},
  stdout: "pipe" | number = "pipe",
): Promise<Omit<ServerProcess, "log">> {
  const port = await freePort();
  const child = spawnServer({ PORT: String(port), ...createStore(), ...settings }, stdout);
  const ended = waitForEvent(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => fetch(`${url}/healthz`).then(({ status }) => status, String), { timeout: 10_000 }).toBe(200);
  return { child, ended, port, url };
}

/** Starts a server that cannot start, and resolves with its exit code and its message on standard error. */
export async function runFailingStart(
  settings: Record<string, string>,
): Promise<{ exitCode: number; message: string }> {
  const child = spawnServer(settings);
  const [message, [exitCode]] = await Promise.all([text(child.stderr!), once(child, "close")]);
  return { exitCode: Number(exitCode), message };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

function spawnServer(settings: Record<string, string>, stdout: "pipe" | number = "pipe", script = MAIN): ChildProcess {
  const { PATH, SystemRoot, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script], {
    env: { PATH, SystemRoot, NODE_COMPILE_CACHE, ...settings },
    stdio: ["ignore", stdout, "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

function createStore(): { SQLITE_PATH: string } {
  return { SQLITE_PATH: join(temporaryFolder(), "users.db") };
}

/** Waits for `exit`, or for `close`, which also waits until the output is read. */
async function waitForEvent(child: ChildProcess, event: "exit" | "close"): Promise<number | NodeJS.Signals> {
  const [exitCode, signal] = (await once(child, event)) as [number | null, NodeJS.Signals | null];
  return exitCode ?? signal!;
}

async function throwStartError(child: ChildProcess): Promise<never> {
  throw new Error(`the server did not start: ${await text(child.stderr!)}`);
}
