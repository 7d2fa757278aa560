import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { once } from "node:events";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { createContext } from "@user-management/domain/testing";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, startCommand } from "./testing/run-command.ts";

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

describe("table create", () => {
  test("creates the table, prints its settings, and is idempotent", async () => {
    const USERS_TABLE = `Created-${randomUUID()}`;
    const first = await runCommand(["table", "create"], { ...settings, USERS_TABLE });
    expect(first).toEqual({
      code: 0,
      errors: "",
      lines: [
        `created ${USERS_TABLE} with on-demand capacity`,
        "deletion protection is enabled",
        "enabled time to live on expires_at",
        expect.stringMatching(/^enabled point-in-time recovery$|^point-in-time recovery is not supported/),
        `created ${USERS_TABLE}Keys with on-demand capacity`,
        "deletion protection is enabled",
        expect.stringMatching(/^enabled point-in-time recovery$|^point-in-time recovery is not supported/),
      ],
    });
    const second = await runCommand(["table", "create"], { ...settings, USERS_TABLE });
    expect(second.code).toBe(0);
    expect(second.lines.slice(0, 3)).toEqual([
      `${USERS_TABLE} exists`,
      "deletion protection is enabled",
      "time to live is enabled on expires_at",
    ]);
    const client = new DynamoDBClient(dynamo.config);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: USERS_TABLE }));
    expect(Table).toMatchObject({
      KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    });
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: USERS_TABLE }));
    expect(ttl.TimeToLiveDescription).toMatchObject({ AttributeName: "expires_at" });
  });

  test("with --dry-run prints what would be changed, and changes nothing", async () => {
    const client = new DynamoDBClient(dynamo.config);
    const recovery = expect.stringMatching(
      /^would enable point-in-time recovery$|^point-in-time recovery is not supported/,
    );
    const Absent = `Absent-${randomUUID()}`;
    const dryRun = ["table", "create", "--dry-run"];
    expect(await runCommand(dryRun, { ...settings, USERS_TABLE: Absent })).toEqual({
      code: 0,
      errors: "",
      lines: [
        `would create ${Absent} with on-demand capacity`,
        "would enable deletion protection",
        "would enable time to live on expires_at",
        recovery,
        `would create ${Absent}Keys with on-demand capacity`,
        "would enable deletion protection",
        recovery,
      ],
    });
    await expect(client.send(new DescribeTableCommand({ TableName: Absent }))).rejects.toThrow(
      /non-existent|not found/i,
    );

    const { tableName: USERS_TABLE } = await createUsersTable(dynamo);
    const { lines } = await runCommand(dryRun, { ...settings, USERS_TABLE });
    expect(lines.slice(0, 3)).toEqual([
      `${USERS_TABLE} exists`,
      "would enable deletion protection",
      "would enable time to live on expires_at",
    ]);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: USERS_TABLE }));
    expect(Table?.DeletionProtectionEnabled).not.toBe(true);
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: USERS_TABLE }));
    expect(ttl.TimeToLiveDescription?.TimeToLiveStatus).not.toBe("ENABLED");
  });

  test("configures a table that was created by hand", async () => {
    const { tableName: USERS_TABLE } = await createUsersTable(dynamo);
    const { code, lines } = await runCommand(["table", "create"], { ...settings, USERS_TABLE });
    expect(code).toBe(0);
    expect(lines.slice(0, 2)).toEqual([`${USERS_TABLE} exists`, "enabled deletion protection"]);
    const client = new DynamoDBClient(dynamo.config);
    await client.send(new UpdateTableCommand({ TableName: USERS_TABLE, DeletionProtectionEnabled: false }));
  });

  test("reports the key of an unsuitable table, and leaves the table unchanged", async () => {
    const USERS_TABLE = `Other-${randomUUID()}`;
    const client = new DynamoDBClient(dynamo.config);
    const other = {
      TableName: USERS_TABLE,
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "at", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "at", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    } as const;
    await client.send(
      new CreateTableCommand({
        ...other,
        KeySchema: [...other.KeySchema],
        AttributeDefinitions: [...other.AttributeDefinitions],
      }),
    );
    const { code, errors } = await runCommand(["table", "create"], { ...settings, USERS_TABLE });
    expect(code).toBe(2);
    expect(errors).toBe(
      `The key of ${USERS_TABLE} is id (HASH, S) with at (RANGE, N); it must be user_id (HASH, S). Nothing was changed.\n`,
    );
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: USERS_TABLE }));
    expect(ttl.TimeToLiveDescription?.TimeToLiveStatus).not.toBe("ENABLED");
  });

  test("reports a failure in one line", async () => {
    expect(await runCommand(["table", "create"], {})).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/^[^\n]*[Rr]egion[^\n]*\n$/),
    });
    const unreachable = { ...settings, AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9" };
    expect(await runCommand(["table", "create"], unreachable)).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/^[^\n]*ECONNREFUSED[^\n]*\n$/),
    });
    expect(await runCommand(["table", "create", "--unknown"], settings)).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/^error: unknown option '--unknown'\n$/),
    });
  });
});

