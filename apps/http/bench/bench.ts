import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as elapsed } from "node:timers/promises";
import autocannon from "autocannon";

/**
 * What a request costs: this server on SQLite beside a bare `node:http` server that answers a constant. All in one
 * run on one machine, so compare the ratios. Loopback only; about a minute.
 */
const SECONDS = Number(process.argv[2] ?? 8);
const CONNECTIONS = 32;

const folder = mkdtempSync(join(tmpdir(), "users-bench-"));
const rows: Record<string, Record<string, number>> = {};

const bare = await start("bare-server.ts");
const server = await start("../src/main.ts", { SQLITE_PATH: join(folder, "users.db") });
const user = (await (await create(server.url, newUser(0))).json()) as { user_id: string };

let made = 0;
for (const phase of ["warm up", "measure"]) {
  const seconds = phase === "measure" ? SECONDS : 2;
  await measure("bare node:http", bare, seconds, [{ path: "/" }]);
  await measure("GET /users/{id}", server, seconds, [{ path: `/users/${user.user_id}` }]);
  await measure("POST /users", server, seconds, [
    {
      method: "POST",
      path: "/users",
      headers: { "content-type": "application/json" },
      setupRequest: (request) => ({ ...request, body: JSON.stringify(newUser((made += 1))) }),
    },
  ]);
}

const floor = rows["bare node:http"]!;
for (const row of Object.values(rows)) {
  row["CPU, times bare"] = round(row["CPU µs/request"]! / floor["CPU µs/request"]!, 2);
  row["requests/s, of bare"] = round(row["requests/s"]! / floor["requests/s"]!, 2);
}
console.table(rows);
for (const { child } of [bare, server]) child.kill("SIGKILL");
rmSync(folder, { recursive: true });

interface Measured {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(script: string, settings: Record<string, string> = {}): Promise<Measured> {
  const port = await freePort();
  const child = fork(join(import.meta.dirname, script), {
    env: { ...process.env, PORT: String(port), ...settings },
    execArgv: ["--import", join(import.meta.dirname, "tell-cpu.ts")],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(url);
      return { child, url };
    } catch (error) {
      if (tries === 100) throw error;
      await elapsed(50);
    }
  }
}

async function measure(
  name: string,
  { child, url }: Measured,
  duration: number,
  requests: autocannon.Request[],
): Promise<void> {
  const before = await cpuOf(child);
  const result = await autocannon({ url, connections: CONNECTIONS, duration, requests });
  const used = (await cpuOf(child)) - before;
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${name}: ${result.non2xx} refused, ${result.errors} failed`);
  rows[name] = {
    "requests/s": Math.round(result.requests.average),
    "CPU µs/request": round(used / result.requests.total, 1),
    "p50 ms": result.latency.p50,
    "p99 ms": result.latency.p99,
  };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = once(child, "message");
  child.send("cpu");
  return Number((await answer)[0]);
}

async function freePort(): Promise<number> {
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

function newUser(n: number): object {
  return {
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: `john.doe.${n}@example.com`,
    phone_number: "1234567890",
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
