import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { usersTable } from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import { build } from "esbuild";
import { unzipSync, zipSync } from "fflate";
import { answerOf } from "../src/testing/answer-of.ts";
import { buildZip } from "../src/testing/build-zip.ts";
import { restEvent } from "../src/testing/events.ts";
import { buildRuntimeClient, noRuntimeClient } from "../src/testing/runtime-client.ts";
import { startFunction } from "../src/testing/start-function.ts";

/**
 * What a cold start costs: this function, the service as it is usually written, and a handler that does nothing, each
 * under AWS's runtime client, on DynamoDB Local. Medians of several environments of each, in turns on one machine, so
 * compare the ratios. Loopback only; half a minute.
 */
const ROUNDS = Number(process.argv[2] ?? 9);
const INVOCATIONS = 10;

const obstacle = noRuntimeClient();
if (obstacle) throw new Error(obstacle);
await buildRuntimeClient();

const functions = {
  ours: aFunction(await buildZip()),
  "the usual one": aFunction(await bundle("usual")),
  "no SDK": aFunction(await bundle("floor")),
};

const dynamo = await startDynamo();
const tableName = "Users";
const userId = "6f1c7d1e-8f4b-4a51-9f0a-0a8a4d0c1b2e";
await storeUser();

for (let turn = 0; turn <= ROUNDS; turn += 1) {
  for (const { zip, runs } of Object.values(functions)) {
    const measured = await measure(zip);
    if (turn > 0) runs.push(measured); // The first turn warms up the disk's cache.
  }
}
await dynamo.stop();

const columns = Object.entries(functions).map(([name, { sizes, runs }]) => {
  const figures: Record<string, number> = { ...sizes };
  for (const figure of Object.keys(runs[0]!) as (keyof Run)[]) figures[figure] = median(runs.map((run) => run[figure]));
  return [name, figures] as const;
});
const usual = columns.find(([name]) => name === "the usual one")![1];
const rows: Record<string, Record<string, number>> = {};
for (const [name, figures] of columns) {
  for (const [figure, value] of Object.entries(figures)) {
    rows[figure] ??= {};
    rows[figure][name] = round(value, 1);
    if (figures !== usual) rows[figure][`${name}, of the usual`] = round(value / usual[figure]!, 2);
  }
}
console.table(rows);

interface Run {
  readonly "start to initialised, ms": number;
  readonly "first invocation, ms": number;
  readonly "tenth invocation, ms": number;
  readonly "start to first answer, ms": number;
  readonly "memory after the tenth, MB": number;
}

/** One environment from its start to its tenth answer, all of them reads of one user. */
async function measure(zip: Uint8Array): Promise<Run> {
  const environment = {
    USERS_TABLE: tableName,
    AWS_REGION: "local",
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
  const lambda = await startFunction({ zip, environment });
  const initialised = await lambda.initialised;
  const invocations: number[] = [];
  for (let n = 0; n < INVOCATIONS; n += 1) {
    const { response, error, milliseconds } = await lambda.invoke(restEvent({ path: `/users/${userId}` }));
    if (error || answerOf(response).status !== 200) throw new Error(JSON.stringify({ response, error }));
    invocations.push(milliseconds);
  }
  const memory = lambda.memory();
  await lambda.stop();
  return {
    "start to initialised, ms": initialised,
    "first invocation, ms": invocations[0]!,
    "tenth invocation, ms": invocations.at(-1)!,
    "start to first answer, ms": initialised + invocations[0]!,
    "memory after the tenth, MB": memory / 1_000_000,
  };
}

function aFunction(zip: Uint8Array) {
  const code = unzipSync(zip, { filter: ({ name }) => name.endsWith("js") });
  const javascript = Object.values(code).reduce((total, { length }) => total + length, 0);
  return { zip, sizes: { "JavaScript, KB": javascript / 1_000, "zip, KB": zip.length / 1_000 }, runs: [] as Run[] };
}

/** A function bundled by esbuild with its defaults. */
async function bundle(name: string): Promise<Uint8Array> {
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  const { outputFiles } = await build({ entryPoints, bundle: true, platform: "node", write: false });
  return zipSync({ "index.js": outputFiles[0]!.contents }, { level: 9 });
}

/** Stores the user who is read, and reads until the engine has compiled its own code. */
async function storeUser(): Promise<void> {
  const client = new DynamoDBClient(dynamo.config);
  await client.send(new CreateTableCommand({ TableName: tableName, ...usersTable }));
  const user = {
    user_id: userId,
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: "john.doe@example.com",
    phone_number: "1234567890",
  };
  const Item = Object.fromEntries(Object.entries(user).map(([name, S]) => [name, { S }]));
  await client.send(new PutItemCommand({ TableName: tableName, Item }));
  const Key = { user_id: { S: userId } };
  for (let n = 0; n < 1_000; n += 1) await client.send(new GetItemCommand({ TableName: tableName, Key }));
  client.destroy();
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
