import { buildApiKey } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOverClients } from "./testing/clients.ts";
import type { Call, Fault } from "./testing/faulty-endpoint.ts";
import { createDeadlineContext, createFaultyKeysTable } from "./testing/faulty-table.ts";
import { startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const TIME = "2026-02-03T04:05:06.789Z";

/** Loses the response of the first write of each kind. */
function loseFirstResponse({ operation, previousCalls }: Call): Fault {
  return previousCalls === 0 && operation !== "Scan" ? "commit, then reset" : "none";
}

describe("a write whose response was lost has one effect:", () => {
  test("an insert", () =>
    runOverClients(async (clientName) => {
      const { keys, key: other, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse, clientName);
      const key = buildApiKey();
      await keys.insert(key, createDeadlineContext());
      expect(calls).toHaveLength(2);
      expect(new Set(await keys.list(createDeadlineContext()))).toEqual(new Set([key, other]));
    }));

  test("a revocation, which keeps its time if it is repeated", () =>
    runOverClients(async (clientName) => {
      const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse, clientName);
      const revoked = { ...key, revoked_at: TIME };
      expect(await keys.revoke(key.id, TIME, createDeadlineContext())).toEqual(revoked);
      expect(calls).toHaveLength(2);
      expect(await keys.revoke(key.id, "2027-01-01T00:00:00.000Z", createDeadlineContext())).toEqual(revoked);
    }));

  test("a limited expiry", () =>
    runOverClients(async (clientName) => {
      const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse, clientName);
      const limited = { ...key, expires_at: TIME };
      expect(await keys.limitExpiry(key.id, TIME, createDeadlineContext())).toEqual(limited);
      expect(calls.length).toBeGreaterThan(1);
      expect(await keys.list(createDeadlineContext())).toEqual([limited]);
    }));

  test("a recorded use", () =>
    runOverClients(async (clientName) => {
      const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse, clientName);
      await keys.recordUse(key.id, TIME, createDeadlineContext());
      expect(calls).toHaveLength(2);
      expect(await keys.list(createDeadlineContext())).toEqual([{ ...key, last_used_at: TIME }]);
    }));

  test("a deletion", () =>
    runOverClients(async (clientName) => {
      const { keys, key, calls } = await createFaultyKeysTable(dynamo, loseFirstResponse, clientName);
      await keys.delete(key.id, createDeadlineContext());
      expect(calls).toHaveLength(2);
      expect(await keys.list(createDeadlineContext())).toEqual([]);
    }));
});
