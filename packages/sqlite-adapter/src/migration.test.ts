import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import type { NewUser } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { createSqliteUserRepository } from "./index.ts";
import { openConcurrently } from "./testing/open-concurrently.ts";
import { createOlderFile, JANE, JOHN, OLDER_VERSIONS } from "./testing/older-file.ts";
import { listAllUsers, openTemporaryDatabase } from "./testing/temporary-database.ts";

const USER_COUNT = 100_000;
const MAX_MIGRATION_MS = 5_000;

test("a file of version 1 with 100,000 users is migrated within seconds, and every user is unchanged", async () => {
  const context = createContext();
  const path = createOlderFile(1);
  const stored = [JANE, JOHN, ...insertOlderUsers(path, USER_COUNT)];
  const started = performance.now();
  const database = openTemporaryDatabase(path);
  expect(performance.now() - started).toBeLessThan(MAX_MIGRATION_MS);

  const users = createSqliteUserRepository({ database });
  const listed = await listAllUsers(users);
  expect(listed).toHaveLength(stored.length);
  expect(listed.filter((user, index) => !isDeepStrictEqual(user, stored[index]))).toEqual([]);

  for (const user of [JOHN, stored.at(USER_COUNT / 2)!, stored.at(-1)!]) {
    expect(await users.get(user.user_id, context)).toEqual(user);
    expect(await users.findBy("email", user.email.toUpperCase(), context)).toEqual(user);
    const duplicate = buildUser({ email: user.email.toUpperCase() });
    await expect(users.insert(duplicate, undefined, context)).rejects.toMatchObject({ code: "email-taken" });
  }
  const update = (user: NewUser) =>
    users.update(user.user_id, { external_id: "42" }, { updated_at: user.updated_at }, context);
  expect(await update(JANE)).toEqual({ ...JANE, external_id: "42", version: 2 });
  await expect(update(JOHN)).rejects.toMatchObject({ code: "external-id-taken" });
});

/** Inserts copies of {@link JOHN} with other ids and emails, and returns them in the order of their ids. */
function insertOlderUsers(path: string, count: number): NewUser[] {
  const database = new DatabaseSync(path);
  database
    .prepare(
      `INSERT INTO users
       WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
       SELECT printf('%08x-0000-4000-8000-000000000000', n), lastname, iif(n % 2, 'Zoë', NULL), dob, address, gender,
         printf('User.%d@example.com', n), phone_number, version, created_at, updated_at, printf('user.%d@example.com', n)
       FROM numbers JOIN users ON user_id = :template`,
    )
    .run({ count, template: JOHN.user_id });
  database.close();
  return Array.from({ length: count }, (_, index) => ({
    ...JOHN,
    user_id: `${(index + 1).toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`,
    ...((index + 1) % 2 && { firstname: "Zoë" }),
    email: `User.${index + 1}@example.com`,
  }));
}

test.for(OLDER_VERSIONS)("a file of version %i is migrated once by concurrent processes", async (version) => {
  const paths = Array.from({ length: 10 }, () => createOlderFile(version));
  await openConcurrently(paths.map((path) => [path, path]));
  for (const path of paths) {
    const database = new DatabaseSync(path);
    onTestFinished(() => database.close());
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 3 });
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    const columns = database
      .prepare("SELECT name FROM pragma_table_info('users')")
      .all()
      .map(({ name }) => name);
    expect(columns).toHaveLength(new Set(columns).size);
    expect(await listAllUsers(createSqliteUserRepository({ database }))).toEqual([JANE, JOHN]);
  }
});
