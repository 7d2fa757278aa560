import { spawnSync } from "node:child_process";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { ensureKeysTable, ensureUsersTable, getDefaultKeysTableName } from "@user-management/dynamo-adapter";
import { startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import type autocannon from "autocannon";
import {
  computeMedians,
  measureLoad,
  round,
  startMeasuredServer,
  type Figures,
  type MeasuredServer,
} from "./measured-server.ts";

/**
 * Measures the cost of a request on DynamoDB: this server over the wire client and over the AWS SDK, and a conventional
 * service on Express and the document client. All run on one machine together with DynamoDB Local, so only the ratios of
 * the CPU times are meaningful; the engine limits the rates. The candidates are measured alternately, and the figures are
 * medians, because the speed of a shared machine changes. The run takes about six minutes.
 */
const REQUESTS = Number(process.argv[2] ?? 8_000);
const CONNECTIONS = 50;
const WARM_UPS = 2;
const ROUNDS = 5;

const CANDIDATES = {
  "wire client": "../src/main.ts",
  "AWS SDK": "sdk-server.ts",
  conventional: "conventional-server.ts",
};

const dynamo = await startOnOneCore();
const tableName = "Users";
const client = new DynamoDBClient(dynamo.config);
await ensureUsersTable(client, tableName);
await ensureKeysTable(client, getDefaultKeysTableName(tableName));
client.destroy();

const environment = {
  USERS_STORE: "dynamodb",
  USERS_TABLE: tableName,
  AWS_REGION: "local",
  AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
};

let users = 0;
const servers = new Map<string, MeasuredServer>();
for (const [name, script] of Object.entries(CANDIDATES)) {
  servers.set(name, await startMeasuredServer(script, environment));
}

const samples: Record<string, Record<string, Figures[]>> = {};
for (let run = 1; run <= WARM_UPS + ROUNDS; run += 1) {
  for (const [name, server] of servers) {
    for (const [operation, figures] of Object.entries(await measureOperations(server))) {
      if (run > WARM_UPS) ((samples[operation] ??= {})[name] ??= []).push(figures);
    }
  }
}
for (const { child } of servers.values()) child.kill("SIGKILL");
await dynamo.stop();

const rows: Record<string, Record<string, number>> = {};
for (const [operation, candidates] of Object.entries(samples)) {
  const baseline = computeMedians(candidates["conventional"]!);
  for (const [name, runs] of Object.entries(candidates)) {
    const figures = computeMedians(runs);
    const ratio = baseline["CPU µs/request"] / figures["CPU µs/request"];
    rows[`${operation}, ${name}`] = { ...figures, "CPU, conventional / this": round(ratio, 2) };
  }
}
console.table(rows);

/**
 * Starts the engine on one core, where `taskset` exists. Its threads contend for one lock: on several cores each
 * transaction takes twice as long as soon as a client is fast enough to send two at a time.
 */
async function startOnOneCore(): Promise<Dynamo> {
  setCores("1");
  const engine = await startDynamo();
  setCores("ffffffff");
  return engine;
}

/** Sets the mask of the cores of this process, which the processes that it starts inherit. */
function setCores(mask: string): void {
  spawnSync("taskset", ["--pid", mask, String(process.pid)]);
}

/** Creates users, reads, updates and deletes each of them. */
async function measureOperations(server: MeasuredServer): Promise<Record<string, Figures>> {
  const ids: string[] = [];
  const post = await measure(server, "POST", {
    setupRequest: (request) => ({ ...request, path: "/users", body: JSON.stringify(createBody()) }),
    onResponse: (_, body) => ids.push((JSON.parse(body) as { user_id: string }).user_id),
  });
  const get = await measure(server, "GET", visitEach(ids));
  const put = await measure(server, "PUT", visitEach(ids, JSON.stringify({ address: "456 Another St" })));
  const remove = await measure(server, "DELETE", visitEach(ids));
  return { GET: get, POST: post, PUT: put, DELETE: remove };
}

function measure(server: MeasuredServer, method: "GET" | "POST" | "PUT" | "DELETE", request: autocannon.Request) {
  const headers = method === "POST" || method === "PUT" ? { "content-type": "application/json" } : {};
  return measureLoad(server, {
    connections: CONNECTIONS,
    amount: REQUESTS,
    requests: [{ method, headers, ...request }],
  });
}

/** Creates requests that address the users one after another. */
function visitEach(ids: string[], body?: string): autocannon.Request {
  let next = 0;
  return {
    setupRequest: (request) => {
      const id = ids[next % ids.length];
      next += 1;
      return { ...request, path: `/users/${id}`, ...(body !== undefined && { body }) };
    },
  };
}

function createBody(): object {
  users += 1;
  return { ...EXAMPLE_FIELDS, email: `john.doe.${users}@example.com` };
}
