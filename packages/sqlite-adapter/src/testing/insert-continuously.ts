import { randomUUID } from "node:crypto";
import { buildUser, createContext } from "@user-management/domain/testing";
import { createSqliteUserRepository, openUsersDatabase } from "../index.ts";

const WRITERS = 8;

const users = createSqliteUserRepository({ database: openUsersDatabase(process.argv[2]!) });

/** Inserts users until the process ends, and sends the id of each acknowledged user to the parent process. */
async function insertContinuously(): Promise<never> {
  for (;;) {
    const user_id = randomUUID();
    const user = buildUser({ user_id, email: `${user_id}@example.com` });
    process.send!(await users.insert(user, undefined, createContext()));
  }
}

for (let writer = 0; writer < WRITERS; writer += 1) void insertContinuously();
