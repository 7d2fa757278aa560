import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";

const MAIN = join(import.meta.dirname, "../main.ts");

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function run(settings: Record<string, string>, stdout: "pipe" | number = "pipe", script = MAIN): ChildProcess {
  const { PATH, SystemRoot } = process.env;
  const child = spawn(process.execPath, [script], {
    env: { PATH, SystemRoot, ...settings },
    stdio: ["ignore", stdout, "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  /** What it has logged so far, line by line. */
  readonly log: Record<string, unknown>[];
  /** Resolves when it has ended, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** The server as `pnpm start` runs it, on a free port, once it listens. */
export async function startProcess(settings: Record<string, string> = {}, script = MAIN): Promise<ServerProcess> {
  const child = run({ PORT: "0", SQLITE_PATH: join(temporaryFolder(), "users.db"), ...settings }, "pipe", script);
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const log: Record<string, unknown>[] = [];
  const lines = createInterface(child.stdout!);
  lines.on("line", (line) => log.push(JSON.parse(line) as Record<string, unknown>));
  await Promise.race([once(lines, "line"), failure(child)]);
  const url = /listening on (\S+),/.exec(String(log[0]?.["msg"]))![1]!;
  return { child, url, port: Number(new URL(url).port), log, ended };
}

/** The server when its log says nothing of where it listens, or cannot be read: once it answers. */
export async function startUnheard(
  settings: Record<string, string>,
  stdout: "pipe" | number,
): Promise<Pick<ServerProcess, "child" | "ended" | "url">> {
  const port = await freePort();
  const child = run({ PORT: String(port), SQLITE_PATH: join(temporaryFolder(), "users.db"), ...settings }, stdout);
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => fetch(`${url}/healthz`).then(({ status }) => status, String), { timeout: 10_000 }).toBe(200);
  return { child, ended, url };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

async function failure(child: ChildProcess): Promise<never> {
  throw new Error(`the server did not start: ${await text(child.stderr!)}`);
}

/** What a server that cannot start says on standard error, and its exit code. */
export async function refusalToStart(settings: Record<string, string>): Promise<{ code: number; said: string }> {
  const child = run(settings);
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, "close")]);
  return { code: Number(code), said };
}
