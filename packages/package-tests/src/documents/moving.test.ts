import { createHash } from "node:crypto";
import { createContext } from "@user-management/domain/testing";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { callDynamo } from "./call-dynamo.ts";
import { extractCommands, extractSections, readDocument } from "./read-document.ts";
import { createShell, type Shell } from "./shell.ts";

// Each command starts a process.
vi.setConfig({ testTimeout: 60_000 });

const DOCUMENT = "docs/moving.md";
const SECTIONS = extractSections(DOCUMENT);
const [AUTH0] = SECTIONS["Auth0"] as [string];
const AUTH0_SAMPLE = "docs/moving/samples/auth0-users.ndjson";

/** The users of every sample file. The third one has no date of birth. */
const JOHN = {
  lastname: "Doe",
  firstname: "John",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "+12025550101",
};
const JANE = {
  lastname: "Roe",
  firstname: "Jane",
  dob: "1985-12-31",
  address: "456 Another St, New City",
  gender: "Female",
  email: "jane.roe@example.com",
  phone_number: "+12025550102",
  status: "suspended",
};
const ZOE = {
  lastname: `O'Döe-"Jr"`,
  firstname: "Zoë 😀",
  dob: "2000-02-29",
  address: "1 Rue de l’Été; Ville",
  gender: "Non-binary",
  email: "zoe+o'doe@example.com",
  phone_number: "+447700900123",
};
const MISSING_DOB = { row: 3, code: "required", pointer: "#/dob", detail: "is required" };

function countRows(counts: Record<string, number>) {
  const none = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };
  return { read: 4, ...none, ...counts, seconds: expect.any(Number) };
}

/** Returns the fields of the users in SQLite, in the order of the sample files. */
async function listUsers({ databasePath }: Shell) {
  const database = openUsersDatabase(databasePath);
  try {
    const { users } = await createSqliteUserRepository({ database }).list({ limit: 10 }, createContext());
    const fields = users.map((user) => ({ ...user, user_id: undefined, version: undefined, updated_at: undefined }));
    return fields.toSorted((left, right) => (String(left.external_id) < String(right.external_id) ? -1 : 1));
  } finally {
    database.close();
  }
}

test("the tests below run every command of the document", () => {
  expect(Object.entries(SECTIONS).map(([heading, blocks]) => [heading, blocks.length])).toEqual([
    ["From a spreadsheet", 4],
    ["Auth0", 1],
    ["Amazon Cognito", 1],
    ["Firebase Authentication", 1],
    ["Keycloak", 1],
    ["Reported rows", 1],
    ["From SQLite to DynamoDB", 1],
    ["From DynamoDB to SQLite", 2],
    ["Out of this service", 1],
  ]);
  expect(extractCommands(DOCUMENT)).toEqual(Object.values(SECTIONS).flat());
});

test("a spreadsheet is validated, imported, fixed and imported again, and makes a round trip", async () => {
  const [validate, importRows, exportSheet, importSheet] = SECTIONS["From a spreadsheet"] as [
    string,
    string,
    string,
    string,
  ];
  const shell = createShell();
  expect(shell.run(validate)).toMatchObject({ code: 1, objects: [countRows({ created: 3, failed: 1 })] });
  const [documented] = [...readDocument(DOCUMENT).matchAll(/^```json\n(.*?)^```/gms)].map(([, json]) => json!);
  expect({ ...MISSING_DOB, id: "…" }).toEqual(JSON.parse(documented!));
  expect(shell.readObjects("errors.ndjson")).toEqual([{ ...MISSING_DOB, id: expect.any(String) }]);
  expect(await listUsers(shell)).toEqual([]);

  expect(shell.run(importRows)).toMatchObject({ code: 1, objects: [countRows({ created: 3, failed: 1 })] });
  shell.replace("users.csv", "Doe,Jack,,", "Doe,Jack,1995-05-05,");
  expect(shell.run(importRows)).toMatchObject({ code: 0, objects: [countRows({ created: 1, unchanged: 3 })] });
  expect(shell.read("errors.ndjson")).toBe("");
  expect(shell.run(importRows)).toMatchObject({ code: 0, objects: [countRows({ unchanged: 4 })] });
  const created_at = expect.any(String) as string;
  const jack = { ...JOHN, firstname: "Jack", dob: "1995-05-05", address: "789 Third St, City" };
  const users = [
    { ...JOHN, external_id: "crm-1", metadata: { plan: "basic" }, created_at },
    { ...JANE, external_id: "crm-2", metadata: { plan: "pro" }, created_at },
    { ...jack, email: "jack.doe@example.com", phone_number: "+12025550103", external_id: "crm-3", created_at },
    { ...ZOE, external_id: "crm-4", created_at },
  ];
  expect(await listUsers(shell)).toEqual(users);

  expect(shell.run(exportSheet)).toMatchObject({ code: 0 });
  expect(shell.read("users.csv")).toContain("'+447700900123");
  expect(shell.run(importSheet)).toMatchObject({ code: 0, objects: [countRows({ unchanged: 4 })] });
  shell.replace("users.csv", "john.doe@example.com", "john@example.com");
  expect(shell.run(importSheet)).toMatchObject({ code: 0, objects: [countRows({ updated: 1, unchanged: 3 })] });
  expect(await listUsers(shell)).toEqual([{ ...users[0], email: "john@example.com" }, ...users.slice(1)]);
});

