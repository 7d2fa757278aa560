import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { NewUser, UserRepository } from "@user-management/domain";
import { createDynamoClient, createDynamoUserRepository, usersTable } from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";

/**
 * How long each operation takes, and what it consumes, in a table of 1,000 users and in one of 100,000. The engine is
 * DynamoDB Local on this machine: compare the two columns, not the milliseconds. Of a transaction it tells a constant
 * instead of the units that AWS would count. Some minutes.
 */
const SMALL = 1_000;
const LARGE = Number(process.argv[2] ?? 100_000);
const SAMPLES = 400;

const dynamo = await startDynamo();
const small = await createTable(SMALL);
const large = await createTable(LARGE);
const rows: Record<string, Record<string, number>> = {};

for (const name of Object.keys(small.operations)) {
  const milliseconds = { small: [] as number[], large: [] as number[] };
  for (let n = 0; n < SAMPLES; n += 1) {
    milliseconds.small.push(await time(small.operations[name]!));
    milliseconds.large.push(await time(large.operations[name]!));
  }
  const [before, beforeLarge] = [small.consumed(), large.consumed()];
  await small.operations[name]!();
  await large.operations[name]!();
  const [at, of] = [median(milliseconds.small), median(milliseconds.large)];
  rows[name] = {
    [`p50 ms at ${SMALL}`]: at,
    [`p50 ms at ${LARGE}`]: of,
    ratio: Number((of / at).toFixed(2)),
    [`units at ${SMALL}`]: small.consumed() - before,
    [`units at ${LARGE}`]: large.consumed() - beforeLarge,
  };
}
console.table(rows);
await dynamo.stop();

async function createTable(size: number) {
  const tableName = `Users${size}`;
  await new DynamoDBClient(dynamo.config).send(new CreateTableCommand({ TableName: tableName, ...usersTable }));
  const client = createDynamoClient(dynamo.config);
  const users = createDynamoUserRepository({ client, tableName });
  await load(users, size);
  const consumed = countCapacity(client);
  const operations = operationsOn(users, size);
  for (const operation of Object.values(operations)) for (let n = 0; n < 40; n += 1) await operation();
  return { operations, consumed };
}

function operationsOn(users: UserRepository, size: number): Record<string, () => Promise<unknown>> {
  const updated_at = new Date().toISOString();
  let [n, fresh, last] = [0, size, size];
  const next = () => (n = (n + 7) % 400); // The last ones are for removals.
  return {
    insert: () => users.insert(user((fresh += 1))),
    "insert, once": () => {
      const once = { key: `key-${(fresh += 1)}`, fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 };
      return users.insert(user(fresh), once);
    },
    find: () => users.find(user(next()).user_id),
    findByEmail: () => users.findByEmail(user(next()).email),
    "list, 50 users": () => users.list({ limit: 50, after: user(next()).user_id }),
    update: () => users.update(user(next()).user_id, { address: "456 Another St" }, { updated_at }),
    "update of an email": () =>
      users.update(user(next()).user_id, { email: `changed.${(fresh += 1)}@example.com` }, { updated_at }),
    remove: () => users.remove(user((last -= 1)).user_id),
  };
}

async function time(operation: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await operation();
  return performance.now() - started;
}

function median(values: number[]): number {
  return Number(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!.toFixed(2));
}

/** Stores the first `size` users. */
async function load(users: UserRepository, size: number): Promise<void> {
  let n = 0;
  const insertAll = async () => {
    while (n < size) await users.insert(user((n += 1) - 1));
  };
  await Promise.all(Array.from({ length: 32 }, insertAll));
}

/** The n-th user, always the same. */
function user(n: number): NewUser {
  const scattered = (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  const now = "2026-01-02T03:04:05.678Z";
  return {
    user_id: `${scattered}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: `john.doe.${n}@example.com`,
    phone_number: "1234567890",
    version: 1,
    created_at: now,
    updated_at: now,
  };
}

/** Counts the capacity units that calls consume from now on. */
function countCapacity(counted: DynamoDBDocumentClient): () => number {
  let units = 0;
  counted.middlewareStack.add(
    (next) => async (call) => {
      const answer = await next({ ...call, input: { ...call.input, ReturnConsumedCapacity: "TOTAL" } });
      const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: Capacity | Capacity[] };
      for (const { CapacityUnits = 0 } of [ConsumedCapacity ?? []].flat()) units += CapacityUnits;
      return answer;
    },
    { step: "initialize" },
  );
  return () => units;
}

interface Capacity {
  CapacityUnits?: number;
}
