import { once } from "node:events";
import { linkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, startCommand } from "./testing/run-command.ts";
import {
  buildUsers,
  createSqlitePath,
  insertUsers,
  listUsers,
  openSqliteStore,
  parseObjects,
  waitForFile,
} from "./testing/stores.ts";
import { startThrottlingProxy } from "./testing/throttling-proxy.ts";

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

/** Creates a table that is deleted when the test finishes. */
async function createDynamoStore() {
  const { client, tableName } = await createUsersTable(dynamo);
  const put = (item: Record<string, unknown>) => client.send(new PutCommand({ TableName: tableName, Item: item }));
  return { name: `dynamodb:${tableName}`, users: createDynamoUserRepository({ client, tableName }), put };
}

/** Runs the command, and parses the summary and the failures. */
async function runCopy(from: string, to: string, ...options: string[]) {
  const { code, lines, errors } = await runCommand(["copy", "--from", from, "--to", to, ...options], settings);
  const [{ seconds, ...summary } = {}] = parseObjects(lines);
  if (lines[0] !== "") expect(seconds).toBeGreaterThan(0);
  return { code, summary, errors, failures: parseObjects(errors.split("\n")) };
}

test(
  "a copy from SQLite to DynamoDB and back is identical, and unique values are enforced",
  { timeout: 90_000 },
  async () => {
    const source = openSqliteStore();
    const users = buildUsers(3_000);
    await insertUsers(source.users, users);
    const table = await createDynamoStore();
    const summary = { read: 3_000, created: 3_000, replaced: 0, unchanged: 0, failed: 0 };
    expect(await runCopy(source.name, table.name)).toMatchObject({ code: 0, summary, failures: [] });

    const back = openSqliteStore();
    expect(await runCopy(table.name, back.name)).toMatchObject({ code: 0, summary, failures: [] });
    expect(await listUsers(back.users)).toEqual(await listUsers(source.users));

    for (const target of [table, back]) {
      const { email, external_id } = users[0]!;
      const insert = (user: object) => target.users.insert(buildUser(user), undefined, createContext());
      await expect(insert({ email: email.toUpperCase() })).rejects.toMatchObject({ code: "email-taken" });
      await expect(insert({ external_id })).rejects.toMatchObject({ code: "external-id-taken" });
    }
  },
);

test("a second copy leaves equal users, replaces older ones, and reports others that differ", async () => {
  const [source, target] = [openSqliteStore(), openSqliteStore()];
  const [equal, older, differing, absent] = buildUsers(4);
  await insertUsers(source.users, [equal!, { ...older!, version: 9, lastname: "Roe" }, differing!, absent!]);
  await insertUsers(target.users, [equal!, older!, { ...differing!, lastname: "Roe" }]);
  const result = await runCopy(source.name, target.name);
  expect(result).toMatchObject({
    code: 1,
    summary: { read: 4, created: 1, replaced: 1, unchanged: 1, failed: 1 },
    failures: [{ id: differing!.user_id, code: "different", detail: expect.any(String) }],
  });
  expect(result.errors).not.toContain("Roe");
  const get = (id: string) => target.users.get(id, createContext());
  expect(await get(older!.user_id)).toMatchObject({ version: 9, lastname: "Roe" });
  expect(await get(differing!.user_id)).toMatchObject({ lastname: "Roe" });
});

describe("unique values", () => {
  test("a value that has moved to another user is copied in any order of the users", async () => {
    const [source, target] = [openSqliteStore(), openSqliteStore()];
    const [first, second] = buildUsers(2).toSorted((left, right) => (left.user_id < right.user_id ? -1 : 1));
    await insertUsers(target.users, [first!, second!]);
    const moved = [
      { ...first!, email: second!.email, version: 10 },
      { ...second!, email: "new@example.com", version: 10 },
    ];
    await insertUsers(source.users, moved.toReversed());
    expect(await runCopy(source.name, target.name)).toMatchObject({ code: 0, summary: { read: 2, failed: 0 } });
    expect(await listUsers(target.users)).toEqual(moved);
  });

  test("a value that another user has in the target is reported, and that user and the older one are unchanged", async () => {
    const [source, target] = [openSqliteStore(), openSqliteStore()];
    const [older, absent, other] = [buildUser(), buildUser({ external_id: "x" }), buildUser({ external_id: "x" })];
    await insertUsers(source.users, [{ ...older, email: other.email, version: 2 }, absent]);
    await insertUsers(target.users, [older, other]);
    const before = await listUsers(target.users);
    const { code, failures } = await runCopy(source.name, target.name);
    expect(code).toBe(1);
    expect(new Map(failures.map((failure) => [failure["id"], failure["code"]]))).toEqual(
      new Map([
        [older.user_id, "email-taken"],
        [absent.user_id, "external-id-taken"],
      ]),
    );
    expect(await listUsers(target.users)).toEqual(before);
  });
});

