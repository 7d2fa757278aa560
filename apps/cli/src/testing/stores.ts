import { existsSync, mkdtempSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { NewUser, User, UserRepository } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { onTestFinished } from "vitest";

/** A SQLite file of a test. */
export interface SqliteStore {
  readonly path: string;
  /** The store as an argument of a command. */
  readonly name: string;
  readonly users: UserRepository;
}

/** Returns the path of a SQLite file that does not exist yet, in a folder that is deleted when the test finishes. */
export function createSqlitePath(): string {
  const folder = mkdtempSync(join(tmpdir(), "userctl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "users.db");
}

/** Opens a SQLite file, which is closed when the test finishes. Without a path the file is new. */
export function openSqliteStore(path: string = createSqlitePath()): SqliteStore {
  const database = openUsersDatabase(path);
  onTestFinished(() => database.close());
  return { path, name: `sqlite:${path}`, users: createSqliteUserRepository({ database }) };
}

/** Builds users of different shapes: with an external id, a status, metadata, or only the required fields. */
export function buildUsers(count: number): NewUser[] {
  return Array.from({ length: count }, (_, index) =>
    buildUser({
      ...(index % 2 === 0 ? { external_id: `external-${index}`, firstname: "Ann" } : {}),
      ...(index % 3 === 0 ? { status: "suspended" } : {}),
      ...(index % 5 === 0 ? { metadata: { plan: "pro", team: `Zoë ${index}` } } : {}),
      version: 1 + (index % 7),
    }),
  );
}

/** Inserts users concurrently. */
export async function insertUsers(users: UserRepository, newUsers: readonly NewUser[]): Promise<void> {
  await Promise.all(newUsers.map((user) => users.insert(user, undefined, createContext())));
}

/** Returns every user, in the order of the ids. */
export async function listUsers(users: UserRepository): Promise<User[]> {
  const all: User[] = [];
  let after: string | undefined;
  do {
    const page = await users.list({ limit: 1_000, after }, createContext());
    all.push(...page.users);
    after = page.next;
  } while (after !== undefined);
  return all.toSorted((left, right) => (left.user_id < right.user_id ? -1 : 1));
}

/** Resolves once a file exists in a folder that exists. */
export async function waitForFile(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(dirname(path), () => existsSync(path) && resolve());
  if (existsSync(path)) resolve();
  await promise.finally(() => watcher.close());
}

/** Parses the lines that are JSON objects. */
export function parseObjects(lines: readonly string[]): Record<string, unknown>[] {
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
}
