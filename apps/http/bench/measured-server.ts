import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import autocannon from "autocannon";

const START_ATTEMPTS = 200;

/** A server in a process of its own, whose CPU time can be read. */
export interface MeasuredServer {
  readonly child: ChildProcess;
  readonly url: string;
}

/** One row of figures: the mean of the requests of a load. */
export interface Figures {
  readonly "requests/s": number;
  readonly "CPU µs/request": number;
  readonly "p50 ms": number;
  readonly "p99 ms": number;
}

/** Starts a script of this folder, which listens on the `PORT` of its environment. */
export async function startMeasuredServer(
  script: string,
  environment: Record<string, string> = {},
): Promise<MeasuredServer> {
  const port = await findFreePort();
  const child = fork(join(import.meta.dirname, script), {
    env: { ...process.env, PORT: String(port), ...environment },
    execArgv: ["--import", join(import.meta.dirname, "report-cpu.ts")],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await fetch(url);
      return { child, url };
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await delay(50);
    }
  }
}

/**
 * Sends a load to a server.
 *
 * @throws Error if a response is unsuccessful, because such responses have other costs
 */
export async function measureLoad(
  { child, url }: MeasuredServer,
  load: Omit<autocannon.Options, "url">,
): Promise<Figures> {
  const cpuBeforeUs = await readCpuUs(child);
  const result = await autocannon({ ...load, url });
  const cpuUs = (await readCpuUs(child)) - cpuBeforeUs;
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} unsuccessful responses, ${result.errors} failed requests`);
  }
  return {
    "requests/s": Math.round(result.requests.average),
    "CPU µs/request": round(cpuUs / result.requests.total, 1),
    "p50 ms": result.latency.p50,
    "p99 ms": result.latency.p99,
  };
}

/** Returns the medians of the figures of several runs. */
export function computeMedians(runs: readonly Figures[]): Figures {
  const figures: Record<string, number> = {};
  for (const name of Object.keys(runs[0]!) as (keyof Figures)[]) {
    figures[name] = runs.map((run) => run[name]).toSorted((one, other) => one - other)[Math.floor(runs.length / 2)]!;
  }
  return figures as unknown as Figures;
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Returns the CPU time that a process has used, in microseconds. */
async function readCpuUs(child: ChildProcess): Promise<number> {
  const message = once(child, "message");
  child.send("cpu");
  return Number((await message)[0]);
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
