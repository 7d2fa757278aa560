import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { unzipSync } from "fflate";
import { getLambdaVariables, getNodeOptions } from "./lambda-environment.ts";
import { getRemotePorts, getResidentMemoryBytes, isStopped } from "./process-stats.ts";
import { startRuntimeApi, type Outcome } from "./runtime-api.ts";
import { RUNTIME_CLIENT_PATH } from "./runtime-client.ts";

export interface FunctionOptions {
  /** The deployment package; its handler is `index.handler`. */
  readonly zip: Uint8Array;
  /** The environment variables of the function. */
  readonly environment: Record<string, string>;
  /** The memory of the function in MB. Defaults to 512. */
  readonly memoryMb?: number;
}

/** A function in its own execution environment: a process in which AWS's runtime client passes it event after event. */
export interface RunningFunction {
  /** Resolves with the time from the start to the first request for an event, in ms; rejects if the start fails. */
  readonly initialized: Promise<number>;
  /** Invokes the function. After `timeoutMs`, by default 3,000, the environment is killed, as by Lambda. */
  readonly invoke: (event: unknown, options?: { timeoutMs?: number }) => Promise<Outcome>;
  /** The lines that the function has written so far. */
  readonly logs: string[];
  readonly getMemoryBytes: () => number;
  /** Returns the remote ports of the open TCP connections, without the connections to the Runtime API. */
  readonly getRemotePorts: () => number[];
  /** Stops the process, as Lambda does between two events; resolves when it has stopped. */
  readonly freeze: () => Promise<void>;
  readonly thaw: () => void;
  readonly stop: () => Promise<void>;
}

export async function startFunction({ zip, environment, memoryMb = 512 }: FunctionOptions): Promise<RunningFunction> {
  const api = await startRuntimeApi();
  const root = mkdtempSync(join(tmpdir(), "lambda-"));
  unpack(zip, root);

  const startedAt = performance.now();
  const child = spawn(process.execPath, [...getNodeOptions(memoryMb), RUNTIME_CLIENT_PATH, "index.handler"], {
    cwd: root,
    env: { ...getLambdaVariables({ root, address: api.address, memoryMb }), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const logs = collectLines(child);
  const closed = once(child, "close").then(([exitCode, signal]) => {
    const errorMessage = `The function exited with ${exitCode ?? signal}: ${logs.slice(-20).join("\n")}`;
    api.fail({ errorType: "Runtime.ExitError", errorMessage });
  });
  const initialized = api.initialized.then((error) => {
    if (error) throw new Error(`The function did not start: ${error.errorMessage}`);
    return performance.now() - startedAt;
  });
  initialized.catch(() => undefined); // Only a caller that awaits the initialization handles its error.

  return {
    initialized,
    async invoke(event, { timeoutMs = 3_000 } = {}) {
      await initialized;
      const timer = setTimeout(() => {
        const errorMessage = `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
        api.fail({ errorType: "Sandbox.Timedout", errorMessage });
        kill();
      }, timeoutMs);
      try {
        return await api.invoke(event, timeoutMs);
      } finally {
        clearTimeout(timer);
      }
    },
    logs,
    getMemoryBytes: () => getResidentMemoryBytes(child.pid!),
    getRemotePorts: () => getRemotePorts(child.pid!).filter((port) => !api.address.endsWith(`:${port}`)),
    async freeze() {
      child.kill("SIGSTOP");
      while (!isStopped(child.pid!)) await nextTurn();
    },
    thaw: () => void child.kill("SIGCONT"),
    async stop() {
      process.off("exit", kill);
      kill();
      await closed;
      api.close();
      rmSync(root, { recursive: true });
    },
  };
}

function unpack(zip: Uint8Array, folder: string): void {
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function collectLines({ stdout, stderr }: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [stdout!, stderr!]) createInterface(stream).on("line", (line) => lines.push(line));
  return lines;
}
