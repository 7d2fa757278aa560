import { setImmediate as nextTurn } from "node:timers/promises";
import { UserError } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { createTestClient, runOverClients } from "./testing/clients.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyTable, createOperations } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const reason = new Error("The client has disconnected.");

/** Expects a call to reject because of the abort, before the next turn of the event loop. */
async function expectAborted(call: Promise<unknown>): Promise<void> {
  const error = await Promise.race([
    call.then(
      () => "resolved",
      (cause: unknown) => cause,
    ),
    nextTurn("pending"),
  ]);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ code: "unavailable", message: expect.stringMatching(/deadline/) });
  expect((error as UserError).cause).toBe(reason);
}

describe("a write whose signal aborts rejects at once with the reason as cause:", () => {
  test.for(["insert", "update", "update of the email", "delete"] as const)("%s, while DynamoDB hangs", (name) =>
    runOverClients(async (clientName) => {
      const controller = new AbortController();
      const received = Promise.withResolvers<void>();
      const chooseFault = ({ operation }: Call): Fault => {
        if (!/Write|Update/.test(operation)) return "none";
        received.resolve();
        return "hang";
      };
      const { users, user } = await createFaultyTable(dynamo, chooseFault, clientName);
      const write = createOperations(users, user, () => createContext({ signal: controller.signal }))[name]();
      await received.promise;
      controller.abort(reason);
      await expectAborted(write);
    }),
  );

  test("insert, while the client ignores the signal because it resolves credentials", () =>
    runOverClients(async (clientName) => {
      const controller = new AbortController();
      const requested = Promise.withResolvers<void>();
      const client = createTestClient(clientName, {
        ...dynamo.config,
        credentials: () => {
          requested.resolve();
          return new Promise(() => {});
        },
      });
      const users = createDynamoUserRepository({ client, tableName: "Users" });
      const insert = users.insert(buildUser(), undefined, createContext({ signal: controller.signal }));
      await requested.promise;
      controller.abort(reason);
      await expectAborted(insert);
    }));
});

test("sends nothing if the signal has aborted", () =>
  runOverClients(async (clientName) => {
    const { users, user, calls } = await createFaultyTable(dynamo, () => "none", clientName);
    const operations = createOperations(users, user, () => createContext({ signal: AbortSignal.abort(reason) }));
    for (const operation of Object.values(operations)) await expectAborted(operation());
    expect(await users.get(user.user_id, createDeadlineContext())).toEqual(user);
    expect(calls.map(({ operation }) => operation)).toEqual(["GetItem"]);
  }));

test.for<["insert" | "update", operation: string, Fault]>([
  [
    "insert",
    "TransactWriteItems",
    { error: "TransactionCanceledException", CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "None" }] },
  ],
  ["update", "UpdateItem", { error: "TransactionConflictException" }],
])("%s retries conflicts until the signal aborts", ([name, write, conflict]) =>
  runOverClients(async (clientName) => {
    const controller = new AbortController();
    const aborted = Promise.withResolvers<void>();
    const chooseFault = ({ operation, previousCalls }: Call) => {
      if (operation !== write) return "none";
      if (previousCalls === 3) {
        controller.abort(reason);
        aborted.resolve();
      }
      return conflict;
    };
    const { users, user, calls } = await createFaultyTable(dynamo, chooseFault, clientName);
    const call = createOperations(users, user, () => createContext({ signal: controller.signal }))[name]();
    await aborted.promise;
    await expectAborted(call);
    expect(await users.get(user.user_id, createDeadlineContext())).toEqual(user);
    expect(calls.filter(({ operation }) => operation === write)).toHaveLength(4);
  }),
);

describe("reads that share a call", () => {
  test.for(["BatchGetItem", "GetItem"])("the abort of one caller does not affect another one of the same %s", (name) =>
    runOverClients(async (clientName) => {
      const controller = new AbortController();
      const received = Promise.withResolvers<void>();
      const fault = Promise.withResolvers<Fault>();
      const { users, healthyUsers, user, calls } = await createFaultyTable(
        dynamo,
        () => {
          received.resolve();
          return fault.promise;
        },
        clientName,
      );
      const other = buildUser();
      await healthyUsers.insert(other, undefined, createDeadlineContext());
      const abortedUser = name === "GetItem" ? user : other;
      const aborted = users.get(abortedUser.user_id, createContext({ signal: controller.signal }));
      const read = users.get(user.user_id, createDeadlineContext());
      await received.promise;
      controller.abort(reason);
      await expectAborted(aborted);
      fault.resolve("none");
      expect(await read).toEqual(user);
      expect(calls.map(({ operation }) => operation)).toEqual([name]);
    }),
  );

  test("a read that joins an expired one has its own deadline", () =>
    runOverClients(async (clientName) => {
      const { users, user, recover } = await createFaultyTable(dynamo, () => "hang", clientName);
      // Twice as many keys as 4 concurrent calls of 100 keys: a later read waits for two rounds of calls.
      const earlier = Promise.allSettled(
        Array.from({ length: 800 }, (_, index) => users.get(`earlier ${index}`, createDeadlineContext())),
      );
      const expired = users.get(user.user_id, createDeadlineContext());
      await expect(expired).rejects.toMatchObject({ code: "unavailable" });
      const joined = users.get(user.user_id, createDeadlineContext());
      recover();
      expect(await joined).toEqual(user);
      await earlier;
    }));
});
