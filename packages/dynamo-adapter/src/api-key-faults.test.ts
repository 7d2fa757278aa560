import { setImmediate as nextTurn } from "node:timers/promises";
import { buildApiKey, createContext } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoApiKeyRepository } from "./index.ts";
import { createTestClient, runOverClients } from "./testing/clients.ts";
import { expectUnavailable } from "./testing/expect-unavailable.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyKeysTable, createKeyOperations } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

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
  ])("%s", ([, fault, expectedMessage]) =>
    runOverClients(async (clientName) => {
      const { keys, key, recover } = await createFaultyKeysTable(dynamo, () => fault, clientName);
      for (const message of await expectUnavailable(createKeyOperations(keys, key))) {
        expect(message).toMatch(/^The keys table /);
        expect(message).toMatch(expectedMessage);
      }
      recover();
      expect(await keys.list(createDeadlineContext())).toContainEqual(expect.objectContaining({ id: key.id }));
      for (const operation of Object.values(createKeyOperations(keys, key))) await operation();
    }),
  );
});

test("a missing table is `unavailable` with a message that names the command that creates it", () =>
  runOverClients(async (clientName) => {
    const client = createTestClient(clientName, dynamo.config);
    const keys = createDynamoApiKeyRepository({ client, tableName: "Missing" });
    const messages = new Set(await expectUnavailable(createKeyOperations(keys, buildApiKey())));
    expect([...messages]).toEqual([
      "The keys table is unavailable: the table does not exist in this account and region." +
        " `userctl table create` creates it.",
    ]);
  }));

test("throws the error of an invalid request, which is a bug, unchanged", () =>
  runOverClients(async (clientName) => {
    const fault = { error: "ValidationException" };
    const { keys, key } = await createFaultyKeysTable(dynamo, () => fault, clientName);
    for (const operation of Object.values(createKeyOperations(keys, key))) {
      await expect(operation()).rejects.toMatchObject({ name: "ValidationException" });
    }
  }));

describe("all operations succeed despite", () => {
  test.for<[name: string, fault: Fault]>([
    ["a reset connection", "reset"],
    ["a response with 500", { status: 500, body: "{}" }],
    ["a throttled call", { error: "ThrottlingException" }],
    ["slow responses", { delayMs: 150 }],
  ])("%s", ([, fault]) => {
    const chooseFault = ({ previousCalls }: Call) => (previousCalls === 0 ? fault : "none");
    return runOverClients(async (clientName) => {
      const { keys, key } = await createFaultyKeysTable(dynamo, chooseFault, clientName);
      for (const operation of Object.values(createKeyOperations(keys, key))) await operation();
    });
  });
});

test("every operation rejects at once with the reason as cause if its signal aborts while DynamoDB hangs", () =>
  runOverClients(async (clientName) => {
    const reason = new Error("The client has disconnected.");
    const { keys, key, calls } = await createFaultyKeysTable(dynamo, () => "hang", clientName);
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
  }));

test("sends nothing if the signal has aborted", () =>
  runOverClients(async (clientName) => {
    const { keys, key, calls } = await createFaultyKeysTable(dynamo, () => "none", clientName);
    const signal = AbortSignal.abort();
    for (const operation of Object.values(createKeyOperations(keys, key, () => createContext({ signal })))) {
      await expect(operation()).rejects.toMatchObject({ code: "unavailable" });
    }
    expect(calls).toEqual([]);
  }));
