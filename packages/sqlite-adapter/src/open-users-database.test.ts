import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "@user-management/domain";
import { aNewUser } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import { temporaryDatabase, temporaryFolder } from "./testing/temporary-database.ts";

/** The one line that says why the file cannot be opened. */
function refusalOf(path: string): string {
  try {
    openUsersDatabase(path).close();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: "unavailable" });
    return (error as UserError).message;
  }
  return expect.fail(`${path} was opened`);
}

/** A database of SQLite's own making, made with `sql`. */
function databaseFile(sql: string): string {
  const path = join(temporaryFolder(), "users.db");
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

test("a file that does not exist is made, with its folder", () => {
  const path = join(temporaryFolder(), "some", "where", "users.db");
  temporaryDatabase(path);
  expect(existsSync(path)).toBe(true);
});

test("an empty file becomes a users database", () => {
  const path = join(temporaryFolder(), "users.db");
  writeFileSync(path, "");
  temporaryDatabase(path);
  expect(statSync(path).size).toBeGreaterThan(0);
});

test("what was stored is there when the file is opened again", async () => {
  const path = join(temporaryFolder(), "users.db");
  const user = aNewUser();
  const first = openUsersDatabase(path);
  await createSqliteUserRepository({ database: first }).insert(user);
  first.close();
  expect(await createSqliteUserRepository({ database: temporaryDatabase(path) }).find(user.user_id)).toEqual(user);
});

test("a commit is synced to disk: WAL with synchronous = FULL", () => {
  const database = temporaryDatabase();
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
});

test("what is no file is refused", () => {
  const path = temporaryFolder();
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: it is no file`);
  expect(refusalOf("/dev/null")).toBe("/dev/null cannot hold the users: it is no file");
});

test("a name is the name of a file, whatever it means to SQLite", () => {
  const folder = temporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  try {
    temporaryDatabase(":memory:");
  } finally {
    process.chdir(before);
  }
  expect(existsSync(join(folder, ":memory:"))).toBe(true);
});

test("a folder that cannot be made is refused", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "");
  expect(refusalOf(join(path, "users.db"))).toContain(`${path}/users.db cannot hold the users: `);
});

test("a file that is no SQLite database is refused and left as it was", () => {
  const path = join(temporaryFolder(), "notes.txt");
  writeFileSync(path, "remember the milk\n".repeat(1000));
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: it is not a SQLite database`);
  expect(readFileSync(path, "utf8")).toBe("remember the milk\n".repeat(1000));
});

test("a database of another application is refused and left as it was", () => {
  for (const mode of ["DELETE", "WAL"]) {
    const path = databaseFile(`PRAGMA journal_mode = ${mode}; CREATE TABLE users (id); INSERT INTO users VALUES (7)`);
    const before = readFileSync(path);
    expect(refusalOf(path)).toBe(`${path} cannot hold the users: it is a database of another application`);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path))).toEqual(["users.db"]);
  }
});

test("a database of a newer version is refused and left as it was", async () => {
  const path = join(temporaryFolder(), "users.db");
  const database = openUsersDatabase(path);
  await createSqliteUserRepository({ database }).insert(aNewUser());
  database.exec("PRAGMA user_version = 1000");
  database.close();
  const before = readFileSync(path);
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: a newer version of this service has written it`);
  expect(readFileSync(path)).toEqual(before);
  expect(readdirSync(dirname(path))).toEqual(["users.db"]);
});

test("a newer version that was killed before it told the file's header is recognised all the same", () => {
  const path = join(temporaryFolder(), "users.db");
  openUsersDatabase(path).close();
  const newer = new DatabaseSync(path);
  onTestFinished(() => newer.close());
  newer.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 1000");
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: a newer version of this service has written it`);
});

test("a database of ours that has lost its tables is refused", () => {
  const path = databaseFile("PRAGMA application_id = 0x75736572; PRAGMA user_version = 1; CREATE TABLE t (x)");
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: its tables are missing`);
});

test("a damaged database is refused and left as it was", () => {
  const path = databaseFile("PRAGMA application_id = 0x75736572; CREATE TABLE t (x); CREATE TABLE u (x)");
  const damaged = readFileSync(path);
  damaged.fill(0xff, 100, 4000);
  writeFileSync(path, damaged);
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: it is damaged`);
  expect(readFileSync(path)).toEqual(damaged);
});

test("a file that cannot be written is refused and left as it was", () => {
  const folder = temporaryFolder();
  const path = join(folder, "users.db");
  openUsersDatabase(path).close();
  const before = readFileSync(path);
  chmodSync(path, 0o444);
  chmodSync(folder, 0o555);
  expect(asNobody(() => refusalOf(path))).toBe(`${path} cannot hold the users: it cannot be written`);
  chmodSync(folder, 0o755);
  expect(readFileSync(path)).toEqual(before);
});

test("a folder that cannot be written is refused", () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o555);
  expect(asNobody(() => refusalOf(join(folder, "users.db")))).toBe(
    `${folder}/users.db cannot hold the users: it cannot be opened`,
  );
  chmodSync(folder, 0o755);
  expect(readdirSync(folder)).toEqual([]);
});

test("a file that another process keeps locked is refused", { timeout: 10_000 }, () => {
  const path = join(temporaryFolder(), "users.db");
  mkdirSync(join(path, ".."), { recursive: true });
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("BEGIN EXCLUSIVE");
  expect(refusalOf(path)).toBe(`${path} cannot hold the users: another process keeps it locked`);
  other.exec("ROLLBACK");
  temporaryDatabase(path);
});

/** File permissions mean nothing to root, which containers tend to be. */
function asNobody<Result>(run: () => Result): Result {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid!("nobody");
  try {
    return run();
  } finally {
    process.seteuid!("root");
  }
}
