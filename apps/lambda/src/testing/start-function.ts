import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as immediate } from "node:timers/promises";
import { unzipSync } from "fflate";
import { isStopped, remotePorts, residentMemory } from "./process-figures.ts";
import { startRuntimeApi, type Outcome } from "./runtime-api.ts";
import { runtimeClient } from "./runtime-client.ts";

export interface FunctionOptions {
  /** The file that is deployed; the handler in it is `index.handler`. */
  readonly zip: Uint8Array;
  /** The function's settings. */
  readonly environment: Record<string, string>;
  /** The memory that the function has, in MB: 512. */
  readonly memory?: number;
}

/** A function in an environment of its own, as Lambda runs it: by AWS's runtime client, one event after another. */
export interface RunningFunction {
  readonly pid: number;
  /** Resolves with the milliseconds from its start until it asks for the first event; rejects if it cannot start. */
  readonly initialised: Promise<number>;
  /**
   * Hands it an event, of which it has until `timeoutMs` (3 seconds) to make something; after that Lambda ends the
   * environment, and so does this.
   */
  readonly invoke: (event: unknown, options?: { timeoutMs?: number }) => Promise<Outcome>;
  /** Every line that it has written so far. */
  readonly logs: string[];
  /** The memory that it holds, in bytes. */
  readonly memory: () => number;
  /** The ports that its open TCP connections lead to, without the one to Lambda. */
  readonly sockets: () => number[];
  /** Stops it where it is, as Lambda does between two events; resolves when it stands still. */
  readonly freeze: () => Promise<void>;
  readonly thaw: () => void;
  readonly stop: () => Promise<void>;
}

export async function startFunction({ zip, environment, memory = 512 }: FunctionOptions): Promise<RunningFunction> {
  const api = await startRuntimeApi();
  const root = mkdtempSync(join(tmpdir(), "lambda-"));
  unpack(zip, root);

  const started = performance.now();
  const child = spawn(process.execPath, [...nodeOptions(memory), runtimeClient, "index.handler"], {
    cwd: root,
    env: { ...lambdaEnvironment(root, api.address, memory), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => void child.kill("SIGKILL");
  process.once("exit", end);
  const logs = linesOf(child);
  const ended = once(child, "close").then(([exitCode, signal]) => {
    const errorMessage = `the function ended with ${exitCode ?? signal}: ${logs.slice(-20).join("\n")}`;
    api.abandon({ errorType: "Runtime.ExitError", errorMessage });
  });
  const initialised = api.initialised.then((error) => {
    if (error) throw new Error(`the function did not start: ${error.errorMessage}`);
    return performance.now() - started;
  });
  initialised.catch(() => undefined); // Whoever awaits it is told.

  return {
    pid: child.pid!,
    initialised,
    async invoke(event, { timeoutMs = 3_000 } = {}) {
      await initialised;
      const timer = setTimeout(() => {
        const errorMessage = `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
        api.abandon({ errorType: "Sandbox.Timedout", errorMessage });
        end();
      }, timeoutMs);
      try {
        return await api.invoke(event, timeoutMs);
      } finally {
        clearTimeout(timer);
      }
    },
    logs,
    memory: () => residentMemory(child.pid!),
    sockets: () => remotePorts(child.pid!).filter((port) => !api.address.endsWith(`:${port}`)),
    async freeze() {
      child.kill("SIGSTOP");
      while (!isStopped(child.pid!)) await immediate();
    },
    thaw: () => void child.kill("SIGCONT"),
    async stop() {
      process.off("exit", end);
      end();
      await ended;
      api.close();
      rmSync(root, { recursive: true });
    },
  };
}

/**
 * How Lambda starts Node.js, as public copies of `/var/runtime/bootstrap` from AWS's images show it (those of nodejs24.x
 * were not at hand). It matters: with `--expose-gc` Node.js does not use the code cache of its own modules.
 */
function nodeOptions(memory: number): string[] {
  const young = Math.floor(memory / 10);
  return [
    "--expose-gc",
    "--max-http-header-size=81920",
    `--max-semi-space-size=${Math.floor(young / 2)}`,
    `--max-old-space-size=${memory - young}`,
  ];
}

/** AWS's page "Working with Lambda environment variables", under "Defined runtime environment variables". */
function lambdaEnvironment(root: string, address: string, memory: number): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: "users",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/users",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    LAMBDA_TASK_ROOT: root,
    LAMBDA_RUNTIME_DIR: dirname(runtimeClient),
    _HANDLER: "index.handler",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
  };
}

function unpack(zip: Uint8Array, folder: string): void {
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function linesOf({ stdout, stderr }: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [stdout!, stderr!]) createInterface(stream).on("line", (line) => lines.push(line));
  return lines;
}