describe("a legacy table", () => {
  const LEGACY = { lastname: "Doe", dob: "01/02/1990", address: "Main St", gender: "m", phone_number: 123 };

  async function createLegacyTable() {
    const table = await createDynamoStore();
    for (let n = 0; n < 20; n += 1) await table.put({ ...LEGACY, user_id: `user-${n}`, email: `U.${n}@example.com` });
    await table.put({ user_id: "nameless", lastname: "" });
    return table;
  }

  test("is copied whole to another table, except for a user whose email another one has", async () => {
    const source = await createLegacyTable();
    const target = await createDynamoStore();
    const summary = { read: 21, created: 21, replaced: 0, unchanged: 0, failed: 0 };
    expect(await runCopy(source.name, target.name)).toMatchObject({ code: 0, summary });
    expect(await listUsers(target.users)).toEqual(await listUsers(source.users));

    await source.put({ ...LEGACY, user_id: "twin", email: "u.7@example.com" });
    expect(await runCopy(source.name, target.name)).toMatchObject({
      code: 1,
      summary: { ...summary, read: 22, created: 0, unchanged: 21, failed: 1 },
      failures: [{ id: "twin", code: "email-taken" }],
    });
    const updated = await target.users.update(
      "user-3",
      { firstname: "Ann" },
      { updated_at: UPDATED_AT },
      createContext(),
    );
    expect(updated).toMatchObject({ user_id: "user-3", version: 1, phone_number: "123" });
  });

  test("is copied to SQLite as far as the users fit; each other one is reported with the members that are missing", async () => {
    const source = await createLegacyTable();
    const complete = buildUser();
    await source.users.insert(complete, undefined, createContext());
    await source.put({ ...buildUser(), version: "first" });
    const target = openSqliteStore();
    const { code, summary, failures } = await runCopy(source.name, target.name);
    expect({ code, summary }).toEqual({
      code: 1,
      summary: { read: 23, created: 1, replaced: 0, unchanged: 0, failed: 22 },
    });
    expect(await listUsers(target.users)).toEqual([complete]);
    expect(new Set(failures.map(({ code: failure }) => failure))).toEqual(new Set(["not-storable"]));
    expect(failures.find(({ id }) => id === "user-3")).toMatchObject({
      detail: "SQLite requires created_at, updated_at.",
    });
  });

  test("a user in SQLite that DynamoDB cannot store is reported", async () => {
    const source = openSqliteStore();
    const users = [buildUser({ user_id: "email#a" }), buildUser({ address: "x".repeat(500_000) }), buildUser()];
    await insertUsers(source.users, users);
    const { code, summary, failures } = await runCopy(source.name, (await createDynamoStore()).name);
    expect({ code, summary }).toMatchObject({ code: 1, summary: { created: 1, failed: 2 } });
    expect(new Set(failures.map(({ id }) => id))).toEqual(new Set([users[0]!.user_id, users[1]!.user_id]));
  });
});

describe("an interrupted copy", () => {
  const COUNT = 30_000;

  test.each([
    ["kill -9", "SIGKILL", null],
    ["Ctrl-C", "SIGINT", 130],
    ["a stop of the container", "SIGTERM", 130],
  ] as const)("is completed by --resume after %s", { timeout: 60_000 }, async (_, signal, exitCode) => {
    const source = openSqliteStore();
    await insertUsers(source.users, buildUsers(COUNT));
    const target = createSqlitePath();
    const child = startCommand(["copy", "--from", source.name, "--to", `sqlite:${target}`], settings);
    const closed = once(child, "close");
    child.stdout!.resume();
    child.stderr!.resume();
    await waitForFile(`${target}.copy-state.json`);
    child.kill(signal);
    expect((await closed)[0]).toBe(exitCode);

    const { users } = openSqliteStore(target);
    const copied = (await listUsers(users)).length;
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(COUNT);
    const other = openSqliteStore();
    expect(await runCopy(other.name, `sqlite:${target}`, "--resume")).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/ belongs to a copy from sqlite:.* to sqlite:.*\n$/),
    });
    const resumed = await runCopy(source.name, `sqlite:${target}`, "--resume");
    expect(resumed).toMatchObject({ code: 0, summary: { read: COUNT, failed: 0 } });
    expect(await listUsers(users)).toEqual(await listUsers(source.users));

    const again = await runCopy(source.name, `sqlite:${target}`, "--resume");
    expect(again).toMatchObject({ code: 0, summary: { unchanged: COUNT } });
    expect(again.errors).toContain("There is no interrupted copy to continue: it starts with the first user.\n");
  });
});

