import { once } from "node:events";
import { buildUser, createContext } from "@user-management/domain/testing";
import { createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { openUsersDatabase } from "@user-management/sqlite-adapter";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand, startCommand } from "./testing/run-command.ts";
import { buildUsers, createSqlitePath, insertUsers, openSqliteStore, parseObjects } from "./testing/stores.ts";

let dynamo: Dynamo;
let settings: Record<string, string>;

beforeAll(async () => {
  dynamo = await startDynamo();
  settings = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
}, 120_000);
afterAll(() => dynamo.stop());

function byId(lines: readonly string[]): Map<unknown, unknown> {
  return new Map(parseObjects(lines).map(({ id, ...difference }) => [id, difference]));
}

/** Creates two files of the same users, whose ids are `user-1`, `user-2` and so on. */
function createEqualStores(count: number) {
  const [first, secondPath] = [openSqliteStore(), createSqlitePath()];
  const database = openUsersDatabase(first.path);
  const { lastname, dob, address, gender, phone_number, created_at } = buildUser();
  database
    .prepare(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
       INSERT INTO users (user_id, email, canonical_email, lastname, dob, address, gender, phone_number, version, created_at, updated_at)
       SELECT 'user-' || n, n || '@example.com', n || '@example.com', ?, ?, ?, ?, ?, 1, ?, ? FROM numbers`,
    )
    .run(lastname!, dob!, address!, gender!, phone_number!, created_at, created_at);
  database.exec(`VACUUM INTO '${secondPath}'`);
  database.close();
  return { first, second: openSqliteStore(secondPath) };
}

test("finds one changed, one missing and one additional user among 100,000, and prints no value", async () => {
  const COUNT = 100_000;
  const { first, second } = createEqualStores(COUNT);
  const [changed, missing, additional] = ["user-50000", "user-70000", buildUser()];
  const updated_at = "2026-02-03T04:05:06.789Z";
  await first.users.update(changed, { lastname: "Roe" }, { updated_at }, createContext());
  await second.users.update(changed, { lastname: "Changed" }, { updated_at }, createContext());
  await second.users.delete(missing, {}, createContext());
  await insertUsers(second.users, [additional]);

  const { code, lines, errors } = await runCommand(["verify", first.name, second.name], settings);
  expect(code).toBe(1);
  expect(byId(lines)).toEqual(
    new Map<string, object>([
      [changed, { kind: "different", members: ["lastname"] }],
      [missing, { kind: "missing-in-second" }],
      [additional.user_id, { kind: "missing-in-first" }],
    ]),
  );
  expect(lines.join()).not.toContain("Changed");
  expect(errors).toContain(`${COUNT} and ${COUNT} users compared: 3 differences\n`);
});

test("compares a file with a table, whose order differs, also the version, timestamps and metadata", async () => {
  const file = openSqliteStore();
  const { client, tableName } = await createUsersTable(dynamo);
  const table = createDynamoUserRepository({ client, tableName });
  const users = buildUsers(50);
  const changes = {
    version: { version: 99 },
    created_at: { created_at: "2026-01-01T00:00:00.000Z" },
    updated_at: { updated_at: "2026-01-03T00:00:00.000Z" },
    metadata: { metadata: { plan: "basic" } },
  };
  await insertUsers(file.users, users);
  const names = Object.keys(changes) as (keyof typeof changes)[];
  await insertUsers(
    table,
    users.map((user, index) => ({ ...user, ...(names[index] && changes[names[index]]) })),
  );
  const expected = new Map(names.map((name, index) => [users[index]!.user_id, { kind: "different", members: [name] }]));
  for (const stores of [
    [file.name, `dynamodb:${tableName}`],
    [`dynamodb:${tableName}`, file.name],
  ]) {
    const { code, lines } = await runCommand(["verify", ...stores], settings);
    expect(code).toBe(1);
    expect(byId(lines)).toEqual(expected);
  }
});

test("exits with 130 if it is interrupted", async () => {
  const [first, second] = [openSqliteStore(), openSqliteStore()];
  await insertUsers(first.users, buildUsers(20_000));
  const child = startCommand(["verify", first.name, second.name], settings);
  const closed = once(child, "close");
  child.stderr!.resume();
  child.stdout!.once("data", () => child.kill("SIGINT"));
  expect((await closed)[0]).toBe(130);
});

test("rejects one store for both, and a store that does not exist", async () => {
  const { name } = openSqliteStore();
  expect(await runCommand(["verify", name, name], settings)).toMatchObject({
    code: 2,
    errors: "the first store and the second store are the same store\n",
  });
  const missing = createSqlitePath();
  expect(await runCommand(["verify", name, `sqlite:${missing}`], settings)).toMatchObject({
    code: 2,
    errors: `the file ${missing} does not exist\n`,
  });
  expect(await runCommand(["verify", name, "mongo:x"], settings)).toMatchObject({
    code: 2,
    errors: "the second store must be sqlite:PATH or dynamodb:TABLE\n",
  });
  expect(await runCommand(["verify", name], settings)).toMatchObject({ code: 2, lines: [""] });
});
