import { buildUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChooseFault } from "./testing/faulty-endpoint.ts";
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

describe("all operations succeed despite", () => {
  test.for<[name: string, chooseFault: ChooseFault]>([
    ["a reset connection", ({ previousCalls }) => (previousCalls === 0 ? "reset" : "none")],
    ["a response with 500", ({ previousCalls }) => (previousCalls === 0 ? { status: 500, body: "{}" } : "none")],
    ["a throttled call", ({ previousCalls }) => (previousCalls === 0 ? { error: "ThrottlingException" } : "none")],
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
  ])("%s", async ([, chooseFault]) => {
    const { users, user } = await createFaultyTable(dynamo, chooseFault);
    for (const operation of Object.values(createOperations(users, user))) await operation();
  });
});

test("a throttled key does not delay other keys", async () => {
  const { users, healthyUsers, user } = await createFaultyTable(dynamo, ({ operation, input }) => {
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
  });
  const other = buildUser();
  await healthyUsers.insert(other, undefined, createDeadlineContext());
  const hot = expect(users.get("hot", createDeadlineContext())).rejects.toMatchObject({ code: "unavailable" });
  const start = performance.now();
  expect(await users.get(user.user_id, createDeadlineContext())).toEqual({ user_id: user.user_id, version: 7 });
  expect(await users.get(other.user_id, createDeadlineContext())).toEqual(other);
  expect(performance.now() - start).toBeLessThan(2_000);
  await hot;
});

test("retries unprocessed keys", async () => {
  const { users, healthyUsers, user, calls } = await createFaultyTable(
    dynamo,
    ({ operation, input, previousCalls }) => {
      if (operation !== "BatchGetItem" || previousCalls > 1) return "none";
      return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] }) };
    },
  );
  const other = buildUser();
  await healthyUsers.insert(other, undefined, createDeadlineContext());
  const reads = [user, other].map(({ user_id }) => users.get(user_id, createDeadlineContext()));
  expect(await Promise.all(reads)).toEqual([user, other]);
  expect(calls[0]?.operation).toBe("BatchGetItem");
  expect(calls.length).toBeGreaterThan(1);
});

test("a failed condition takes precedence over a conflict in the same transaction", async () => {
  const claim = { user_id: { S: "email#x" }, owner_id: { S: "another user" } };
  const { users } = await createFaultyTable(dynamo, () => ({
    error: "TransactionCanceledException",
    CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "ConditionalCheckFailed", Item: claim }],
  }));
  const insert = users.insert(buildUser(), undefined, createDeadlineContext());
  await expect(insert).rejects.toMatchObject({ code: "email-taken" });
});

test("throws the error of an invalid request, which is a bug, unchanged", async () => {
  const { users, user } = await createFaultyTable(dynamo, () => ({ error: "ValidationException" }));
  const get = users.get(user.user_id, createDeadlineContext());
  await expect(get).rejects.toMatchObject({ name: "ValidationException" });
  const insert = users.insert(buildUser(), undefined, createDeadlineContext());
  await expect(insert).rejects.toMatchObject({ name: "ValidationException" });
});
