import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { ensureKeysTable, ensureUsersTable, getDefaultKeysTableName } from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import type autocannon from "autocannon";
import { measureLoad, round, startMeasuredServer, type Figures, type MeasuredServer } from "./measured-server.ts";

/**
 * Measures the cost of a request on DynamoDB: this server over the wire client and over the AWS SDK, and a conventional
 * service on Express and the document client. All run on one machine together with DynamoDB Local, so only the ratios of
 * the CPU times are meaningful; the engine limits the rates. The run takes about two minutes.
 */
const REQUESTS = Number(process.argv[2] ?? 6_000);
const CONNECTIONS = 50;
const WARM_UPS = 2;

const CANDIDATES = {
  "wire client": "../src/main.ts",
  "AWS SDK": "sdk-server.ts",
  conventional: "conventional-server.ts",
};

const dynamo = await startDynamo();
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
const rows: Record<string, Record<string, number>> = {};
const results: Record<string, Record<string, Figures>> = {};
for (const [name, script] of Object.entries(CANDIDATES)) {
  const server = await startMeasuredServer(script, environment);
  for (let run = 0; run < WARM_UPS; run += 1) await measureOperations(server);
  results[name] = await measureOperations(server);
  server.child.kill("SIGKILL");
}
await dynamo.stop();

for (const [name, figures] of Object.entries(results)) {
  for (const [operation, row] of Object.entries(figures)) {
    const baseline = results["conventional"]![operation]!;
    rows[`${operation}, ${name}`] = {
      ...row,
      "CPU, of conventional": round(row["CPU µs/request"] / baseline["CPU µs/request"], 2),
      "conventional / this": round(baseline["CPU µs/request"] / row["CPU µs/request"], 2),
    };
  }
}
console.table(rows);

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
