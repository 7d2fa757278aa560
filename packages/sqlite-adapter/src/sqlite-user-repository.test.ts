import type { IdempotencyRecord } from "@user-management/domain";
import { buildUser, createContext, describeUserRepository } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createSqliteUserRepository } from "./index.ts";
import { openTemporaryDatabase } from "./testing/temporary-database.ts";

describeUserRepository("the SQLite repository", () =>
  createSqliteUserRepository({ database: openTemporaryDatabase() }),
);

test("an insert with an idempotency key deletes at most 10 expired records", async () => {
  const database = openTemporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const insert = (record: IdempotencyRecord) => users.insert(buildUser(), record, createContext());
  const countRecords = () => Number(database.prepare("SELECT count(*) AS n FROM idempotency").get()!["n"]);
  for (let n = 0; n < 25; n += 1) await insert(createRecord(`key ${n}`, 100));
  expect(countRecords()).toBe(25);
  await insert(createRecord("first", 1_000));
  expect(countRecords()).toBe(16);
  await insert(createRecord("second", 1_000));
  await insert(createRecord("third", 1_000));
  expect(countRecords()).toBe(3);
});

/** Creates a record that expires after 10 seconds. */
function createRecord(key: string, created_at: number): IdempotencyRecord {
  return { key, fingerprint: "content", created_at, expires_at: created_at + 10 };
}
