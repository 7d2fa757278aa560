import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createSqliteUserRepository, openUsersDatabase } from "./index.ts";
import { openConcurrently } from "./testing/open-concurrently.ts";
import { createTemporaryFolder, createTemporaryPath, openTemporaryDatabase } from "./testing/temporary-database.ts";

test("creates a file that does not exist, and its folder", () => {
  const path = join(createTemporaryFolder(), "some", "where", "users.db");
  openTemporaryDatabase(path);
  expect(existsSync(path)).toBe(true);
});

test("creates a folder that other processes create concurrently", async () => {
  const folder = createTemporaryFolder();
  const folders = Array.from({ length: 20 }, (_, round) => join(folder, `${round}`, "some", "where"));
  const rounds = folders.map((each) => [join(each, "a.db"), join(each, "b.db")] as const);
  await openConcurrently(rounds);
  for (const path of rounds.flat()) expect(existsSync(path), path).toBe(true);
});

test("turns an empty file into a users database", () => {
  const path = createTemporaryPath();
  writeFileSync(path, "");
  openTemporaryDatabase(path);
  expect(statSync(path).size).toBeGreaterThan(0);
});

test("returns the stored users after the file is closed and opened again", async () => {
  const path = createTemporaryPath();
  const user = buildUser();
  const database = openUsersDatabase(path);
  await createSqliteUserRepository({ database }).insert(user, undefined, createContext());
  database.close();
  const users = createSqliteUserRepository({ database: openTemporaryDatabase(path) });
  expect(await users.get(user.user_id, createContext())).toEqual(user);
});

test("syncs every commit to the disk: WAL mode with `synchronous = FULL`", () => {
  const database = openTemporaryDatabase();
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
});

test("treats the path as the name of a file even if it has a meaning for SQLite", () => {
  const folder = createTemporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  try {
    openTemporaryDatabase(":memory:");
  } finally {
    process.chdir(before);
  }
  expect(existsSync(join(folder, ":memory:"))).toBe(true);
});

test.for([
  { label: "0o000", umask: 0o000 },
  { label: "0o022", umask: 0o022 },
])("makes new folders and files accessible to their owner only if the umask is $label", async ({ umask }) => {
  const folder = createTemporaryFolder();
  const path = join(folder, "some", "where", "users.db");
  await withUmask(umask, async () => {
    const users = createSqliteUserRepository({ database: openTemporaryDatabase(path) });
    await users.insert(buildUser(), undefined, createContext());
  });
  expect(getMode(join(folder, "some"))).toBe(0o700);
  expect(getMode(join(folder, "some", "where"))).toBe(0o700);
  for (const suffix of ["", "-wal", "-shm"]) expect(getMode(path + suffix), suffix).toBe(0o600);
});

test("keeps the permissions of existing folders and files", async () => {
  const path = join(createTemporaryFolder(), "folder", "users.db");
  mkdirSync(dirname(path));
  chmodSync(dirname(path), 0o755);
  writeFileSync(path, "");
  for (const mode of [0o644, 0o640]) {
    chmodSync(path, mode);
    const database = openUsersDatabase(path);
    await createSqliteUserRepository({ database }).insert(buildUser(), undefined, createContext());
    expect(getMode(dirname(path))).toBe(0o755);
    for (const suffix of ["", "-wal", "-shm"]) expect(getMode(path + suffix), suffix).toBe(mode);
    database.close();
    expect(getMode(path)).toBe(mode);
  }
});

function getMode(path: string): number {
  return statSync(path).mode & 0o777;
}

async function withUmask(umask: number, run: () => Promise<void>): Promise<void> {
  const before = process.umask(umask);
  try {
    await run();
  } finally {
    process.umask(before);
  }
}
