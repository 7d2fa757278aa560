import { setImmediate as nextTurn } from "node:timers/promises";
import { UserError, type ApiKeyRecord, type ApiKeyRepository } from "@user-management/domain";
import { buildApiKey, createContext } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoApiKeyRepository, createDynamoClient } from "./index.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyKeysTable, createKeyOperations } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const TIME = "2026-02-03T04:05:06.789Z";

/** Expects every operation to reject with `unavailable` in less than 5 seconds, and returns the error messages. */
async function expectUnavailable(keys: ApiKeyRepository, key: ApiKeyRecord): Promise<string[]> {
  const start = performance.now();
  const errors = Object.entries(createKeyOperations(keys, key)).map(async ([name, operation]) => {
    const error: unknown = await operation().then(
      () => expect.fail(`The operation succeeded: ${name}.`),
      (reason: unknown) => reason,
    );
    expect(error, name).toBeInstanceOf(UserError);
    expect(error, name).toMatchObject({ code: "unavailable" });
    return (error as UserError).message;
  });
  const messages = await Promise.all(errors);
  expect(performance.now() - start).toBeLessThan(5_000);
  return messages;
}

describe("all operations throw `unavailable` within 5 seconds, and succeed after the recovery, if", () => {
  test.for<[name: string, fault: Fault, message: RegExp]>([
    ["DynamoDB hangs", "hang", /does not respond in time|deadline/],
    ["the connection is reset", "reset", /connection is reset/],
    ["DynamoDB commits and hangs", "commit, then hang", /does not respond in time|deadline/],
    ["DynamoDB is too slow", { delayMs: 3_000 }, /does not respond in time|deadline/],
    ["DynamoDB throttles", { error: "ThrottlingException" }, /throttles|deadline/],
    ["DynamoDB throttles the table", { error: "ProvisionedThroughputExceededException" }, /throttles|deadline/],
    ["DynamoDB responds with 503", { status: 503, body: "Service Unavailable" }, /fails/],
    ["the credentials do not allow the operation", { error: "AccessDeniedException" }, /do not allow/],
    ["the response is truncated", { status: 200, body: '{"Items":[{"id":{"S":"' }, /fails/],
    ["a proxy responds with JSON", { status: 200, body: "{}", hasRequestId: false }, /fails/],
  ])("%s", async ([, fault, expectedMessage]) => {
    const { keys, key, recover } = await createFaultyKeysTable(dynamo, () => fault);
    for (const message of await expectUnavailable(keys, key)) {
      expect(message).toMatch(/^The keys table /);
      expect(message).toMatch(expectedMessage);
    }
    recover();
    expect(await keys.list(createDeadlineContext())).toContainEqual(expect.objectContaining({ id: key.id }));
    for (const operation of Object.values(createKeyOperations(keys, key))) await operation();
  });
});

test("a missing table is `unavailable` with a message that names the command that creates it", async () => {
  const keys = createDynamoApiKeyRepository({ client: createDynamoClient(dynamo.config), tableName: "Missing" });
  const messages = new Set(await expectUnavailable(keys, buildApiKey()));
  expect([...messages]).toEqual([
    "The keys table is unavailable: the table does not exist in this account and region." +
      " `userctl table create` creates it.",
  ]);
});

test("throws the error of an invalid request, which is a bug, unchanged", async () => {
  const { keys, key } = await createFaultyKeysTable(dynamo, () => ({ error: "ValidationException" }));
  for (const operation of Object.values(createKeyOperations(keys, key))) {
    await expect(operation()).rejects.toMatchObject({ name: "ValidationException" });
  }
});

describe("all operations succeed despite", () => {
  test.for<[name: string, fault: Fault]>([
    ["a reset connection", "reset"],
    ["a response with 500", { status: 500, body: "{}" }],
    ["a throttled call", { error: "ThrottlingException" }],
    ["slow responses", { delayMs: 150 }],
  ])("%s", async ([, fault]) => {
    const { keys, key } = await createFaultyKeysTable(dynamo, ({ previousCalls }) =>
      previousCalls === 0 ? fault : "none",
    );
    for (const operation of Object.values(createKeyOperations(keys, key))) await operation();
  });
});

/** Loses the response of the first write of each kind. */
function loseFirstResponse({ operation, previousCalls }: Call): Fault {
  return previousCalls === 0 && operation !== "Scan" ? "commit, then reset" : "none";
}

describe("a write whose response was lost has one effect:", () => {
  test("an insert", async () => {
    const { keys, key: other, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse);
    const key = buildApiKey();
    await keys.insert(key, createDeadlineContext());
    expect(calls).toHaveLength(2);
    expect(new Set(await keys.list(createDeadlineContext()))).toEqual(new Set([key, other]));
  });

  test("a revocation, which keeps its time if it is repeated", async () => {
    const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse);
    const revoked = { ...key, revoked_at: TIME };
    expect(await keys.revoke(key.id, TIME, createDeadlineContext())).toEqual(revoked);
    expect(calls).toHaveLength(2);
    expect(await keys.revoke(key.id, "2027-01-01T00:00:00.000Z", createDeadlineContext())).toEqual(revoked);
  });

  test("a limited expiry", async () => {
    const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse);
    const limited = { ...key, expires_at: TIME };
    expect(await keys.limitExpiry(key.id, TIME, createDeadlineContext())).toEqual(limited);
    expect(calls.length).toBeGreaterThan(1);
    expect(await keys.list(createDeadlineContext())).toEqual([limited]);
  });

  test("a recorded use", async () => {
    const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse);
    await keys.recordUse(key.id, TIME, createDeadlineContext());
    expect(calls).toHaveLength(2);
    expect(await keys.list(createDeadlineContext())).toEqual([{ ...key, last_used_at: TIME }]);
  });

  test("a deletion", async () => {
    const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse);
    await keys.delete(key.id, createDeadlineContext());
    expect(calls).toHaveLength(2);
    expect(await keys.list(createDeadlineContext())).toEqual([]);
  });
});

test("every operation rejects at once with the reason as cause if its signal aborts while DynamoDB hangs", async () => {
  const reason = new Error("The client has disconnected.");
  const { keys, key, calls } = await createFaultyKeysTable(dynamo, () => "hang");
  const controllers: AbortController[] = [];
  const operations = createKeyOperations(keys, key, () => {
    const controller = new AbortController();
    controllers.push(controller);
    return createContext({ signal: controller.signal });
  });
  const results = Object.values(operations).map((operation) => operation());
  const settled = Promise.allSettled(results);
  while (calls.length < results.length) await nextTurn();
  for (const controller of controllers) controller.abort(reason);
  const outcomes = await Promise.race([settled, nextTurn("pending")]);
  expect(outcomes).toEqual(
    results.map(() => ({
      status: "rejected",
      reason: expect.objectContaining({ code: "unavailable", cause: reason }),
    })),
  );
});

test("sends nothing if the signal has aborted", async () => {
  const { keys, key, calls } = await createFaultyKeysTable(dynamo, () => "none");
  const signal = AbortSignal.abort();
  for (const operation of Object.values(createKeyOperations(keys, key, () => createContext({ signal })))) {
    await expect(operation()).rejects.toMatchObject({ code: "unavailable" });
  }
  expect(calls).toEqual([]);
});
