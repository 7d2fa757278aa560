import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { openUsersDatabase } from "../index.ts";

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** An open users database that is closed when the test is over. */
export function temporaryDatabase(path: string = join(temporaryFolder(), "users.db")): DatabaseSync {
  const database = openUsersDatabase(path);
  onTestFinished(() => database.close());
  return database;
}
