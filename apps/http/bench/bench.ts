import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import autocannon from "autocannon";

/**
 * Measures the cost of a request: this server on SQLite beside a bare `node:http` server that returns a constant. Both
 * run on one machine over loopback, so only the ratios are meaningful. The run takes half a minute.
 */
const DURATION_S = Number(process.argv[2] ?? 8);
const WARM_UP_S = 2;
const CONNECTIONS = 32;
const START_ATTEMPTS = 100;

const folder = mkdtempSync(join(tmpdir(), "users-bench-"));
const rows: Record<string, Record<string, number>> = {};

const bare = await start("bare-server.ts");
const server = await start("../src/main.ts", { SQLITE_PATH: join(folder, "users.db") });
const user = (await (await create(server.url, newUserBody(0))).json()) as { user_id: string };

let created = 0;
for (const durationS of [WARM_UP_S, DURATION_S]) {
  await measure("bare node:http", bare, durationS, [{ path: "/" }]);
  await measure("GET /users/{id}", server, durationS, [{ path: `/users/${user.user_id}` }]);
  await measure("POST /users", server, durationS, [
    {
      method: "POST",
      path: "/users",
      headers: { "content-type": "application/json" },
      setupRequest: (request) => ({ ...request, body: JSON.stringify(newUserBody((created += 1))) }),
    },
  ]);
}

const baseline = rows["bare node:http"]!;
for (const row of Object.values(rows)) {
  row["CPU, times bare"] = round(row["CPU µs/request"]! / baseline["CPU µs/request"]!, 2);
  row["requests/s, of bare"] = round(row["requests/s"]! / baseline["requests/s"]!, 2);
}
console.table(rows);
for (const { child } of [bare, server]) child.kill("SIGKILL");
rmSync(folder, { recursive: true });

interface MeasuredServer {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(script: string, settings: Record<string, string> = {}): Promise<MeasuredServer> {
  const port = await findFreePort();
  const child = fork(join(import.meta.dirname, script), {
    env: { ...process.env, PORT: String(port), ...settings },
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

/** Sends a load to a server, and sets the row with this name; the measurement replaces the row of the warm-up. */
async function measure(
  name: string,
  { child, url }: MeasuredServer,
  duration: number,
  requests: autocannon.Request[],
): Promise<void> {
  const cpuBefore = await readCpuTime(child);
  const result = await autocannon({ url, connections: CONNECTIONS, duration, requests });
  const cpuUsed = (await readCpuTime(child)) - cpuBefore;
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${name}: ${result.non2xx} unsuccessful responses, ${result.errors} failed requests`);
  }
  rows[name] = {
    "requests/s": Math.round(result.requests.average),
    "CPU µs/request": round(cpuUsed / result.requests.total, 1),
    "p50 ms": result.latency.p50,
    "p99 ms": result.latency.p99,
  };
}

/** Returns the CPU time that a process has used, in microseconds. */
async function readCpuTime(child: ChildProcess): Promise<number> {
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

function create(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/users`, { method: "POST", headers, body: JSON.stringify(body) });
}

function newUserBody(index: number): object {
  return { ...EXAMPLE_FIELDS, email: `john.doe.${index}@example.com` };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
