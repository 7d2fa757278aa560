import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { EXAMPLE_FIELDS, type NewUser, type UserRepository } from "@user-management/domain";
import { createContext } from "@user-management/domain/testing";
import {
  createDynamoClient,
  createDynamoUserRepository,
  USERS_TABLE_DEFINITION,
} from "@user-management/dynamo-adapter";
import { startDynamo } from "@user-management/dynamo-adapter/testing";

/**
 * Measures the duration and the consumed capacity of each operation in a table of 1,000 users and in one of 100,000, or
 * of the number in the first argument. The engine is DynamoDB Local on this machine: compare the two columns, not the
 * milliseconds. For a transaction it reports a constant instead of the units that AWS would count. The default run takes
 * several minutes.
 */
const SMALL = 1_000;
const LARGE = Number(process.argv[2] ?? 100_000);
const SAMPLES = 400;
const WARM_UP_CALLS = 40;

type Operation = () => Promise<unknown>;

const dynamo = await startDynamo();
const small = await createTable(SMALL);
const large = await createTable(LARGE);
const rows: Record<string, Record<string, number>> = {};

for (const name of Object.keys(small.operations)) {
  const durations = { small: [] as number[], large: [] as number[] };
  for (let n = 0; n < SAMPLES; n += 1) {
    durations.small.push(await measureMs(small.operations[name]!));
    durations.large.push(await measureMs(large.operations[name]!));
  }
  const unitsBefore = { small: small.countUnits(), large: large.countUnits() };
  await small.operations[name]!();
  await large.operations[name]!();
  const p50 = { small: computeMedian(durations.small), large: computeMedian(durations.large) };
  rows[name] = {
    [`p50 ms at ${SMALL}`]: p50.small,
    [`p50 ms at ${LARGE}`]: p50.large,
    ratio: Number((p50.large / p50.small).toFixed(2)),
    [`units at ${SMALL}`]: small.countUnits() - unitsBefore.small,
    [`units at ${LARGE}`]: large.countUnits() - unitsBefore.large,
  };
}
console.table(rows);
await dynamo.stop();

/** Creates a table of `size` users, and warms up its operations. */
async function createTable(size: number) {
  const tableName = `Users${size}`;
  const engine = new DynamoDBClient(dynamo.config);
  await engine.send(new CreateTableCommand({ TableName: tableName, ...USERS_TABLE_DEFINITION }));
  // A cold engine on a busy machine exceeds the timeouts of the service.
  const client = createDynamoClient({ ...dynamo.config, requestHandler: { requestTimeout: 30_000 } });
  const users = createDynamoUserRepository({ client, tableName });
  await insertUsers(users, size);
  const countUnits = countConsumedCapacity(client);
  const operations = createOperations(users, size);
  for (const operation of Object.values(operations)) for (let n = 0; n < WARM_UP_CALLS; n += 1) await operation();
  return { operations, countUnits };
}

/** Creates the operations on a table of `size` users. Consecutive calls use different users. */
function createOperations(users: UserRepository, size: number): Record<string, Operation> {
  const updated_at = new Date().toISOString();
  let [used, inserted, deleted] = [0, size, size];
  // Calls read and update the first 400 users, and delete users from the end.
  const nextUser = () => buildNthUser((used = (used + 7) % 400));
  const newUser = () => buildNthUser((inserted += 1));
  return {
    insert: () => users.insert(newUser(), undefined, createContext()),
    "insert with an idempotency record": () => {
      const user = newUser();
      const record = { key: user.user_id, fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 };
      return users.insert(user, record, createContext());
    },
    get: () => users.get(nextUser().user_id, createContext()),
    "find by email": () => users.findBy("email", nextUser().email, createContext()),
    "list, 50 users": () => users.list({ limit: 50, after: nextUser().user_id }, createContext()),
    update: () => users.update(nextUser().user_id, { address: "456 Another St" }, { updated_at }, createContext()),
    "update of the email": () => {
      const { email } = newUser();
      return users.update(nextUser().user_id, { email: `new.${email}` }, { updated_at }, createContext());
    },
    delete: () => users.delete(buildNthUser((deleted -= 1)).user_id, {}, createContext()),
  };
}

/** Inserts the first `size` users. */
async function insertUsers(users: UserRepository, size: number): Promise<void> {
  let n = 0;
  const insertRemaining = async () => {
    while (n < size) await users.insert(buildNthUser((n += 1) - 1), undefined, createContext());
  };
  await Promise.all(Array.from({ length: 32 }, insertRemaining));
}

/** Builds the n-th user, always with the same values, so that no user is kept in memory. The ids are in no order. */
function buildNthUser(n: number): NewUser {
  // Multiplicative hashing scatters the ids: 0x9e3779b1 is a prime near 2^32 divided by the golden ratio.
  const prefix = (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  const now = "2026-01-02T03:04:05.678Z";
  return {
    ...EXAMPLE_FIELDS,
    user_id: `${prefix}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
    email: `john.doe.${n}@example.com`,
    version: 1,
    created_at: now,
    updated_at: now,
  };
}

async function measureMs(operation: Operation): Promise<number> {
  const startedAt = performance.now();
  await operation();
  return performance.now() - startedAt;
}

function computeMedian(values: number[]): number {
  return Number(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!.toFixed(2));
}

interface ConsumedCapacity {
  readonly CapacityUnits?: number;
}

/** Returns a function that returns the capacity units that the client has consumed since this call. */
function countConsumedCapacity(client: DynamoDBDocumentClient): () => number {
  let units = 0;
  client.middlewareStack.add(
    (next) => async (call) => {
      const result = await next({ ...call, input: { ...call.input, ReturnConsumedCapacity: "TOTAL" } });
      const output = result.output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
      for (const { CapacityUnits = 0 } of [output.ConsumedCapacity ?? []].flat()) units += CapacityUnits;
      return result;
    },
    { step: "initialize" },
  );
  return () => units;
}
