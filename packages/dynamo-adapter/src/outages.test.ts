import { UserError, type NewUser, type UserRepository } from "@user-management/domain";
import { buildUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoClient, createDynamoUserRepository } from "./index.ts";
import type { Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyTable, createOperations } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

/** Expects every operation to reject with `unavailable` in less than 5 seconds, and returns the error messages. */
async function expectUnavailable(users: UserRepository, user: NewUser): Promise<string[]> {
  const start = performance.now();
  const errors = Object.entries(createOperations(users, user)).map(async ([name, operation]) => {
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
  ])("%s", async ([, fault, expectedMessage]) => {
    const { users, user, recover } = await createFaultyTable(dynamo, () => fault);
    for (const message of await expectUnavailable(users, user)) expect(message).toMatch(expectedMessage);
    recover();
    await users.list({ limit: 1 }, createDeadlineContext());
    expect(await users.insert(buildUser(), undefined, createDeadlineContext())).toMatch(/-/);
  });
});

describe("all operations throw `unavailable` within 5 seconds if", () => {
  test.for<[name: string, endpoint: string | undefined, message: RegExp]>([
    ["the connection is refused", "http://127.0.0.1:9", /connection is refused/],
    ["the host name is unknown", "http://dynamodb.invalid", /host name/],
    ["the table does not exist", undefined, /table does not exist/],
  ])("%s", async ([, endpoint, expectedMessage]) => {
    const client = createDynamoClient({ ...dynamo.config, ...(endpoint && { endpoint }) });
    const users = createDynamoUserRepository({ client, tableName: "Missing" });
    for (const message of await expectUnavailable(users, buildUser())) expect(message).toMatch(expectedMessage);
  });

  test("all transactions conflict and no key is processed", async () => {
    const { users, user } = await createFaultyTable(dynamo, ({ operation, input }) => {
      if (operation === "UpdateItem") return { error: "TransactionConflictException" };
      if (operation === "GetItem") return { error: "ThrottlingException" };
      if (operation === "BatchGetItem") {
        return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] }) };
      }
      const CancellationReasons = [{ Code: "TransactionConflict" }, { Code: "None" }];
      return operation === "TransactWriteItems"
        ? { error: "TransactionCanceledException", CancellationReasons }
        : "none";
    });
    const start = performance.now();
    const { insert, update, delete: delete_, ...others } = createOperations(users, user);
    const operations = [insert, update, delete_, others["update of the email"], others["two gets"]];
    for (const result of await Promise.allSettled(operations.map((operation) => operation()))) {
      expect(result).toMatchObject({ reason: { code: "unavailable" } });
    }
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
