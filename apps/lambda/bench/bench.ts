import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { ANONYMOUS_CALLER, createApiKeyService, EXAMPLE_FIELDS } from "@user-management/domain";
import {
  createDynamoApiKeyRepository,
  createDynamoClient,
  getDefaultKeysTableName,
  KEYS_TABLE_DEFINITION,
  USERS_TABLE_DEFINITION,
} from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import { nodePlatform } from "@user-management/node-platform";
import { build } from "esbuild";
import { unzipSync, zipSync } from "fflate";
import { buildZip } from "../bundle/build-zip.ts";
import { toRestEvent } from "../src/testing/events.ts";
import { buildRuntimeClient, findRuntimeClientObstacle } from "../src/testing/runtime-client.ts";
import { startFunction } from "../src/testing/start-function.ts";
import { toResponse } from "../src/testing/to-response.ts";

/**
 * Measures cold starts of three functions: this service, a conventional implementation, and a handler without work.
 * Each runs under AWS's runtime client, with DynamoDB Local on the same machine. The figures are medians of several
 * environments, which run alternately; only their ratios are meaningful. The run takes half a minute.
 */
const ROUNDS = Number(process.argv[2] ?? 9);
const INVOCATIONS = 10;

const obstacle = findRuntimeClientObstacle();
if (obstacle) throw new Error(obstacle);
await buildRuntimeClient();

const candidates = {
  "this function": createCandidate(await buildZip()),
  conventional: createCandidate(await bundleWithDefaults("conventional")),
  "no SDK": createCandidate(await bundleWithDefaults("floor")),
};

const dynamo = await startDynamo();
const tableName = "Users";
const userId = "6f1c7d1e-8f4b-4a51-9f0a-0a8a4d0c1b2e";
await storeUser();
const request = { path: `/users/${userId}`, headers: { authorization: `Bearer ${await createKey()}` } };

for (let round = 0; round <= ROUNDS; round += 1) {
  for (const { zip, runs } of Object.values(candidates)) {
    const run = await measure(zip);
    if (round > 0) runs.push(run); // The first round warms up the disk cache.
  }
}
await dynamo.stop();

const columns = Object.entries(candidates).map(([name, { sizes, runs }]) => {
  const figures: Record<string, number> = { ...sizes };
  for (const figure of Object.keys(runs[0]!) as (keyof Run)[]) {
    figures[figure] = computeMedian(runs.map((run) => run[figure]));
  }
  return [name, figures] as const;
});
const conventional = columns.find(([name]) => name === "conventional")![1];
const rows: Record<string, Record<string, number>> = {};
for (const [name, figures] of columns) {
  for (const [figure, value] of Object.entries(figures)) {
    rows[figure] ??= {};
    rows[figure][name] = roundTo(value, 1);
    if (figures !== conventional) rows[figure][`${name}, ratio`] = roundTo(value / conventional[figure]!, 2);
  }
}
console.table(rows);

interface Run {
  readonly "start to initialized, ms": number;
  readonly "first invocation, ms": number;
  readonly "tenth invocation, ms": number;
  readonly "start to first response, ms": number;
  readonly "memory after the tenth, MB": number;
}

/** Measures one environment from its start to its tenth response. All invocations read one user with one API key. */
async function measure(zip: Uint8Array): Promise<Run> {
  const environment = {
    USERS_TABLE: tableName,
    AWS_REGION: "local",
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
  const lambda = await startFunction({ zip, environment });
  const initializationMs = await lambda.initialized;
  const durationsMs: number[] = [];
  for (let n = 0; n < INVOCATIONS; n += 1) {
    const { response, error, durationMs } = await lambda.invoke(toRestEvent(request));
    if (error || toResponse(response).status !== 200) throw new Error(JSON.stringify({ response, error }));
    durationsMs.push(durationMs);
  }
  const memoryBytes = lambda.getMemoryBytes();
  await lambda.stop();
  return {
    "start to initialized, ms": initializationMs,
    "first invocation, ms": durationsMs[0]!,
    "tenth invocation, ms": durationsMs.at(-1)!,
    "start to first response, ms": initializationMs + durationsMs[0]!,
    "memory after the tenth, MB": memoryBytes / 1_000_000,
  };
}

function createCandidate(zip: Uint8Array) {
  // Without the verifier of access tokens, which is not loaded.
  const code = unzipSync(zip, { filter: ({ name }) => /^index\.m?js$/.test(name) });
  const codeBytes = Object.values(code).reduce((total, { length }) => total + length, 0);
  return { zip, sizes: { "JavaScript, KB": codeBytes / 1_000, "zip, KB": zip.length / 1_000 }, runs: [] as Run[] };
}

/** Bundles a function with the defaults of esbuild. */
async function bundleWithDefaults(name: string): Promise<Uint8Array> {
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  const { outputFiles } = await build({ entryPoints, bundle: true, platform: "node", write: false });
  return zipSync({ "index.js": outputFiles[0]!.contents }, { level: 9 });
}

/** Stores the user of the invocations, and reads it until the engine has compiled its own code. */
async function storeUser(): Promise<void> {
  const client = new DynamoDBClient(dynamo.config);
  await client.send(new CreateTableCommand({ TableName: tableName, ...USERS_TABLE_DEFINITION }));
  const attributes = { user_id: userId, ...EXAMPLE_FIELDS };
  const Item = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, { S: value as string }]));
  await client.send(new PutItemCommand({ TableName: tableName, Item }));
  const Key = { user_id: { S: userId } };
  for (let n = 0; n < 1_000; n += 1) await client.send(new GetItemCommand({ TableName: tableName, Key }));
  client.destroy();
}

/** Creates an API key for the invocations. Only this service validates it. */
async function createKey(): Promise<string> {
  const client = createDynamoClient(dynamo.config);
  const keysTableName = getDefaultKeysTableName(tableName);
  await client.send(new CreateTableCommand({ TableName: keysTableName, ...KEYS_TABLE_DEFINITION }));
  const keys = createDynamoApiKeyRepository({ client, tableName: keysTableName });
  const context = { requestId: "bench", caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(10_000) };
  const { key } = await createApiKeyService({ keys, ...nodePlatform }).create(
    { name: "bench", scopes: ["users:read"] },
    context,
  );
  client.destroy();
  return key;
}

function computeMedian(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

function roundTo(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
