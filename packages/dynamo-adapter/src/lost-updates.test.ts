import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOverClients, type ClientName } from "./testing/clients.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyTable, type FaultyTable } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const updated_at = "2026-02-03T04:05:06.789Z";

/** The writes of another client. */
type Interfere = (table: FaultyTable) => Promise<unknown>;

const updateOnce: Interfere = ({ healthyUsers, user }) =>
  healthyUsers.update(user.user_id, { firstname: "Later" }, { updated_at }, createDeadlineContext());
const updateTwice: Interfere = async (table) => {
  await updateOnce(table);
  await updateOnce(table);
};
const remove: Interfere = ({ healthyUsers, user }) => healthyUsers.delete(user.user_id, {}, createDeadlineContext());
const doNothing: Interfere = async () => undefined;

/** Creates a table with a fault in the first write and perhaps one in its first retry. Another client writes before its first retry. */
async function createContestedTable(
  clientName: ClientName,
  fault: Fault,
  interfere: Interfere,
  retryFault: Fault = "none",
): Promise<FaultyTable> {
  const created = Promise.withResolvers<FaultyTable>();
  const chooseFault = async ({ operation, previousCalls }: Call): Promise<Fault> => {
    if (!/Write|Update/.test(operation)) return "none";
    if (previousCalls === 1) await interfere(await created.promise);
    return [fault, retryFault][previousCalls] ?? "none";
  };
  const table = await createFaultyTable(dynamo, chooseFault, clientName);
  created.resolve(table);
  return table;
}

const throttling: Fault = { error: "ThrottlingException" };
const stale = (currentVersion: number) => ({ code: "stale-version", currentVersion });
const unavailable = { code: "unavailable" };
const notFound = { code: "not-found" };

describe("the retry of an update that requires a version rejects", () => {
  test.for<[label: string, fault: Fault, Interfere, expected: object]>([
    ["with `unavailable` after a lost response and an update", "commit, then reset", updateOnce, unavailable],
    ["with `unavailable` after a lost response and two updates", "commit, then reset", updateTwice, unavailable],
    ["with `unavailable` after a lost response and a delete", "commit, then reset", remove, unavailable],
    ["with `unavailable` after a timeout and an update", "commit, then hang", updateOnce, unavailable],
    ["with `unavailable` after a lost request and two updates", "reset", updateTwice, unavailable],
    ["with `unavailable` after a lost request and a delete", "reset", remove, unavailable],
    ["with `stale-version` after a lost request and an update", "reset", updateOnce, stale(2)],
    ["with `stale-version` after a 500 and an update", { status: 500, body: "{}" }, updateOnce, stale(2)],
    ["with `stale-version` after throttling and an update", throttling, updateOnce, stale(2)],
    ["with `stale-version` after throttling and two updates", throttling, updateTwice, stale(3)],
    ["with `not-found` after throttling and a delete", throttling, remove, notFound],
  ])("%s", ([, fault, interfere, expected]) =>
    runOverClients(async (clientName) => {
      const { users, user, calls } = await createContestedTable(clientName, fault, interfere);
      const options = { updated_at, ifVersionIn: [1] };
      const update = users.update(user.user_id, { lastname: "Roe" }, options, createDeadlineContext());
      await expect(update).rejects.toMatchObject(expected);
      expect(calls).toHaveLength(2);
    }),
  );
});

test("the retry of an update rejects with `unavailable` after a lost response, an update and a conflict", () =>
  runOverClients(async (clientName) => {
    const conflict = { error: "TransactionConflictException" };
    const { users, user, calls } = await createContestedTable(clientName, "commit, then reset", updateOnce, conflict);
    const options = { updated_at, ifVersionIn: [1] };
    const update = users.update(user.user_id, { lastname: "Roe" }, options, createDeadlineContext());
    await expect(update).rejects.toMatchObject(unavailable);
    expect(calls).toHaveLength(3);
  }));

test("an update that requires a version succeeds once if its response is lost and its retry conflicts", () =>
  runOverClients(async (clientName) => {
    const conflict: Fault = { error: "TransactionConflictException" };
    const table = await createContestedTable(clientName, "commit, then reset", doNothing, conflict);
    const { users, healthyUsers, user } = table;
    const options = { updated_at, ifVersionIn: [1] };
    const updated = await users.update(user.user_id, { lastname: "Roe" }, options, createDeadlineContext());
    expect(updated).toMatchObject({ lastname: "Roe", version: 2 });
    expect(await healthyUsers.get(user.user_id, createDeadlineContext())).toEqual(updated);
  }));

test.for<[label: string, fault: Fault]>([
  ["a lost request", "reset"],
  ["throttling", throttling],
  ["a 500", { status: 500, body: "{}" }],
])("the retry of an update that requires a version is applied once after %s", ([, fault]) =>
  runOverClients(async (clientName) => {
    const { users, user, calls } = await createContestedTable(clientName, fault, doNothing);
    const options = { updated_at, ifVersionIn: [1] };
    const updated = await users.update(user.user_id, { lastname: "Roe" }, options, createDeadlineContext());
    expect(updated).toEqual({ ...user, lastname: "Roe", version: 2, updated_at });
    expect(calls).toHaveLength(2);
  }),
);

test.for<[label: string, fault: Fault, version: number]>([
  ["its response is lost", "commit, then reset", 2],
  ["it times out after its commit", "commit, then hang", 2],
  ["its request is lost", "reset", 1],
  ["the status code is 500", { status: 500, body: "{}" }, 1],
])("an update that requires no version is sent once if %s", ([, fault, version]) =>
  runOverClients(async (clientName) => {
    const table = await createContestedTable(clientName, fault, updateOnce);
    const { users, healthyUsers, user, calls } = table;
    const update = users.update(user.user_id, { firstname: "Earlier" }, { updated_at }, createDeadlineContext());
    await expect(update).rejects.toMatchObject({ code: "unavailable" });
    await updateOnce(table);
    const later = { firstname: "Later", version: version + 1 };
    expect(await healthyUsers.get(user.user_id, createDeadlineContext())).toMatchObject(later);
    expect(calls).toHaveLength(1);
  }),
);

test("an update of the email is applied once although another client updates the user before the retry", () =>
  runOverClients(async (clientName) => {
    const { users, healthyUsers, user } = await createContestedTable(clientName, "commit, then reset", updateOnce);
    const options = { updated_at, ifVersionIn: [1] };
    const updated = await users.update(user.user_id, { email: "new@example.com" }, options, createDeadlineContext());
    expect(updated).toEqual({ ...user, email: "new@example.com", version: 2, updated_at });
    const current = { ...updated, firstname: "Later", version: 3 };
    expect(await healthyUsers.get(user.user_id, createDeadlineContext())).toEqual(current);
  }));
