import { buildUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { createTestClient, runOverClients, type ClientName } from "./testing/clients.ts";
import { expectUnavailable } from "./testing/expect-unavailable.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyTable, createOperations } from "./testing/faulty-table.ts";
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
    ["DynamoDB limits requests", { error: "RequestLimitExceeded" }, /throttles|deadline/],
    [
      "DynamoDB responds with 500",
      { status: 500, body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}' },
      /fails/,
    ],
    ["DynamoDB responds with 503", { status: 503, body: "Service Unavailable" }, /fails/],
    ["the credentials have expired", { error: "ExpiredTokenException" }, /credentials have expired/],
    ["the credentials are unknown", { error: "UnrecognizedClientException" }, /credentials are rejected/],
    ["the credentials do not allow the operation", { error: "AccessDeniedException" }, /do not allow/],
    ["DynamoDB reports that the table is missing", { error: "ResourceNotFoundException" }, /table does not exist/],
    ["the response is HTML", { status: 200, body: "<html>captive portal</html>" }, /fails/],
    ["the response is truncated", { status: 200, body: '{"Item":{"user_id":{"S":"' }, /fails/],
    ["the error response is not JSON", { status: 400, body: "nonsense" }, /fails/],
    ["a proxy responds with an empty body", { status: 200, body: "", hasRequestId: false }, /fails/],
    ["a proxy responds with JSON", { status: 200, body: "{}", hasRequestId: false }, /fails/],
    ["a proxy responds with 403", { status: 403, body: "{}", hasRequestId: false }, /fails/],
    ["a proxy responds with 429", { status: 429, body: "{}", hasRequestId: false }, /fails/],
    ["the signature is incomplete", { error: "IncompleteSignatureException" }, /fails/],
  ])("%s", ([, fault, expectedMessage]) =>
    runOverClients(async (clientName) => {
      const { users, user, recover } = await createFaultyTable(dynamo, () => fault, clientName);
      const messages = await expectUnavailable(createOperations(users, user));
      for (const message of messages) expect(message).toMatch(expectedMessage);
      recover();
      await users.list({ limit: 1 }, createDeadlineContext());
      expect(await users.insert(buildUser(), undefined, createDeadlineContext())).toMatch(/-/);
    }),
  );
});

/** Expects every operation to reject with such a message if the client connects to the endpoint. */
async function expectUnavailableAt(endpoint: string, clientName: ClientName, expectedMessage: RegExp): Promise<void> {
  const client = createTestClient(clientName, { ...dynamo.config, endpoint });
  const users = createDynamoUserRepository({ client, tableName: "Missing" });
  const messages = await expectUnavailable(createOperations(users, buildUser()));
  for (const message of messages) expect(message).toMatch(expectedMessage);
}

describe("all operations throw `unavailable` within 5 seconds if", () => {
  test("the connection is refused", () =>
    runOverClients((clientName) => expectUnavailableAt("http://127.0.0.1:9", clientName, /connection is refused/)));

  test("the table does not exist", () =>
    runOverClients((clientName) => expectUnavailableAt(dynamo.endpoint, clientName, /table does not exist/)));

  // A label of a host name has at most 63 characters, so no name server is contacted.
  test("the host name is unknown", () =>
    runOverClients((clientName) => expectUnavailableAt(`http://${"x".repeat(64)}.invalid`, clientName, /host name/)));

  test("all transactions conflict and no key is processed", () =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, injectConflict, clientName);
      const { list: _, ...operations } = createOperations(users, user);
      await expectUnavailable(operations);
    }));
});

/** Makes every write conflict, and leaves every key unprocessed. */
function injectConflict({ operation, input }: Call): Fault {
  if (operation === "UpdateItem") return { error: "TransactionConflictException" };
  if (operation === "GetItem") return { error: "ThrottlingException" };
  if (operation === "BatchGetItem") {
    return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] }) };
  }
  const CancellationReasons = [{ Code: "TransactionConflict" }, { Code: "None" }];
  return operation === "TransactWriteItems" ? { error: "TransactionCanceledException", CancellationReasons } : "none";
}