const SAMPLES = [
  {
    provider: "Auth0",
    ids: ["auth0|000000000000000000000001", "auth0|000000000000000000000002", "sms|000000000000000000000004"],
    metadata: [undefined, { plan: "pro", seats: "3", teams: '["red","blue"]' }, undefined],
  },
  {
    provider: "Amazon Cognito",
    ids: [1, 2, 4].map((number) => `00000000-0000-4000-8000-00000000000${number}`),
    metadata: [undefined, { "custom.plan": "pro", email_verified: "true" }, { locale: "fr-FR" }],
  },
  {
    provider: "Firebase Authentication",
    ids: [1, 2, 4].map((number) => `firebase000000000000000000${number}`),
    metadata: [undefined, { admin: "true", plan: "pro" }, undefined],
  },
  {
    provider: "Keycloak",
    ids: [1, 2, 4].map((number) => `00000000-0000-4000-8000-00000000000${number}`),
    metadata: [undefined, { plan: "pro", teams: '["red","blue"]' }, undefined],
  },
] as const;

test.for(SAMPLES)(
  "an export of $provider is imported once, and its user without a required field is reported",
  async ({ provider, ids, metadata }) => {
    const [commands] = SECTIONS[provider] as [string];
    const shell = createShell();
    expect(shell.run(commands)).toMatchObject({ code: 1, objects: [countRows({ created: 3, failed: 1 })] });
    expect(shell.readObjects("errors.ndjson")).toEqual([{ ...MISSING_DOB, id: expect.any(String) }]);
    const users = [JOHN, JANE, ZOE].map((fields, index) => ({
      ...fields,
      external_id: ids[index],
      metadata: metadata[index],
      created_at: "2024-02-03T04:05:06.789Z",
    }));
    expect(await listUsers(shell)).toEqual(users);

    expect(shell.run(commands)).toMatchObject({ code: 1, objects: [countRows({ unchanged: 3, failed: 1 })] });
    const [reported] = SECTIONS["Reported rows"] as [string];
    expect(shell.run(reported).objects).toEqual([expect.objectContaining({ email: "jack.doe@example.com" })]);
    shell.replace("rows.ndjson", '"firstname":"Jack"', '"firstname":"Jack","dob":"1995-05-05"');
    const [, importRows] = commands.split("&&");
    expect(shell.run(importRows!)).toMatchObject({ code: 0, objects: [countRows({ created: 1, unchanged: 3 })] });
    expect(await listUsers(shell)).toHaveLength(4);
  },
);

