import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { User, UserRepository } from "@user-management/domain";
import { createContext } from "@user-management/domain/testing";
import { onTestFinished } from "vitest";
import { openUsersDatabase } from "../index.ts";

/** Creates a folder that is deleted at the end of the test. */
export function createTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Returns the path of a database file that does not exist yet. */
export function createTemporaryPath(): string {
  return join(createTemporaryFolder(), "users.db");
}

/** Opens a users database that is closed at the end of the test. */
export function openTemporaryDatabase(path: string = createTemporaryPath()): DatabaseSync {
  const database = openUsersDatabase(path);
  onTestFinished(() => database.close());
  return database;
}

/** Locks a database file for writing, as another process does, and returns the function that releases the lock. */
export function lockDatabase(path: string, mode: "IMMEDIATE" | "EXCLUSIVE" = "IMMEDIATE"): () => void {
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec(`BEGIN ${mode}`);
  return () => other.exec("ROLLBACK");
}

/** Returns every user, in the order of the ids. */
export async function listAllUsers(users: UserRepository): Promise<User[]> {
  return (await users.list({ limit: 1_000_000 }, createContext())).users;
}