describe("emails claim", () => {
  test("claims the emails that are not claimed, reports duplicates, and is idempotent", async () => {
    const { client, tableName: USERS_TABLE } = await createUsersTable(dynamo);
    const put = (Item: Record<string, unknown>) => client.send(new PutCommand({ TableName: USERS_TABLE, Item }));
    for (let n = 0; n < 30; n += 1)
      await put({ user_id: `user-${n}`, email: `User.${n}@example.com`, address: "x".repeat(100) });
    await put({ user_id: "twin", email: "user.7@EXAMPLE.com" });
    await put({ user_id: "nameless", lastname: "Doe" });
    const first = await runCommand(["emails", "claim"], { ...settings, USERS_TABLE });
    expect(first.code).toBe(1);
    expect(first.lines).toEqual([
      "32 users: 30 emails claimed, 1 duplicates, 1 without email",
      expect.stringMatching(
        /^duplicate: the email of user (twin is claimed by user user-7|user-7 is claimed by user twin); both are unchanged$/,
      ),
      "done",
    ]);
    const users = createDynamoUserRepository({ client, tableName: USERS_TABLE });
    for (let n = 0; n < 30; n += 1) {
      if (n === 7) continue;
      const user = await users.findBy("email", `user.${n}@example.com`, createContext());
      expect(user).toMatchObject({ user_id: `user-${n}`, version: 0 });
    }
    const second = await runCommand(["emails", "claim"], { ...settings, USERS_TABLE });
    expect(second.lines[0]).toBe("32 users: 0 emails claimed, 1 duplicates, 1 without email");
  });

  test("can be interrupted after any page and repeated", async () => {
    const { client, tableName: USERS_TABLE } = await createUsersTable(dynamo);
    const address = "x".repeat(300_000);
    for (let n = 0; n < 12; n += 1) {
      await client.send(
        new PutCommand({ TableName: USERS_TABLE, Item: { user_id: `user-${n}`, email: `u${n}@example.com`, address } }),
      );
    }
    const child = startCommand(["emails", "claim"], { ...settings, USERS_TABLE });
    const lines: string[] = [];
    const output = createInterface(child.stdout!).on("line", (line) => lines.push(line));
    output.once("line", () => child.kill("SIGINT"));
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    expect(lines.at(-1)).toBe("interrupted; run the command again to continue");
    const again = await runCommand(["emails", "claim"], { ...settings, USERS_TABLE });
    expect(again.lines.at(-2)).toMatch(/^12 users: /);
    const users = createDynamoUserRepository({ client, tableName: USERS_TABLE });
    for (let n = 0; n < 12; n += 1) {
      expect(await users.findBy("email", `u${n}@example.com`, createContext())).toBeDefined();
    }
  });

  test("reports a missing table in one line", async () => {
    const { code, errors } = await runCommand(["emails", "claim"], { ...settings, USERS_TABLE: "Missing" });
    expect({ code, errors }).toEqual({
      code: 2,
      errors: "The users table is unavailable: the table does not exist in this account and region.\n",
    });
  });
});

describe("dynamodb local", () => {
  test("stops the engine and fails if the table cannot be created", { timeout: 60_000 }, async () => {
    // The default name of the keys table exceeds the limit of 255 characters.
    const { code, lines, errors } = await runCommand(["dynamodb", "local"], { USERS_TABLE: "a".repeat(255) });
    expect(code).toBe(2);
    expect(lines.join()).not.toContain("DynamoDB is running");
    expect(errors).toMatch(/^ValidationException: [^\n]+\n$/);
  });

  test("starts an engine with the table, and prints settings that work", { timeout: 60_000 }, async () => {
    const child = startCommand(["dynamodb", "local"], { USERS_TABLE: "Local" });
    let output = "";
    for await (const chunk of child.stdout!) if ((output += String(chunk)).includes("Ctrl-C")) break;
    const printed = Object.fromEntries([...output.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
    expect(printed).toMatchObject({ USERS_STORE: "dynamodb", USERS_TABLE: "Local" });
    const client = createDynamoClient({
      endpoint: printed["AWS_ENDPOINT_URL_DYNAMODB"]!,
      region: printed["AWS_REGION"]!,
      credentials: { accessKeyId: printed["AWS_ACCESS_KEY_ID"]!, secretAccessKey: printed["AWS_SECRET_ACCESS_KEY"]! },
    });
    const users = createDynamoUserRepository({ client, tableName: printed["USERS_TABLE"]! });
    expect(await users.list({ limit: 1 }, createContext())).toEqual({ users: [], next: undefined });
    child.kill("SIGTERM");
    expect((await once(child, "close"))[0]).toBe(0);
    await expect(users.list({ limit: 1 }, createContext())).rejects.toMatchObject({ code: "unavailable" });
  });
});
