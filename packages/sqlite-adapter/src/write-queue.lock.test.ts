import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSqliteUserRepository } from "./index.ts";
import {
  createTemporaryPath,
  listAllUsers,
  lockDatabase,
  openTemporaryDatabase,
} from "./testing/temporary-database.ts";

const UNAVAILABLE = { name: "UserError", code: "unavailable" };

function openUsers(path: string) {
  return createSqliteUserRepository({ database: openTemporaryDatabase(path) });
}

/** Resolves after the queue has tried to begin a transaction for the writes of this turn of the event loop. */
async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("rejects writes while another process keeps the file locked; reads succeed", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const user = buildUser();
  await users.insert(user, undefined, createContext());
  const release = lockDatabase(path);
  const started = performance.now();
  const rejected = expect(users.insert(buildUser(), undefined, createContext())).rejects.toMatchObject(UNAVAILABLE);
  expect(await users.get(user.user_id, createContext())).toEqual(user);
  await rejected;
  expect(performance.now() - started).toBeLessThan(5_000);
  setTimeout(release, 200);
  await users.insert(buildUser(), undefined, createContext());
});

test("executes a write once the lock of another process is released", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const release = lockDatabase(path);
  const user = buildUser();
  const inserted = users.insert(user, undefined, createContext());
  setTimeout(release, 200);
  expect(await inserted).toBe(user.user_id);
});

test("rejects a write whose signal aborts while another process keeps the file locked, and never executes it", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const stored = buildUser();
  await users.insert(stored, undefined, createContext());
  const release = lockDatabase(path);
  const controller = new AbortController();
  const reason = new Error("The deadline of the request has passed.");
  const [first, aborted, second] = [buildUser(), buildUser(), buildUser()];
  const inserts = [first, second].map((user) => users.insert(user, undefined, createContext()));
  const deletion = users.delete(stored.user_id, {}, createContext());
  const insertion = users.insert(aborted, undefined, createContext({ signal: controller.signal }));
  const rejected = expect(insertion).rejects.toMatchObject({ ...UNAVAILABLE, cause: reason });
  await nextTurn();
  controller.abort(reason);
  const started = performance.now();
  await rejected;
  expect(performance.now() - started).toBeLessThan(1_000);
  release();
  expect(await Promise.all(inserts)).toEqual([first.user_id, second.user_id]);
  await deletion;
  const last = buildUser({ email: aborted.email });
  await users.insert(last, undefined, createContext());
  const ids = (await listAllUsers(users)).map((user) => user.user_id);
  expect(new Set(ids)).toEqual(new Set([first.user_id, second.user_id, last.user_id]));
});

test("waits for a lock as long as usual after a blocked write was aborted", async () => {
  const path = createTemporaryPath();
  const users = openUsers(path);
  const release = lockDatabase(path);
  const controller = new AbortController();
  const insertion = users.insert(buildUser(), undefined, createContext({ signal: controller.signal }));
  const rejected = expect(insertion).rejects.toMatchObject(UNAVAILABLE);
  await nextTurn();
  controller.abort();
  await rejected;
  advanceClock(60_000);
  const user = buildUser();
  const inserted = users.insert(user, undefined, createContext());
  await nextTurn();
  release();
  expect(await inserted).toBe(user.user_id);
});

/** Advances `performance.now()` once by this duration. The end of the test restores it. */
function advanceClock(milliseconds: number): void {
  const readClock = performance.now.bind(performance);
  const spy = vi.spyOn(performance, "now").mockImplementation(() => readClock() + milliseconds);
  onTestFinished(() => spy.mockRestore());
}
