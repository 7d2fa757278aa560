import type { UserRepository } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { CLIENT_NAMES, createTestClient, type ClientName } from "./testing/clients.ts";
import { startFaultyEndpoint } from "./testing/faulty-endpoint.ts";
import { createFaultSchedule, type FaultyHistory, type ScheduledFault } from "./testing/history-faults.ts";
import { createHistory, type History, type Step } from "./testing/history.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

/** The number of histories per client. Each has a user of its own. */
const HISTORY_COUNT = 200;

/** The number of pairs of repositories. The clients of a history share a pair, as if the service had two processes. */
const PAIR_COUNT = 5;

/** The number of histories that are made concurrently on each pair. */
const CONCURRENCY_PER_PAIR = 5;

/** The timeout of a call that prepares a history or reads its end. */
const SETUP_TIMEOUT_MS = 20_000;

/** Determines the steps and the faults. The order of concurrent calls still varies. */
const SEED = Number(process.env["LINEARIZABILITY_SEED"] ?? Date.now() % 2 ** 31);

interface Plan {
  /** The steps of each client. */
  readonly clients: readonly (readonly Step[])[];
  /** The faults of the calls for the user. Later calls have none. */
  readonly faults: readonly ScheduledFault[];
}

const arbitraryStep = pick<Step>({
  get: 8,
  findByEmail: 8,
  update: 8,
  "update of the version seen": 12,
  "update of the email": 6,
  "update of the email of the version seen": 6,
  delete: 1,
  "delete of the version seen": 1,
});

const arbitraryFault = pick<ScheduledFault>({
  none: 12,
  delay: 2,
  reset: 2,
  "commit, then reset": 3,
  "commit, then 500": 2,
  "reset, then commit": 2,
  throttle: 1,
  conflict: 3,
});

const arbitraryPlan: fc.Arbitrary<Plan> = fc.record({
  clients: fc.array(fc.array(arbitraryStep, { minLength: 3, maxLength: 5 }), { minLength: 3, maxLength: 4 }),
  faults: fc.array(arbitraryFault, { minLength: 40, maxLength: 40 }),
});

/** Creates one of the values, with a probability in proportion to its weight. */
function pick<Value extends string>(weights: Record<Value, number>): fc.Arbitrary<Value> {
  const entries = Object.entries<number>(weights) as [Value, number][];
  return fc.oneof(...entries.map(([value, weight]) => ({ arbitrary: fc.constant(value), weight })));
}

/** Runs the plans on one table, each on a user of its own. */
async function runPlans(clientName: ClientName, plans: readonly Plan[]): Promise<History[]> {
  const { tableName } = await createUsersTable(dynamo);
  // A busy engine may take longer than a client under test waits.
  const patientConfig = { ...dynamo.config, requestHandler: { requestTimeout: SETUP_TIMEOUT_MS } };
  const client = createTestClient("the AWS SDK", patientConfig);
  const healthyUsers = createDynamoUserRepository({ client, tableName });
  const running = new Map<string, FaultyHistory>();
  const chooseFault = createFaultSchedule(client, (key) => running.get(key));
  const remaining = plans.values();
  const histories = await Promise.all(
    Array.from({ length: PAIR_COUNT }, async () => {
      const pair = [await createRepository(), await createRepository()];
      return Promise.all(Array.from({ length: CONCURRENCY_PER_PAIR }, () => runRemaining(pair)));
    }),
  );
  return histories.flat(2);

  async function createRepository(): Promise<UserRepository> {
    const endpoint = await startFaultyEndpoint(dynamo, chooseFault, clientName);
    return createDynamoUserRepository({ client: endpoint.client, tableName });
  }

  async function runRemaining(pair: readonly UserRepository[]): Promise<History[]> {
    const finished: History[] = [];
    for (const plan of remaining) finished.push(await runPlan(plan, pair));
    return finished;
  }

  async function runPlan({ clients, faults }: Plan, pair: readonly UserRepository[]): Promise<History> {
    const user = buildUser();
    await healthyUsers.insert(user, undefined, createContext());
    const history = createHistory(user);
    running.set(user.user_id, { history, faults: faults.values() });
    await Promise.all(clients.map((steps, index) => history.runClient(index, pair[index % 2]!, steps)));
    running.delete(user.user_id);
    await history.runClient(clients.length, healthyUsers, ["get", "findByEmail"]);
    return history;
  }
}

describe("concurrent operations on a user are linearizable despite faults, over", () => {
  test.for(CLIENT_NAMES)("%s", { timeout: 60_000 }, async (clientName) => {
    const plans = fc.sample(arbitraryPlan, { numRuns: HISTORY_COUNT, seed: SEED });
    const histories = await runPlans(clientName, plans);
    const outcomes = histories.flatMap(({ events }) => events.map(({ outcome }) => outcome));
    // Otherwise the faults are too many or too few.
    const knownShare = outcomes.filter(Boolean).length / outcomes.length;
    expect(knownShare).toBeGreaterThan(0.5);
    expect(knownShare).toBeLessThan(0.99);
    const violations = histories.flatMap((history) => history.describeViolation() ?? []);
    const [shortest] = violations.toSorted((a, b) => a.length - b.length);
    const message =
      `${violations.length} of ${HISTORY_COUNT} histories are not linearizable with LINEARIZABILITY_SEED=${SEED}. ` +
      `In the shortest one, the last outcome is impossible:\n${shortest}\n`;
    expect(violations.length, message).toBe(0);
  });
});
