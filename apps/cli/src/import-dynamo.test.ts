import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand, type AttributeValue } from "@aws-sdk/client-dynamodb";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { runCommand, startCommand } from "./testing/run-command.ts";
import { waitForFile } from "./testing/stores.ts";
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

function createPath(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "userctl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** Creates a table with users who have every field, and one who has only the required ones. */
async function createTableOfUsers() {
  const { client, tableName } = await createUsersTable(dynamo);
  const users = createDynamoUserRepository({ client, tableName });
  const all = Array.from({ length: 30 }, (_, index) =>
    buildUser({ external_id: `id ${index} 😀`, metadata: { tier: "", note: "=1\n" }, version: index + 1 }),
  );
  for (const user of [buildUser(), ...all]) await users.insert(user, undefined, createContext());
  return { users, tableName };
}

async function listUsers(tableName: string, limit = 100) {
  const { client } = await createUsersTable(dynamo);
  const { users } = await createDynamoUserRepository({ client, tableName }).list({ limit }, createContext());
  return users.toSorted((left, right) => (left.user_id < right.user_id ? -1 : 1));
}

test.for(["ndjson", "csv"])("export and import of %s change nothing", async (format) => {
  const { tableName } = await createTableOfUsers();
  const { tableName: copy } = await createUsersTable(dynamo);
  const file = createPath(`users.${format}`);
  const exported = await runCommand(["export", "--output", file, "--store", `dynamodb:${tableName}`], settings);
  expect(exported.code).toBe(0);
  const args = ["import", file, "--store", `dynamodb:${copy}`, "--max-write-units", "2000"];
  const { code, lines, errors } = await runCommand(args, settings);
  expect(code).toBe(0);
  expect(JSON.parse(lines[0]!)).toMatchObject({ read: 31, created: 31 });
  expect(errors).toBe("About 31 rows, 124 write units or more, 1 s or more.\n");
  expect(await listUsers(copy)).toEqual(await listUsers(tableName));
});

test("the items of dynamodb-json are those that the repository writes", async () => {
  const { tableName, users } = await createTableOfUsers();
  const { client, tableName: copy } = await createUsersTable(dynamo);
  const file = createPath("items.json");
  const args = ["export", "--format", "dynamodb-json", "--output", file, "--store", `dynamodb:${tableName}`];
  expect((await runCommand(args, settings)).code).toBe(0);
  const sdk = new DynamoDBClient(dynamo.config);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines).toHaveLength(31 * 2 + 30);
  for (const line of lines) {
    const { Item } = JSON.parse(line) as { Item: Record<string, AttributeValue> };
    await sdk.send(new PutItemCommand({ TableName: copy, Item }));
  }
  expect(await listUsers(copy)).toEqual(await listUsers(tableName));
  const copied = createDynamoUserRepository({ client, tableName: copy });
  const found = await copied.findBy("external_id", "id 7 😀", createContext());
  expect(found).toEqual(await users.findBy("external_id", "id 7 😀", createContext()));
  expect(await copied.findBy("email", found!.email!, createContext())).toEqual(found);
});

test("an id that the table reserves is reported", async () => {
  const { client, tableName } = await createUsersTable(dynamo);
  const users = createDynamoUserRepository({ client, tableName });
  for (const user_id of ["email#a", "external#a", "once#a"]) {
    await expect(users.insert(buildUser({ user_id }), undefined, createContext())).rejects.toMatchObject({
      code: "id-taken",
      existingUser: undefined,
    });
  }
  expect(await listUsers(tableName)).toEqual([]);
});

test("a table that does not exist is an error of one line", async () => {
  const file = createPath("errors.ndjson");
  const { code, errors } = await runCommand(["export", "--output", file, "--store", "dynamodb:Missing"], settings);
  expect({ code, errors }).toEqual({
    code: 2,
    errors: "The users table is unavailable: the table does not exist in this account and region.\n",
  });
});

test(
  "an import into a table that throttles, resets and loses responses is complete after kill -9, without a second user",
  { timeout: 120_000 },
  async () => {
    const COUNT = 1_000;
    const { tableName } = await createUsersTable(dynamo);
    const file = createPath("users.ndjson");
    const rows = Array.from({ length: COUNT }, (_, index) => ({
      ...EXAMPLE_FIELDS,
      email: `row.${index}@example.com`,
      external_id: `row-${index}`,
    }));
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const faults = { endpoint: dynamo.endpoint, throttledCalls: 100, lostTransactions: 20, resets: 50 };
    const faulty = { ...settings, AWS_ENDPOINT_URL_DYNAMODB: await startThrottlingProxy(faults) };
    const args = ["import", file, "--resume", "--store", `dynamodb:${tableName}`];
    for (let round = 0; round < 3; round += 1) {
      const child = startCommand(args, faulty);
      const closed = once(child, "close");
      child.stdout!.resume();
      child.stderr!.resume();
      await waitForFile(`${file}.import-state.json`);
      await expect
        .poll(async () => (await listUsers(tableName, COUNT)).length, { timeout: 30_000 })
        .toBeGreaterThan(round * 200);
      child.kill("SIGKILL");
      await closed;
    }
    const { code, lines } = await runCommand(args, faulty);
    expect({ code, summary: JSON.parse(lines[0]!) as object }).toMatchObject({ code: 0, summary: { failed: 0 } });
    const users = await listUsers(tableName, 2 * COUNT);
    expect(users).toHaveLength(COUNT);
    expect(new Set(users.map(({ external_id }) => external_id)).size).toBe(COUNT);
  },
);
