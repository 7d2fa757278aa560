import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import type { Once, User, UserRepository } from "@user-management/domain";
import { aNewUser } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import { temporaryDatabase, temporaryFolder } from "./testing/temporary-database.ts";

/** A process that inserts users into the file without end, and reports the id of each that was acknowledged. */
function startWriter(path: string, acknowledged: Set<string>): ChildProcess {
  const writer = fork(join(import.meta.dirname, "testing/insert-without-end.ts"), [path]);
  onTestFinished(() => void writer.kill("SIGKILL"));
  writer.on("message", (id: string) => acknowledged.add(id));
  return writer;
}

async function untilSizeOf(set: Set<string>, size: number, writer: ChildProcess): Promise<void> {
  while (set.size < size) await once(writer, "message");
}

async function kill(writer: ChildProcess): Promise<void> {
  const closed = once(writer, "close");
  writer.kill("SIGKILL");
  await closed;
}

async function everyone(users: UserRepository): Promise<User[]> {
  return (await users.list({ limit: 1_000_000 })).users;
}

test("a process that is killed under load has kept every user it acknowledged", async () => {
  const path = join(temporaryFolder(), "users.db");
  const acknowledged = new Set<string>();
  for (const round of [1, 2, 3]) {
    const writer = startWriter(path, acknowledged);
    await untilSizeOf(acknowledged, round * 300, writer);
    await kill(writer);
  }
  const database = temporaryDatabase(path);
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  const stored = new Set((await everyone(createSqliteUserRepository({ database }))).map((user) => user.user_id));
  expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
});

test("several processes can write one file at a time", async () => {
  const path = join(temporaryFolder(), "users.db");
  openUsersDatabase(path).close();
  const [one, two] = [new Set<string>(), new Set<string>()];
  const writers = [startWriter(path, one), startWriter(path, two)] as const;
  await Promise.all([untilSizeOf(one, 300, writers[0]), untilSizeOf(two, 300, writers[1])]);
  await Promise.all(writers.map(kill));
  const database = temporaryDatabase(path);
  const stored = new Set((await everyone(createSqliteUserRepository({ database }))).map((user) => user.user_id));
  expect([...one, ...two].filter((id) => !stored.has(id))).toEqual([]);
});

