import { randomUUID } from "node:crypto";
import { aNewUser } from "@user-management/domain/testing";
import { createSqliteUserRepository, openUsersDatabase } from "../index.ts";

const users = createSqliteUserRepository({ database: openUsersDatabase(process.argv[2]!) });

async function insertWithoutEnd(): Promise<never> {
  for (;;) {
    const user_id = randomUUID();
    process.send!(await users.insert(aNewUser({ user_id, email: `${user_id}@example.com` })));
  }
}

for (let writers = 0; writers < 8; writers += 1) void insertWithoutEnd();
