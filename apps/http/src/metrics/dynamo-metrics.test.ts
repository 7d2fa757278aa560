import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { startFaultyProxy, type ChooseFault } from "@user-management/dynamo-adapter/testing/faulty-endpoint";
import { createTestClient } from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { scrape, sumSamples } from "../testing/scrape.ts";
import { startTestApplication } from "../testing/start-test-application.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

/** Starts the application with metrics on an empty table, whose calls have the chosen faults. */
async function start(chooseFault: ChooseFault) {
  const { tableName } = await createUsersTable(dynamo);
  const { endpoint } = await startFaultyProxy(dynamo, chooseFault);
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", endpoint);
  vi.stubEnv("AWS_REGION", "local");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  const settings = { USERS_STORE: "dynamodb", USERS_TABLE: tableName, METRICS_PORT: "0" };
  const { url, metricsUrl, stop } = await startTestApplication(settings);
  onTestFinished(stop);
  onTestFinished(() => void vi.unstubAllEnvs());
  return {
    ...createTestClient((path, init) => fetch(url + path, init)),
    sum: async (name: string, labels?: Record<string, string>) => sumSamples(await scrape(metricsUrl), name, labels),
  };
}

const CALLS = "users_dynamodb_call_duration_seconds_count";

test("throttled attempts are counted, and are retries of one call", async () => {
  const { createUser, sum } = await start(({ operation, previousCalls }) =>
    operation === "TransactWriteItems" && previousCalls < 2 ? { error: "ThrottlingException" } : "none",
  );
  await createUser();
  const operation = "TransactWriteItems";
  expect(await sum(CALLS, { operation })).toBe(1);
  expect(await sum(CALLS, { operation, outcome: "ok" })).toBe(1);
  expect(await sum("users_dynamodb_attempts_total", { operation })).toBe(3);
  expect(await sum("users_dynamodb_throttles_total", { operation })).toBe(2);
});

test.for([
  ["throttled", { error: "ProvisionedThroughputExceededException" }, 503],
  ["unreachable", "reset", 503],
  ["error", { error: "AccessDeniedException" }, 503],
] as const)("calls that fail have the outcome %s", async ([outcome, fault, status]) => {
  const { sendJson, sum } = await start(({ operation }) => (operation === "UpdateItem" ? fault : "none"));
  expect((await sendJson("PATCH", "/users/1", { lastname: "Roe" })).status).toBe(status);
  expect(await sum(CALLS, { operation: "UpdateItem", outcome })).toBe(1);
});

test("conflicts of transactions and failed conditions have outcomes of their own", async () => {
  const CancellationReasons = [{ Code: "None" }, { Code: "TransactionConflict" }];
  const { sendJson, createUser, sum } = await start(({ operation, previousCalls }) =>
    operation === "TransactWriteItems" && previousCalls < 2
      ? { error: "TransactionCanceledException", CancellationReasons }
      : "none",
  );
  const email = "john.doe@example.com";
  await createUser({ email });
  const { status } = await sendJson("POST", "/users", {
    ...(await import("@user-management/domain")).EXAMPLE_FIELDS,
    email,
  });
  expect(status).toBe(409);
  expect(await sum(CALLS, { outcome: "conflict" })).toBe(2);
  expect(await sum(CALLS, { outcome: "condition-failed" })).toBe(1);
});

test("concurrent reads share a call, whose size is known; keys that it leaves unprocessed are throttles", async () => {
  const { createUser, request, sum } = await start(({ operation, previousCalls, input }) => {
    if (operation !== "BatchGetItem" || previousCalls > 0) return "none";
    const body = JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] });
    return { status: 200, body };
  });
  const ids = [await createUser(), await createUser()];
  const before = await sum("users_dynamodb_read_batch_size_sum");
  await expect
    .poll(async () => {
      for (const response of await Promise.all(ids.map((id) => request(`/users/${id}`))))
        expect(response.status).toBe(200);
      return sum("users_dynamodb_throttles_total", { operation: "BatchGetItem" });
    })
    .toBe(2);
  expect(await sum("users_dynamodb_read_batch_size_sum")).toBeGreaterThanOrEqual(before + 4);
});