test("a later export finds the same users, and --on-conflict update imports their changes", async () => {
  const shell = createShell();
  shell.run(AUTH0);
  shell.replace(AUTH0_SAMPLE, JOHN.address, "1 New St, City");
  expect(shell.run(AUTH0)).toMatchObject({ code: 1, objects: [countRows({ unchanged: 2, failed: 2 })] });
  expect(shell.readObjects("errors.ndjson")).toContainEqual(expect.objectContaining({ row: 1 }));
  const update = `${AUTH0.trimEnd()} --on-conflict update`;
  expect(shell.run(update)).toMatchObject({ code: 1, objects: [countRows({ updated: 1, unchanged: 2, failed: 1 })] });
  expect(await listUsers(shell)).toMatchObject([{ address: "1 New St, City" }, {}, {}]);
});

test("an import that matches emails sets the external id of users who have none", async () => {
  const shell = createShell();
  shell.replace("docs/moving/samples/users.csv", "crm-1", "");
  shell.run("npx pnpm -s userctl import docs/moving/samples/users.csv --errors errors.ndjson");
  const update = `${AUTH0.trimEnd().replace("external_id", "email")} --on-conflict update`;
  expect(shell.run(update)).toMatchObject({ code: 1, objects: [countRows({ updated: 3, failed: 1 })] });
  expect((await listUsers(shell)).map(({ external_id }) => external_id)).toEqual(SAMPLES[0].ids);
});

test("invalid values and lines of an export are reported with the row of their user", () => {
  const shell = createShell();
  shell.replace(AUTH0_SAMPLE, '"plan":"pro"', `"plan":"${"x".repeat(201)}","the team":"red"`);
  shell.replace(AUTH0_SAMPLE, '"gender":"female"', '"gender":"f"');
  shell.replace(AUTH0_SAMPLE, '{"user_id":"sms|000000000000000000000004"', "{");
  expect(shell.run(AUTH0)).toMatchObject({ code: 1, objects: [countRows({ created: 1, failed: 3 })] });
  const issues = shell.readObjects("errors.ndjson").map(({ row, pointer, code }) => [row, pointer, code].join(" "));
  expect(issues.toSorted()).toEqual([
    "2 #/gender invalid-gender",
    "2 #/metadata/plan too-long",
    "2 #/metadata/the%20team invalid-name",
    "3 #/dob required",
    "4 # not-an-object",
  ]);
});

test.for([
  ["Amazon Cognito", "cognito-users.json"],
  ["Firebase Authentication", "firebase-users.json"],
  ["Keycloak", "keycloak-users.json"],
] as const)("a truncated file of %s is an error, and nothing is imported", async ([provider, file]) => {
  const shell = createShell();
  shell.run(`truncate -s 900 docs/moving/samples/${file}`);
  const errors = `The file docs/moving/samples/${file} is not JSON with a list of users.\n`;
  expect(shell.run(SECTIONS[provider]![0]!)).toMatchObject({ code: 1, objects: [], errors });
  expect(await listUsers(shell)).toEqual([]);
});

test("a profile of an application that belongs to no Firebase user is reported", () => {
  const shell = createShell();
  const [convert] = SECTIONS["Firebase Authentication"]![0]!.split("&&");
  shell.replace("docs/moving/samples/firebase-users.json", "firebase0000000000000000004", "other");
  const errors = 'The profile "firebase0000000000000000004" belongs to no user.\n';
  expect(shell.run(convert!)).toMatchObject({ code: 0, errors });
  expect(shell.readObjects("rows.ndjson")).toHaveLength(4);
});

function countUsers(counts: Record<string, number>) {
  return { read: 3, created: 0, replaced: 0, unchanged: 0, failed: 0, ...counts, seconds: expect.any(Number) };
}

