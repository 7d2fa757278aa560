import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import {
  createTemporaryFolder,
  createTemporaryPath,
  lockDatabase,
  openTemporaryDatabase,
} from "./testing/temporary-database.ts";

/** Expects the file to be rejected, and returns the reason. */
function expectRejection(path: string): string {
  try {
    openUsersDatabase(path).close();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: "unavailable" });
    const prefix = `Cannot use ${path} as the user database: `;
    const { message } = error as UserError;
    expect(message.slice(0, prefix.length)).toBe(prefix);
    return message.slice(prefix.length);
  }
  return expect.fail(`${path} was opened.`);
}

/** Creates a database with SQLite itself. */
function createDatabaseFile(sql: string): string {
  const path = createTemporaryPath();
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

test("rejects a path that is not a file", () => {
  expect(expectRejection(createTemporaryFolder())).toBe("it is not a file");
  expect(expectRejection("/dev/null")).toBe("it is not a file");
});

test("rejects a path below a file", () => {
  const path = createTemporaryPath();
  writeFileSync(path, "");
  expect(expectRejection(join(path, "users.db"))).toBe("it cannot be opened");
  expect(expectRejection(join(path, "folder", "users.db"))).toMatch(/^ENOTDIR: /);
});

test.for(["/proc/users/users.db", "/proc/users/folder/users.db"])(
  "rejects %s, which is below a pseudo file system, without delay",
  (path) => {
    const module = JSON.stringify(new URL("index.ts", import.meta.url));
    const script = `import { openUsersDatabase } from ${module}; openUsersDatabase("${path}");`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
      timeout: 10_000,
      killSignal: "SIGKILL",
    });
    expect(stderr).toContain(`UserError: Cannot use ${path} as the user database: `);
    expect(stderr).toContain("code: 'unavailable'");
    expect(status).toBe(1);
  },
);

test("rejects a file that is not a SQLite database, and leaves it unchanged", () => {
  const path = join(createTemporaryFolder(), "notes.txt");
  writeFileSync(path, "buy milk\n".repeat(1000));
  expect(expectRejection(path)).toBe("it is not a SQLite database");
  expect(readFileSync(path, "utf8")).toBe("buy milk\n".repeat(1000));
});

test.for(["DELETE", "WAL"])(
  "rejects a database of another application in journal mode %s, and leaves it unchanged",
  (mode) => {
    const path = createDatabaseFile(
      `PRAGMA journal_mode = ${mode}; CREATE TABLE users (id); INSERT INTO users VALUES (7)`,
    );
    const before = readFileSync(path);
    expect(expectRejection(path)).toBe("it is a database of another application");
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path))).toEqual(["users.db"]);
  },
);

test.for([4, 1000])("rejects a database of the newer version %i, and leaves it unchanged", async (version) => {
  const path = createTemporaryPath();
  const database = openUsersDatabase(path);
  await createSqliteUserRepository({ database }).insert(buildUser(), undefined, createContext());
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
  const before = readFileSync(path);
  expect(expectRejection(path)).toBe("it was written by a newer version of this service");
  expect(readFileSync(path)).toEqual(before);
  expect(readdirSync(dirname(path))).toEqual(["users.db"]);
});

test("rejects a database of a newer version if only the write-ahead log contains the version", () => {
  const path = createTemporaryPath();
  openUsersDatabase(path).close();
  const newer = new DatabaseSync(path);
  onTestFinished(() => newer.close());
  newer.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 1000");
  expect(expectRejection(path)).toBe("it was written by a newer version of this service");
});

test("rejects a database of this service without its tables", () => {
  const path = createDatabaseFile("PRAGMA application_id = 0x75736572; PRAGMA user_version = 1; CREATE TABLE t (x)");
  expect(expectRejection(path)).toBe("its tables are missing");
});

test("rejects a database without the table of API keys", () => {
  const path = createTemporaryPath();
  const database = openUsersDatabase(path);
  database.exec("DROP TABLE api_keys");
  database.close();
  expect(expectRejection(path)).toBe("its tables are missing");
});

test("rejects a damaged database, and leaves it unchanged", () => {
  const path = createDatabaseFile("PRAGMA application_id = 0x75736572; CREATE TABLE t (x); CREATE TABLE u (x)");
  const damaged = readFileSync(path);
  damaged.fill(0xff, 100, 4000);
  writeFileSync(path, damaged);
  expect(expectRejection(path)).toBe("it is damaged");
  expect(readFileSync(path)).toEqual(damaged);
});

test("rejects a file that cannot be written, and leaves it unchanged", () => {
  const path = createTemporaryPath();
  openUsersDatabase(path).close();
  const before = readFileSync(path);
  chmodSync(path, 0o444);
  chmodSync(dirname(path), 0o555);
  expect(runUnprivileged(() => expectRejection(path))).toBe("it cannot be written");
  chmodSync(dirname(path), 0o755);
  expect(readFileSync(path)).toEqual(before);
});

test("rejects a new file in a folder that cannot be written", () => {
  const folder = createTemporaryFolder();
  chmodSync(folder, 0o555);
  expect(runUnprivileged(() => expectRejection(join(folder, "users.db")))).toBe("it cannot be opened");
  chmodSync(folder, 0o755);
  expect(readdirSync(folder)).toEqual([]);
});

test("rejects a file that another process keeps locked", { timeout: 10_000 }, () => {
  const path = createTemporaryPath();
  const release = lockDatabase(path, "EXCLUSIVE");
  expect(expectRejection(path)).toBe("another process keeps it locked");
  release();
  openTemporaryDatabase(path);
});

/** Runs a function as a user other than root: file permissions do not apply to root, the usual user in containers. */
function runUnprivileged<Result>(run: () => Result): Result {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid!("nobody");
  try {
    return run();
  } finally {
    process.seteuid!("root");
  }
}