test(
  "a copy to a table that throttles and loses responses is complete and counts each user once",
  { timeout: 60_000 },
  async () => {
    const source = openSqliteStore();
    await insertUsers(source.users, buildUsers(300));
    const table = await createDynamoStore();
    const faults = { endpoint: dynamo.endpoint, throttledCalls: 700, lostTransactions: 10 };
    const AWS_ENDPOINT_URL_DYNAMODB = await startThrottlingProxy(faults);
    const command = ["copy", "--from", source.name, "--to", table.name];
    const { code, lines } = await runCommand(command, { ...settings, AWS_ENDPOINT_URL_DYNAMODB });
    expect(code).toBe(0);
    expect(parseObjects(lines)).toEqual([
      { read: 300, created: 300, replaced: 0, unchanged: 0, failed: 0, seconds: expect.any(Number) },
    ]);
    expect(await listUsers(table.users)).toEqual(await listUsers(source.users));
  },
);

const UPDATED_AT = "2026-02-03T04:05:06.789Z";

test("a second copy and verify converge after a writer has changed the source", { timeout: 60_000 }, async () => {
  const source = openSqliteStore();
  const users = buildUsers(10_000);
  await insertUsers(source.users, users);
  const target = openSqliteStore();
  const update = ({ user_id }: User, change: object) =>
    source.users.update(user_id, change, { updated_at: UPDATED_AT }, createContext());

  const child = startCommand(["copy", "--from", source.name, "--to", target.name], settings);
  const closed = once(child, "close");
  child.stdout!.resume();
  child.stderr!.resume();
  const changed = new Set<string>();
  for (let n = 0; child.exitCode === null && changed.size < 300; n = (n + 7) % users.length) {
    changed.add((await update(users[n]!, { lastname: `Roe ${n}` })).user_id);
  }
  expect((await closed)[0]).toBe(0);
  await update(users[1]!, { email: "new@example.com" });
  await update(users[0]!, { email: users[1]!.email });
  await source.users.insert(buildUser(), undefined, createContext());
  for (const { user_id } of users.slice(0, 2)) changed.add(user_id);

  const differing = await runCommand(["verify", source.name, target.name], settings);
  expect(differing.code).toBe(1);
  const differences = parseObjects(differing.lines);
  expect(differences.filter(({ kind }) => kind === "missing-in-second")).toHaveLength(1);
  const changedIds = differences.filter(({ kind }) => kind === "different").map(({ id }) => String(id));
  expect(changedIds).toEqual(expect.arrayContaining([users[0]!.user_id, users[1]!.user_id]));
  expect(changedIds.filter((id) => !changed.has(id))).toEqual([]);

  expect(await runCopy(source.name, target.name)).toMatchObject({ code: 0, summary: { created: 1, failed: 0 } });
  expect(await runCommand(["verify", source.name, target.name], settings)).toMatchObject({ code: 0, lines: [""] });
});

describe("invalid stores", () => {
  test("rejects a copy to the same store, also by way of a link", async () => {
    const { path, name } = openSqliteStore();
    const [hardLink, symbolicLink] = [`${path}.hard`, `${path}.soft`];
    linkSync(path, hardLink);
    symlinkSync(path, symbolicLink);
    for (const other of [name, `sqlite:${hardLink}`, `sqlite:${symbolicLink}`]) {
      expect(await runCopy(name, other)).toMatchObject({ code: 2, errors: "--from and --to are the same store\n" });
    }
    const { name: table } = await createDynamoStore();
    expect(await runCopy(table, table)).toMatchObject({ code: 2, errors: "--from and --to are the same store\n" });
  });

  test("rejects a store that is unknown or does not exist", async () => {
    const { name, path } = openSqliteStore();
    expect(await runCopy("mongo:x", name)).toMatchObject({
      code: 2,
      errors: "--from must be sqlite:PATH or dynamodb:TABLE\n",
    });
    const missing = join(dirname(path), "missing.db");
    expect(await runCopy(`sqlite:${missing}`, name)).toMatchObject({
      code: 2,
      errors: `the file ${missing} does not exist\n`,
    });
    expect(await runCopy(name, "dynamodb:Missing")).toMatchObject({
      code: 2,
      errors: "The users table is unavailable: the table does not exist in this account and region.\n",
    });
    expect(await runCommand(["copy", "--from", name], settings)).toMatchObject({ code: 2, lines: [""] });
  });
});
