import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import type autocannon from "autocannon";
import { createKeyInFile } from "../src/testing/create-key.ts";
import { measureLoad, round, startMeasuredServer, type MeasuredServer } from "./measured-server.ts";

/**
 * Measures the cost of a request: this server on SQLite, without and with API keys, beside a bare `node:http` server that
 * returns a constant. All run on one machine over loopback, so only the ratios are meaningful. The run takes less than a
 * minute.
 */
const DURATION_S = Number(process.argv[2] ?? 8);
const WARM_UP_S = 2;
const CONNECTIONS = 32;

const folder = mkdtempSync(join(tmpdir(), "users-bench-"));
const rows: Record<string, Record<string, number>> = {};

const bare = await startMeasuredServer("bare-server.ts");
const anonymousServer = await startMeasuredServer("../src/main.ts", { SQLITE_PATH: join(folder, "users.db") });
const path = await createUser(anonymousServer.url);

const keyedFile = join(folder, "keyed.db");
const { key } = await createKeyInFile(keyedFile);
const authorization = { authorization: `Bearer ${key}` };
const keyedServer = await startMeasuredServer("../src/main.ts", { SQLITE_PATH: keyedFile });
const keyedPath = await createUser(keyedServer.url, authorization);

let created = 0;
for (const durationS of [WARM_UP_S, DURATION_S]) {
  await measure("bare node:http", bare, durationS, [{ path: "/" }]);
  await measure("GET /users/{id}", anonymousServer, durationS, [{ path }]);
  await measure("GET with an API key", keyedServer, durationS, [{ path: keyedPath, headers: authorization }]);
  await measure("POST /users", anonymousServer, durationS, [
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
const keyRatio = rows["GET with an API key"]!["CPU µs/request"]! / rows["GET /users/{id}"]!["CPU µs/request"]!;
console.log(`An API key multiplies the CPU time of GET by ${round(keyRatio, 2)}.`);
for (const { child } of [bare, anonymousServer, keyedServer]) child.kill("SIGKILL");
rmSync(folder, { recursive: true });

/** Sends a load to a server, and sets the row with this name; the measurement replaces the row of the warm-up. */
async function measure(
  name: string,
  server: MeasuredServer,
  duration: number,
  requests: autocannon.Request[],
): Promise<void> {
  rows[name] = { ...(await measureLoad(server, { connections: CONNECTIONS, duration, requests })) };
}

/** Creates a user, and returns its path. */
async function createUser(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${url}/users`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(newUserBody(0)),
  });
  return response.headers.get("location")!;
}

function newUserBody(index: number): object {
  return { ...EXAMPLE_FIELDS, email: `john.doe.${index}@example.com` };
}
