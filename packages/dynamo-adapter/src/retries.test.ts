import { buildUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOverClients } from "./testing/clients.ts";
import type { Call, ChooseFault, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyTable, createOperations } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const createCancellation = (...codes: string[]) => ({
  error: "TransactionCanceledException",
  CancellationReasons: codes.map((Code) => ({ Code })),
});

/** Injects the fault into the first call of each kind. */
function injectFirst(fault: Fault): ChooseFault {
  return ({ previousCalls }) => (previousCalls === 0 ? fault : "none");
}

describe("all operations succeed despite", () => {
  test.for<[name: string, chooseFault: ChooseFault]>([
    ["a throttled call", injectFirst({ error: "ThrottlingException" })],
    ["a throttled table", injectFirst({ error: "ProvisionedThroughputExceededException" })],
    ["limited requests", injectFirst({ error: "RequestLimitExceeded" })],
    ["slow responses", () => ({ delayMs: 150 })],
    [
      "conflicts of transactions",
      ({ operation, previousCalls }) =>
        operation === "TransactWriteItems" && previousCalls < 6
          ? createCancellation("None", "TransactionConflict")
          : "none",
    ],
    [
      "throttled writes of transactions",
      ({ operation, previousCalls }) =>
        operation === "TransactWriteItems" && previousCalls < 6
          ? createCancellation("ThrottlingError", "None")
          : "none",
    ],
    [
      "conflicts of an update with a transaction",
      ({ operation, previousCalls }) =>
        operation === "UpdateItem" && previousCalls < 3 ? { error: "TransactionConflictException" } : "none",
    ],
  ])("%s", ([, chooseFault]) =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, chooseFault, clientName);
      for (const operation of Object.values(createOperations(users, user))) await operation();
    }),
  );
});

describe("all operations but an update without a required version succeed despite", () => {
  test.for<[name: string, fault: Fault, version: number]>([
    ["a reset connection", "reset", 1],
    ["a response with 500", { status: 500, body: "{}" }, 1],
    ["a lost response", "commit, then reset", 2],
    ["a response after the timeout", "commit, then hang", 2],
  ])("%s", ([, fault, version]) =>
    runOverClients(async (clientName) => {
      const { users, user, calls } = await createFaultyTable(dynamo, injectFirst(fault), clientName);
      const { update, ...operations } = createOperations(users, user);
      await expect(update()).rejects.toMatchObject({ code: "unavailable" });
      expect(calls.map(({ operation }) => operation)).toEqual(["UpdateItem"]);
      expect(await users.get(user.user_id, createDeadlineContext())).toMatchObject({ version });
      for (const operation of Object.values(operations)) await operation();
    }),
  );
});

/** Throttles the key `hot`, and processes the others. */
function throttleHotKey({ operation, input }: Call): Fault {
  const keys: { user_id: { S: string } }[] = Object.values<any>(input["RequestItems"] ?? {})[0]?.Keys ?? [];
  const isHot =
    operation === "GetItem" ? input["Key"].user_id.S === "hot" : keys.some((key) => key.user_id.S === "hot");
  if (!isHot) return "none";
  if (operation === "GetItem") return { error: "ThrottlingException" };
  const others = keys.filter((key) => key.user_id.S !== "hot");
  const table = Object.keys(input["RequestItems"])[0]!;
  const Responses = { [table]: others.map(({ user_id }) => ({ user_id, version: { N: "7" } })) };
  const UnprocessedKeys = { [table]: { Keys: [{ user_id: { S: "hot" } }] } };
  return { status: 200, body: JSON.stringify({ Responses, UnprocessedKeys }) };
}

/** Leaves the keys of the first two calls unprocessed. */
function leaveUnprocessed({ operation, input, previousCalls }: Call): Fault {
  if (operation !== "BatchGetItem" || previousCalls > 1) return "none";
  return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] }) };
}

test("a throttled key does not delay other keys", () =>
  runOverClients(async (clientName) => {
    const { users, healthyUsers, user } = await createFaultyTable(dynamo, throttleHotKey, clientName);
    const other = buildUser();
    await healthyUsers.insert(other, undefined, createDeadlineContext());
    const hot = expect(users.get("hot", createDeadlineContext())).rejects.toMatchObject({ code: "unavailable" });
    const start = performance.now();
    expect(await users.get(user.user_id, createDeadlineContext())).toEqual({ user_id: user.user_id, version: 7 });
    expect(await users.get(other.user_id, createDeadlineContext())).toEqual(other);
    expect(performance.now() - start).toBeLessThan(2_000);
    await hot;
  }));

test("retries unprocessed keys", () =>
  runOverClients(async (clientName) => {
    const { users, healthyUsers, user, calls } = await createFaultyTable(dynamo, leaveUnprocessed, clientName);
    const other = buildUser();
    await healthyUsers.insert(other, undefined, createDeadlineContext());
    const reads = [user, other].map(({ user_id }) => users.get(user_id, createDeadlineContext()));
    expect(await Promise.all(reads)).toEqual([user, other]);
    expect(calls[0]?.operation).toBe("BatchGetItem");
    expect(calls.length).toBeGreaterThan(1);
  }));

test("a failed condition takes precedence over a conflict in the same transaction", () => {
  const claim = { user_id: { S: "email#x" }, owner_id: { S: "another user" } };
  const fault = {
    error: "TransactionCanceledException",
    CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "ConditionalCheckFailed", Item: claim }],
  };
  return runOverClients(async (clientName) => {
    const { users } = await createFaultyTable(dynamo, () => fault, clientName);
    const insert = users.insert(buildUser(), undefined, createDeadlineContext());
    await expect(insert).rejects.toMatchObject({ code: "email-taken" });
  });
});

test("throws the error of an invalid request, which is a bug, unchanged", () =>
  runOverClients(async (clientName) => {
    const { users, user } = await createFaultyTable(dynamo, () => ({ error: "ValidationException" }), clientName);
    for (const operation of Object.values(createOperations(users, user))) {
      await expect(operation()).rejects.toMatchObject({ name: "ValidationException" });
    }
  }));
