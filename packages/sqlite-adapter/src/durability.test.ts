import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import { createTemporaryPath, listAllUsers, openTemporaryDatabase } from "./testing/temporary-database.ts";

const INSERT_CONTINUOUSLY = join(import.meta.dirname, "testing/insert-continuously.ts");
const UNAVAILABLE = { code: "unavailable" };

/** Starts a process that inserts users continuously. The ids of acknowledged users are added to the set. */
function startWriter(path: string, acknowledged: Set<string>): ChildProcess {
  const writer = fork(INSERT_CONTINUOUSLY, [path]);
  onTestFinished(() => void writer.kill("SIGKILL"));
  writer.on("message", (id: string) => acknowledged.add(id));
  return writer;
}

async function waitForSize(set: Set<string>, size: number, writer: ChildProcess): Promise<void> {
  while (set.size < size) await once(writer, "message");
}

async function kill(writer: ChildProcess): Promise<void> {
  const closed = once(writer, "close");
  writer.kill("SIGKILL");
  await closed;
}

/** Opens the database and returns the ids that it does not contain. */
async function findMissingIds(path: string, ids: Iterable<string>): Promise<string[]> {
  const users = createSqliteUserRepository({ database: openTemporaryDatabase(path) });
  const stored = new Set((await listAllUsers(users)).map((user) => user.user_id));
  return [...ids].filter((id) => !stored.has(id));
}

test("a process that is killed under load loses no acknowledged user", async () => {
  const path = createTemporaryPath();
  const acknowledged = new Set<string>();
  for (const round of [1, 2, 3]) {
    const writer = startWriter(path, acknowledged);
    await waitForSize(acknowledged, round * 300, writer);
    await kill(writer);
  }
  expect(await findMissingIds(path, acknowledged)).toEqual([]);
  expect(openTemporaryDatabase(path).prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
});

test("several processes write to one file concurrently", async () => {
  const path = createTemporaryPath();
  openUsersDatabase(path).close();
  const [first, second] = [new Set<string>(), new Set<string>()];
  const writers = [startWriter(path, first), startWriter(path, second)] as const;
  await Promise.all([waitForSize(first, 300, writers[0]), waitForSize(second, 300, writers[1])]);
  await Promise.all(writers.map(kill));
  expect(await findMissingIds(path, [...first, ...second])).toEqual([]);
});

test("a disk that fails during a commit is reported as `unavailable`, and no unstored user is acknowledged", async () => {
  const path = createTemporaryPath();
  // A limit on the size of files makes writes fail: 200 blocks of 512 bytes, or of 1024 in some shells.
  const limited = `ulimit -f 200; exec "${process.execPath}" "${INSERT_CONTINUOUSLY}" "${path}"`;
  const writer = spawn("sh", ["-c", limited], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const acknowledged = new Set<string>();
  writer.on("message", (id: string) => acknowledged.add(id));
  const [output] = await Promise.all([text(writer.stderr!), once(writer, "close")]);
  expect(output).toMatch(/unavailable/);
  expect(acknowledged.size).toBeGreaterThan(10);
  expect(await findMissingIds(path, acknowledged)).toEqual([]);
});

test("a full disk rejects writes with `unavailable` and rolls them back; writes succeed once there is space", async () => {
  const database = openTemporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const stored = buildUser();
  await users.insert(stored, undefined, createContext());
  const address = "x".repeat(5_000);
  database.exec("PRAGMA max_page_count = 10");
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => users.insert(buildUser({ address }), undefined, createContext())),
  );
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: UNAVAILABLE });
  expect(await listAllUsers(users)).toEqual([stored]);
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  database.exec("PRAGMA max_page_count = 1000000");
  await users.insert(buildUser({ address }), undefined, createContext());
});

test("a file that becomes read-only rejects writes with `unavailable`, and its users can be read", async () => {
  const database = openTemporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const user = buildUser();
  await users.insert(user, undefined, createContext());
  database.exec("PRAGMA query_only = ON");
  const started = performance.now();
  await expect(users.insert(buildUser(), undefined, createContext())).rejects.toMatchObject(UNAVAILABLE);
  expect(performance.now() - started).toBeLessThan(1_000);
  await expect(users.delete(user.user_id, {}, createContext())).rejects.toMatchObject(UNAVAILABLE);
  expect(await users.get(user.user_id, createContext())).toEqual(user);
});

test("a file that is damaged while it is open rejects every operation with `unavailable`", async () => {
  const path = createTemporaryPath();
  const database = openTemporaryDatabase(path);
  const users = createSqliteUserRepository({ database });
  const user = buildUser();
  await users.insert(user, undefined, createContext());
  database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory");
  writeFileSync(path, readFileSync(path).fill(0xff, 4096));
  await expect(users.get(user.user_id, createContext())).rejects.toMatchObject(UNAVAILABLE);
  await expect(users.findBy("email", user.email, createContext())).rejects.toMatchObject(UNAVAILABLE);
  await expect(users.list({ limit: 10 }, createContext())).rejects.toMatchObject(UNAVAILABLE);
  await expect(users.insert(buildUser(), undefined, createContext())).rejects.toMatchObject(UNAVAILABLE);
});