describe("DynamoDB", () => {
  let dynamo: Dynamo;
  beforeAll(async () => void (dynamo = await startDynamo()), 120_000);
  afterAll(() => dynamo.stop());

  /** Creates a shell with three users in SQLite, which runs commands with the name of a table of this test. */
  async function createStores() {
    const { tableName } = await createUsersTable(dynamo);
    const shell = createShell({
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_REGION: "local",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      USERS_TABLE: tableName,
    });
    shell.run(AUTH0);
    const run = (commands: string) => shell.run(commands.replaceAll("UsersTable", tableName));
    /** Changes a user in SQLite as the import of a later export does. */
    const changeUser = () => {
      shell.replace(AUTH0_SAMPLE, "123 Main St, City, Country", "1 New St, City");
      shell.run(`${AUTH0.trimEnd()} --on-conflict update`);
    };
    return { shell, tableName, run, changeUser };
  }

  const [toSqlite, importLegacyUsers] = SECTIONS["From DynamoDB to SQLite"] as [string, string];
  const [toDynamo] = SECTIONS["From SQLite to DynamoDB"] as [string];
  const NO_DIFFERENCES = "3 and 3 users compared: 0 differences";

  test("a copy from SQLite, another one of the changes, and a copy back are equal", async () => {
    const { shell, run, changeUser } = await createStores();
    const first = run(toDynamo);
    expect(first).toMatchObject({ code: 0, errors: expect.stringContaining(NO_DIFFERENCES) });
    expect(first.objects).toEqual([countUsers({ created: 3 })]);
    changeUser();
    const second = run(toDynamo);
    expect(second).toMatchObject({ code: 0, errors: expect.stringContaining(NO_DIFFERENCES) });
    expect(second.objects).toEqual([countUsers({ replaced: 1, unchanged: 2 })]);

    const before = await listUsers(shell);
    shell.run("rm data/users.db*");
    const back = run(toSqlite);
    expect(back).toMatchObject({ code: 0, errors: expect.stringContaining(NO_DIFFERENCES) });
    expect(back.objects).toEqual([countUsers({ created: 3 })]);
    expect(await listUsers(shell)).toEqual(before);
  });

  test("legacy users of a table are imported into SQLite, and the invalid ones are reported", async () => {
    const { shell, run, tableName } = await createStores();
    const { dob: _, ...withoutDob } = ZOE;
    const legacyUsers = { valid: { ...ZOE, email: "valid@example.com" }, invalid: withoutDob };
    for (const [user_id, fields] of Object.entries(legacyUsers)) {
      const texts = Object.entries({ user_id, ...fields }).map(([name, text]) => [name, { S: text }]);
      const Item = Object.fromEntries(texts) as object;
      await callDynamo("PutItem", { TableName: tableName, Item }, dynamo.endpoint);
    }
    shell.run("rm data/users.db*");
    const copied = run(toSqlite);
    expect(copied).toMatchObject({ code: 1, objects: [countUsers({ read: 2, failed: 2 })] });
    expect(copied.errors).toContain("not-storable");

    const counts = countRows({ read: 2, created: 1, failed: 1 });
    expect(run(importLegacyUsers)).toMatchObject({ code: 1, objects: [counts] });
    expect(await listUsers(shell)).toMatchObject([legacyUsers.valid]);
    const issue = { id: "invalid", code: "required", pointer: "#/dob" };
    expect(shell.readObjects("errors.ndjson")).toMatchObject([issue]);
  });

  test("a bulk load and a copy of the later changes are equal", async () => {
    const { run, tableName, changeUser } = await createStores();
    await callDynamo("DeleteTable", { TableName: tableName }, dynamo.endpoint);
    const [bulkLoad] = extractCommands("docs/operations.md").filter((commands) => commands.includes("import-table"));
    expect(run(bulkLoad!)).toMatchObject({ code: 0 });
    changeUser();
    const copy = run(toDynamo);
    expect(copy).toMatchObject({ code: 0, errors: expect.stringContaining(NO_DIFFERENCES) });
    expect(copy.objects).toEqual([countUsers({ replaced: 1, unchanged: 2 })]);
  });
});

test("an export has a manifest with its SHA-256 and the number of its rows", () => {
  const shell = createShell();
  shell.run(AUTH0);
  const { code, output } = shell.run(SECTIONS["Out of this service"]![0]!);
  expect(code).toBe(0);
  const manifest = JSON.parse(shell.read("users.ndjson.manifest.json")) as Record<string, unknown>;
  const sha256 = createHash("sha256").update(shell.read("users.ndjson")).digest("hex");
  expect(manifest).toMatchObject({ rows: 3, sha256, format: "ndjson" });
  expect(output).toContain(sha256);
  expect(shell.readObjects("users.ndjson")).toHaveLength(3);
});
