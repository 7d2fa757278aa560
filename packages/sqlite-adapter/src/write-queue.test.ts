import { readFileSync } from "node:fs";
import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createSqliteUserRepository } from "./index.ts";
import {
  createTemporaryPath,
  listAllUsers,
  lockDatabase,
  openTemporaryDatabase,
} from "./testing/temporary-database.ts";

const UNAVAILABLE = { name: "UserError", code: "unavailable" };

function openUsers(path?: string) {
  return createSqliteUserRepository({ database: openTemporaryDatabase(path) });
}

/**
 * Counts the transactions in a write-ahead log: the frames that contain the size of the database
 * (https://sqlite.org/fileformat.html#the_write_ahead_log).
 */
function countCommits(path: string): number {
  const log = readFileSync(`${path}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let start = 32; start + frame <= log.length; start += frame) {
    if (log.readUInt32BE(start + 4) > 0) commits += 1;
  }
  return commits;
}

test("commits a lone write by itself, and concurrent writes together", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const before = countCommits(path);
  await users.insert(buildUser(), undefined, createContext());
  expect(countCommits(path) - before).toBe(1);
  await Promise.all(Array.from({ length: 200 }, () => users.insert(buildUser(), undefined, createContext())));
  expect(countCommits(path) - before).toBe(2);
});

test("commits more writes than fit into one transaction in as few transactions as possible", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const before = countCommits(path);
  await Promise.all(Array.from({ length: 1_001 }, () => users.insert(buildUser(), undefined, createContext())));
  expect(countCommits(path) - before).toBe(3);
  await users.insert(buildUser(), undefined, createContext());
});

test("commits the writes beside one that is rejected", async () => {
  const users = openUsers();
  const [first, second] = [buildUser(), buildUser()];
  const duplicate = buildUser({ email: first.email });
  const outcomes = await Promise.allSettled(
    [first, duplicate, second].map((user) => users.insert(user, undefined, createContext())),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const stored = (await listAllUsers(users)).map((user) => user.user_id);
  expect(new Set(stored)).toEqual(new Set([first.user_id, second.user_id]));
});

test("rolls back the transaction of an unexpected error, and accepts later writes", async () => {
  const users = openUsers();
  const user = buildUser();
  const outcomes = await Promise.allSettled(
    [user, buildUser({ lastname: {} as never })].map((each) => users.insert(each, undefined, createContext())),
  );
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { name: "TypeError" } });
  expect(await users.get(user.user_id, createContext())).toBeUndefined();
  await users.insert(user, undefined, createContext());
  expect(await listAllUsers(users)).toEqual([user]);
});

test("rejects the writes of a batch whose signals have aborted, and commits the others together", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const stored = buildUser();
  await users.insert(stored, undefined, createContext());
  const before = countCommits(path);
  const { user_id, updated_at } = stored;
  const controller = new AbortController();
  const { signal } = controller;
  const [first, aborted, second] = [buildUser(), buildUser(), buildUser()];
  const writes = [
    users.insert(first, undefined, createContext()),
    users.insert(aborted, undefined, createContext({ signal })),
    users.update(user_id, { lastname: "Aborted" }, { updated_at }, createContext({ signal })),
    users.update(user_id, { lastname: "Roe" }, { updated_at }, createContext()),
    users.delete(user_id, {}, createContext({ signal })),
    users.insert(second, undefined, createContext()),
  ];
  controller.abort();
  const outcomes = await Promise.allSettled(writes);
  expect(outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "fulfilled"))).toEqual([
    "fulfilled",
    "unavailable",
    "unavailable",
    "fulfilled",
    "unavailable",
    "fulfilled",
  ]);
  expect(countCommits(path) - before).toBe(1);
  expect(await users.get(user_id, createContext())).toEqual({ ...stored, lastname: "Roe", version: 2 });
  expect(await users.get(first.user_id, createContext())).toEqual(first);
  expect(await users.get(aborted.user_id, createContext())).toBeUndefined();
  expect(await users.get(second.user_id, createContext())).toEqual(second);
});

test("begins no transaction if the signals of all writes have aborted", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const before = countCommits(path);
  lockDatabase(path);
  const signal = AbortSignal.abort();
  const started = performance.now();
  const inserts = Array.from({ length: 3 }, () => users.insert(buildUser(), undefined, createContext({ signal })));
  for (const outcome of await Promise.allSettled(inserts)) expect(outcome).toMatchObject({ reason: UNAVAILABLE });
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(countCommits(path)).toBe(before);
});