/** The transactions in a write-ahead log: frames that say how large the database is (https://sqlite.org/fileformat.html#the_write_ahead_log). */
function commitsIn(path: string): number {
  const log = readFileSync(`${path}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let start = 32; start + frame <= log.length; start += frame) {
    if (log.readUInt32BE(start + 4) > 0) commits += 1;
  }
  return commits;
}

test("writes that arrive together are committed together, and a lone one by itself", async () => {
  const path = join(temporaryFolder(), "users.db");
  const users = createSqliteUserRepository({ database: temporaryDatabase(path) });
  const before = commitsIn(path);
  await users.insert(aNewUser());
  expect(commitsIn(path) - before).toBe(1);
  await Promise.all(Array.from({ length: 200 }, () => users.insert(aNewUser())));
  expect(commitsIn(path) - before).toBe(2);
});

test("more writes than one transaction holds are all done, in as many as it takes", async () => {
  const path = join(temporaryFolder(), "users.db");
  const users = createSqliteUserRepository({ database: temporaryDatabase(path) });
  const before = commitsIn(path);
  await Promise.all(Array.from({ length: 1_001 }, () => users.insert(aNewUser())));
  expect(commitsIn(path) - before).toBe(3);
  await users.insert(aNewUser());
});

/** A key that is remembered for 10 seconds. */
function keyed(key: string, created_at: number): Once {
  return { key, fingerprint: "content", created_at, expires_at: created_at + 10 };
}

test("idempotency keys that have expired are forgotten a few at a time", async () => {
  const database = temporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const remembered = () => Number(database.prepare("SELECT count(*) AS n FROM idempotency").get()!["n"]);
  for (let n = 0; n < 25; n += 1) await users.insert(aNewUser(), keyed(`key ${n}`, 100));
  expect(remembered()).toBe(25);
  await users.insert(aNewUser(), keyed("late", 1_000));
  expect(remembered()).toBe(16);
  await users.insert(aNewUser(), keyed("later", 1_000));
  await users.insert(aNewUser(), keyed("latest", 1_000));
  expect(remembered()).toBe(3);
});

test("a write that is refused does not undo those beside it", async () => {
  const users = createSqliteUserRepository({ database: temporaryDatabase() });
  const [first, second] = [aNewUser(), aNewUser()];
  const refused = aNewUser({ email: first.email });
  const outcomes = await Promise.allSettled([first, refused, second].map((user) => users.insert(user)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(new Set((await everyone(users)).map((user) => user.user_id))).toEqual(
    new Set([first.user_id, second.user_id]),
  );
});

test("while another process keeps the file locked, writes are unavailable and reads go on", async () => {
  const path = join(temporaryFolder(), "users.db");
  const users = createSqliteUserRepository({ database: temporaryDatabase(path) });
  const user = aNewUser();
  await users.insert(user);
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const started = performance.now();
  const refused = expect(users.insert(aNewUser())).rejects.toMatchObject({ code: "unavailable" });
  expect(await users.find(user.user_id)).toEqual(user);
  await refused;
  expect(performance.now() - started).toBeLessThan(5_000);
  setTimeout(() => other.exec("ROLLBACK"), 200);
  await users.insert(aNewUser());
});

test("a lock that is released in time delays a write and no more", async () => {
  const path = join(temporaryFolder(), "users.db");
  const users = createSqliteUserRepository({ database: temporaryDatabase(path) });
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const user = aNewUser();
  const inserted = users.insert(user);
  setTimeout(() => other.exec("ROLLBACK"), 200);
  expect(await inserted).toBe(user.user_id);
});

test("a failure that nobody foresaw undoes its transaction and leaves the store working", async () => {
  const users = createSqliteUserRepository({ database: temporaryDatabase() });
  const beside = aNewUser();
  const outcomes = await Promise.allSettled([users.insert(beside), users.insert(aNewUser({ lastname: {} as never }))]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { name: "TypeError" } });
  expect(await users.find(beside.user_id)).toBeUndefined();
  await users.insert(beside);
  expect(await everyone(users)).toEqual([beside]);
});

test("a disk that fails at a commit is unavailable, and nothing is acknowledged that is not stored", async () => {
  const path = join(temporaryFolder(), "users.db");
  const script = join(import.meta.dirname, "testing/insert-without-end.ts");
  // A limit on the size of files is a disk that fails: 200 blocks of 512 bytes, or of 1024 in some shells.
  const limited = `ulimit -f 200; exec "${process.execPath}" "${script}" "${path}"`;
  const writer = spawn("sh", ["-c", limited], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const acknowledged = new Set<string>();
  writer.on("message", (id: string) => acknowledged.add(id));
  const [said] = await Promise.all([text(writer.stderr!), once(writer, "close")]);
  expect(said).toMatch(/unavailable/);
  expect(acknowledged.size).toBeGreaterThan(10);
  const stored = new Set(
    (await everyone(createSqliteUserRepository({ database: temporaryDatabase(path) }))).map((user) => user.user_id),
  );
  expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
});

test("a full disk is unavailable, undoes what was not acknowledged, and serves again when there is room", async () => {
  const database = temporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const kept = aNewUser();
  await users.insert(kept);
  const address = "x".repeat(5_000);
  database.exec("PRAGMA max_page_count = 10");
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => users.insert(aNewUser({ address }))));
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "unavailable" } });
  expect(await everyone(users)).toEqual([kept]);
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  database.exec("PRAGMA max_page_count = 1000000");
  await users.insert(aNewUser({ address }));
});

test("a file that can no longer be written is unavailable, and its users can be read", async () => {
  const database = temporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const user = aNewUser();
  await users.insert(user);
  database.exec("PRAGMA query_only = ON");
  const started = performance.now();
  await expect(users.insert(aNewUser())).rejects.toMatchObject({ code: "unavailable" });
  expect(performance.now() - started).toBeLessThan(1_000);
  await expect(users.remove(user.user_id)).rejects.toMatchObject({ code: "unavailable" });
  expect(await users.find(user.user_id)).toEqual(user);
});

test("a file that is damaged while it is open is unavailable", async () => {
  const path = join(temporaryFolder(), "users.db");
  const database = temporaryDatabase(path);
  const users = createSqliteUserRepository({ database });
  const user = aNewUser();
  await users.insert(user);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory");
  writeFileSync(path, readFileSync(path).fill(0xff, 4096));
  await expect(users.find(user.user_id)).rejects.toMatchObject({ code: "unavailable" });
  await expect(users.findByEmail(user.email)).rejects.toMatchObject({ code: "unavailable" });
  await expect(users.list({ limit: 10 })).rejects.toMatchObject({ code: "unavailable" });
  await expect(users.insert(aNewUser())).rejects.toMatchObject({ code: "unavailable" });
});
