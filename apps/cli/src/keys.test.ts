import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiKeyList } from "@user-management/domain";
import { createContext } from "@user-management/domain/testing";
import { createDynamoApiKeyRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { nodePlatform } from "@user-management/node-platform";
import { createSqliteApiKeyRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { runCommand } from "./testing/run-command.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const KEY = /^umk_[0-9A-Za-z]{49}$/;
const CREATE = ["keys", "create", "--name", "billing", "--scopes", "users:write,users:read"];

function createPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "userctl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "data/users.db");
}

/** Authenticates with a key as a server on this file does. */
async function authenticate(path: string, key: string) {
  const database = openUsersDatabase(path);
  onTestFinished(() => database.close());
  const keys = createSqliteApiKeyRepository({ database });
  const load = () => keys.list(createContext());
  const list = createApiKeyList({ ...nodePlatform, load, maxAgeMs: 5_000, onUse: () => {}, onError: () => {} });
  return list.authenticate(key);
}

test("keys create prints only the key on standard output, and the key authenticates", async () => {
  const SQLITE_PATH = createPath();
  const { code, lines, errors } = await runCommand(CREATE, { SQLITE_PATH });
  expect({ code, lines }).toEqual({ code: 0, lines: [expect.stringMatching(KEY)] });
  expect(errors).toMatch(/The key \w{12} works at once and expires at /);
  expect(errors).not.toContain(lines[0]);
  const audit = JSON.parse(errors.trim().split("\n").at(-1)!);
  expect(audit).toMatchObject({ msg: "audit", action: "keys.create", outcome: "success" });
  expect(await authenticate(SQLITE_PATH, lines[0]!)).toEqual({
    caller: { id: audit.key_id, auth: "key", scopes: ["users:read", "users:write"] },
  });
  expect(statSync(SQLITE_PATH).mode & 0o777).toBe(0o600);
});

test("keys list, rotate and revoke show the life of a key", async () => {
  const SQLITE_PATH = createPath();
  const list = async () =>
    JSON.parse((await runCommand(["keys", "list", "--json"], { SQLITE_PATH })).lines.join("\n")) as Record<
      string,
      string
    >[];
  const first = (await runCommand([...CREATE, "--expires", "never"], { SQLITE_PATH })).lines[0]!;
  const [{ id }] = (await list()) as [Record<string, string>];
  expect(await list()).toEqual([
    { id, name: "billing", scopes: ["users:read", "users:write"], created_at: expect.any(String), state: "active" },
  ]);
  const rotated = await runCommand(["keys", "rotate", id!, "--overlap", "1h"], { SQLITE_PATH });
  expect(rotated.lines).toEqual([expect.stringMatching(KEY)]);
  expect(await authenticate(SQLITE_PATH, first)).toHaveProperty("caller");
  const revoked = await runCommand(["keys", "revoke", id!], { SQLITE_PATH });
  expect(revoked).toMatchObject({ code: 0, lines: [""] });
  expect((await list()).map(({ state }) => state)).toEqual(["revoked", "active"]);
  expect(await authenticate(SQLITE_PATH, first)).toEqual({ rejection: "invalid" });
  const table = (await runCommand(["keys", "list"], { SQLITE_PATH })).lines;
  expect(table[0]).toMatch(/^ID +NAME +SCOPES +STATE +CREATED +EXPIRES +LAST USED$/);
  expect(table).toHaveLength(3);
});

test("--store selects a DynamoDB table, whose keys have a table of their own", async () => {
  const { client, tableName, keysTableName } = await createUsersTable(dynamo);
  const settings = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    USERS_TABLE: tableName,
    USERS_KEYS_TABLE: keysTableName,
  };
  const { code, lines } = await runCommand([...CREATE, "--store", `dynamodb:${tableName}`], settings);
  expect({ code, lines }).toEqual({ code: 0, lines: [expect.stringMatching(KEY)] });
  const keys = createDynamoApiKeyRepository({ client, tableName: keysTableName });
  expect(await keys.list(createContext())).toMatchObject([{ name: "billing" }]);
});

test.for([
  ["an unknown command", ["key"], "error: unknown command 'key'"],
  ["an unknown option", ["keys", "list", "--all"], "error: unknown option '--all'"],
  ["an extra argument", ["keys", "list", "all"], "error: too many arguments"],
  ["a missing argument", ["keys", "revoke"], "error: missing required argument 'id'"],
  ["a missing option", ["keys", "create", "--name", "x"], "error: required option '--scopes <scopes>' not specified"],
  ["an unknown scope", ["keys", "create", "--name", "x", "--scopes", "users:raed"], "It must be one of users:read"],
  ["a wildcard scope", ["keys", "create", "--name", "x", "--scopes", "*"], "It must be one of users:read"],
  ["no scope", ["keys", "create", "--name", "x", "--scopes", ""], "It must have at least one scope."],
  ["an empty name", ["keys", "create", "--name", " ", "--scopes", "users:read"], "It must not be empty."],
  ["a zero duration", [...CREATE, "--expires", "0d"], "It must be a duration"],
  ["a fraction", [...CREATE, "--expires", "1.5d"], "It must be a duration"],
  ["a duration of centuries", [...CREATE, "--expires", "99999999d"], "It must be a duration"],
  ["an invalid date", [...CREATE, "--expires", "2027-02-30"], "It must be an existing date"],
  ["a past date", [...CREATE, "--expires", "2020-01-01"], "It must be in the future."],
  ["an invalid overlap", ["keys", "rotate", "x", "--overlap", "1w"], "It must be a duration"],
  ["an invalid store", [...CREATE, "--store", "mongo:x"], "--store must be sqlite:PATH or dynamodb:TABLE"],
  ["a sqlite store for a table", ["table", "create", "--store", "sqlite:x"], "--store must be dynamodb:TABLE"],
] as const)("%s is an error of one line with exit code 2", async ([, args, message]) => {
  const SQLITE_PATH = createPath();
  const { code, lines, errors } = await runCommand([...args], { SQLITE_PATH });
  expect({ code, lines }).toEqual({ code: 2, lines: [""] });
  expect(errors).toContain(message);
  expect(errors.trim().split("\n")).toHaveLength(1);
  expect(existsSync(SQLITE_PATH)).toBe(false);
});

test("an unknown id, a missing file and a misspelled setting are errors", async () => {
  const SQLITE_PATH = createPath();
  const missing = await runCommand(["keys", "list"], { SQLITE_PATH });
  expect(missing).toMatchObject({ code: 2, errors: `the file ${SQLITE_PATH} does not exist\n` });
  await runCommand(CREATE, { SQLITE_PATH });
  const unknown = await runCommand(["keys", "revoke", "unknown"], { SQLITE_PATH });
  expect(unknown).toMatchObject({ code: 2, errors: expect.stringContaining("No API key has this id.") });
  const typo = await runCommand(["keys", "list"], { SQLITE_PATH, USERS_TABEL: "x" });
  expect(typo).toMatchObject({ code: 2, errors: "USERS_TABEL is not a setting\n" });
  expect((await runCommand(["keys", "list"], { SQLITE_PATH, USERS_AUTH: "required" })).code).toBe(0);
});

test("every command has a help text with an example", async () => {
  const commands = ["", "keys create", "keys list", "keys rotate", "keys revoke", "table create", "emails claim"];
  for (const command of [...commands, "dynamodb local", "export", "import"]) {
    const { code, lines } = await runCommand([...command.split(" ").filter(Boolean), "--help"], {});
    expect(code, command).toBe(0);
    expect(lines.join("\n"), command).toContain("Example:");
  }
});
