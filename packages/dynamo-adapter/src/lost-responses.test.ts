import { buildUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOverClients } from "./testing/clients.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyTable } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const updated_at = "2026-02-03T04:05:06.789Z";

/** Loses the response of the first write of each kind. */
function loseFirstResponse({ operation, previousCalls }: Call): Fault {
  return previousCalls === 0 && /Write|Update/.test(operation) ? "commit, then reset" : "none";
}

/** Loses the response of the first transaction, and reports to its retries that it is still in progress. */
function loseResponseOfSlowTransaction({ operation, previousCalls }: Call): Fault {
  if (operation !== "TransactWriteItems" || previousCalls > 3) return "none";
  return previousCalls === 0 ? "commit, then reset" : { error: "TransactionInProgressException" };
}

describe("a write whose response was lost is committed once:", () => {
  test("a delete that was still in progress at the retry", () =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, loseResponseOfSlowTransaction, clientName);
      await users.delete(user.user_id, {}, createDeadlineContext());
      expect(await users.get(user.user_id, createDeadlineContext())).toBeUndefined();
    }));

  test("an update of the email that was still in progress at the retry", () =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, loseResponseOfSlowTransaction, clientName);
      const options = { updated_at, ifVersionIn: [1] };
      const updated = await users.update(user.user_id, { email: "new@example.com" }, options, createDeadlineContext());
      expect(updated).toMatchObject({ email: "new@example.com", version: 2 });
      expect(await users.get(user.user_id, createDeadlineContext())).toEqual(updated);
    }));

  test("an insert", () =>
    runOverClients(async (clientName) => {
      const { users, user: other } = await createFaultyTable(dynamo, loseFirstResponse, clientName);
      const user = buildUser();
      expect(await users.insert(user, undefined, createDeadlineContext())).toBe(user.user_id);
      const page = await users.list({ limit: 10 }, createDeadlineContext());
      expect(new Set(page.users)).toEqual(new Set([user, other]));
    }));

  test("an update that requires a version", () =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, loseFirstResponse, clientName);
      const options = { updated_at, ifVersionIn: [1] };
      const updated = await users.update(user.user_id, { lastname: "Roe" }, options, createDeadlineContext());
      expect(updated).toEqual({ ...user, lastname: "Roe", version: 2, updated_at });
      expect(await users.get(user.user_id, createDeadlineContext())).toEqual(updated);
    }));

  test("an update of the email", () =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, loseFirstResponse, clientName);
      const options = { updated_at, ifVersionIn: [1] };
      const updated = await users.update(user.user_id, { email: "new@example.com" }, options, createDeadlineContext());
      expect(updated).toEqual({ ...user, email: "new@example.com", version: 2, updated_at });
      expect(await users.findBy("email", "new@example.com", createDeadlineContext())).toEqual(updated);
    }));

  test("a delete", () =>
    runOverClients(async (clientName) => {
      const { users, user } = await createFaultyTable(dynamo, loseFirstResponse, clientName);
      await users.delete(user.user_id, {}, createDeadlineContext());
      expect(await users.get(user.user_id, createDeadlineContext())).toBeUndefined();
    }));

  test("an idempotent insert that threw `unavailable` and that the client repeats", () =>
    runOverClients(async (clientName) => {
      const table = await createFaultyTable(dynamo, () => "commit, then hang", clientName);
      const { users, healthyUsers, user: other, recover } = table;
      const record = { key: "key", fingerprint: "content", created_at: 1_767_355_200, expires_at: 1_767_441_600 };
      const first = buildUser();
      const insert = users.insert(first, record, createDeadlineContext());
      await expect(insert).rejects.toMatchObject({ code: "unavailable" });
      recover();
      const repetition = buildUser({ email: first.email });
      expect(await users.insert(repetition, record, createDeadlineContext())).toBe(first.user_id);
      const page = await healthyUsers.list({ limit: 10 }, createDeadlineContext());
      expect(new Set(page.users)).toEqual(new Set([first, other]));
    }));
});
