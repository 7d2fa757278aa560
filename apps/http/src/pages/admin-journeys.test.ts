import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  getDefaultKeysTableName,
  KEYS_TABLE_DEFINITION,
  USERS_TABLE_DEFINITION,
} from "@user-management/dynamo-adapter";
import { startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createUser, createUsers, findUser, getUser, openAdmin, waitForMessage } from "../testing/admin-page.ts";
import { startBrowser } from "../testing/browser.ts";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";

// A browser and an engine are slow on a shared machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let browser: Browser;
let dynamo: Dynamo;

beforeAll(async () => {
  [browser, dynamo] = await Promise.all([startBrowser(), startDynamo()]);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await browser?.close();
  await dynamo?.stop();
});

const TABLE_NAME = "UsersOfTheAdminPage";

async function createDynamoSettings(): Promise<Record<string, string>> {
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint);
  vi.stubEnv("AWS_REGION", "local");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  const client = new DynamoDBClient(dynamo.config);
  await client.send(new CreateTableCommand({ TableName: TABLE_NAME, ...USERS_TABLE_DEFINITION }));
  const keysTable = { TableName: getDefaultKeysTableName(TABLE_NAME), ...KEYS_TABLE_DEFINITION };
  await client.send(new CreateTableCommand(keysTable));
  client.destroy();
  return { USERS_STORE: "dynamodb", USERS_TABLE: TABLE_NAME };
}

const row = (page: Page, text: string) => page.getByRole("table", { name: "Users" }).getByRole("row", { name: text });

describe.for([
  { store: "SQLite", createSettings: () => Promise.resolve({}) },
  { store: "DynamoDB", createSettings: createDynamoSettings },
])("on $store", ({ createSettings }) => {
  let application: TestApplication;
  let url: string;

  beforeAll(async () => {
    application = await startTestApplication(await createSettings());
    ({ url } = application);
  });
  afterAll(() => application?.stop());

  const open = (options?: Parameters<typeof openAdmin>[2]) => openAdmin(browser, url, options);

  test("an empty store is explained", async () => {
    const { page, requests } = await open();
    await page.getByText("There are no users yet.").waitFor();
    expect(requests).toEqual(["GET /users?limit=50&view=full"]);
    expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
  });

  test("creates a user, also if Save is clicked twice, and shows it in the list", async () => {
    const { page, requests } = await open();
    await page.getByRole("button", { name: "New user" }).click();
    await expect
      .poll(() => page.getByLabel("Last name").evaluate((input) => input === document.activeElement))
      .toBe(true);
    await page.getByLabel("Last name").fill("Doe");
    await page.getByLabel("First name").fill("Jane");
    await page.getByLabel("Date of birth").fill("1990-02-28");
    await page.getByLabel("Address").fill("123 Main St");
    await page.getByLabel("Gender").selectOption("Female");
    await page.getByLabel("Email").fill("jane@example.com");
    await page.getByLabel("Phone number").fill("+1 202 555 0100");
    await page.getByLabel("External id").fill("crm-1");
    await page.getByRole("button", { name: "Add metadata" }).click();
    await page.getByLabel("Metadata name 1").fill("plan");
    await page.getByLabel("Metadata value 1").fill("basic");
    await page.getByRole("button", { name: "Save" }).dblclick();
    await waitForMessage(page, "User created.");
    await row(page, "Jane Doe jane@example.com +1 202 555 0100 Active").waitFor();
    expect(requests.filter((request) => request.startsWith("POST"))).toEqual(["POST /users"]);
    const id = decodeURIComponent(new URL(page.url()).hash.slice("#user/".length));
    expect(await getUser(url, id)).toEqual({
      user_id: id,
      lastname: "Doe",
      firstname: "Jane",
      dob: "1990-02-28",
      address: "123 Main St",
      gender: "Female",
      email: "jane@example.com",
      phone_number: "+1 202 555 0100",
      external_id: "crm-1",
      metadata: { plan: "basic" },
    });
  });

  test("shows the rule at every invalid field and focuses the first one", async () => {
    const { page } = await open({ failures: [400] });
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByLabel("Last name").fill("Doe");
    await page.getByLabel("Email").fill("nobody");
    await page.getByRole("button", { name: "Save" }).click();
    await waitForMessage(page, "5 fields are not valid: Date of birth, Address, Gender, Email, Phone number.");
    const describeField = (label: string) =>
      page
        .getByLabel(label)
        .evaluate((input) =>
          (input.getAttribute("aria-describedby") ?? "")
            .split(" ")
            .map((id) => document.getElementById(id)?.textContent),
        );
    expect(await describeField("Email")).toEqual(["Must be an email address."]);
    expect(await describeField("Date of birth")).toEqual(["Is required.", "YYYY-MM-DD"]);
    expect(await page.getByLabel("Date of birth").evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await page.getByLabel("Email").inputValue()).toBe("nobody");
  });

  test("finds a user by email, id and external id, and explains that there is none", async () => {
    const id = await createUser(url, { lastname: "Sought", email: "sought@example.com", external_id: "crm-sought" });
    const { page, requests } = await open({ failures: [404] });
    await page.getByRole("table", { name: "Users" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("SOUGHT@example.com");
    await page.keyboard.press("Enter");
    await row(page, "sought@example.com").waitFor();
    await page.getByRole("heading", { name: "Sought" }).waitFor();
    expect(requests.slice(1)).toEqual([
      "GET /users?email=SOUGHT%40example.com&view=full",
      `GET /users/${id}?view=full`,
    ]);
    for (const text of [id, "crm-sought"]) {
      await page.getByRole("button", { name: "Close" }).click();
      await findUser(page, text);
      expect(await page.getByLabel("Email").inputValue()).toBe("sought@example.com");
    }
    await page.getByRole("searchbox", { name: "Find a user" }).fill("nobody@example.com");
    await page.keyboard.press("Enter");
    await page.getByText("No user has this email, id or external id.").waitFor();
    await page.getByRole("button", { name: "Show all users" }).click();
    await row(page, "sought@example.com").waitFor();
  });

  test("edits fields and metadata, and shows them as they are stored", async () => {
    const id = await createUser(url, {
      firstname: "Jo",
      email: "edited@example.com",
      metadata: { plan: "basic", old: "1" },
    });
    const { page } = await open({ fragment: `#user/${id}` });
    await page.getByLabel("Last name").fill("  Roe ");
    await page.getByLabel("First name").fill("");
    await page.getByLabel("Metadata value 2").fill("gold");
    await page.getByRole("button", { name: "Remove metadata 1" }).click();
    await page.getByRole("button", { name: "Add metadata" }).click();
    await page.getByLabel("Metadata name 2").fill("region");
    await page.getByLabel("Metadata value 2").fill("north");
    await page.getByText("Unsaved changes").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await waitForMessage(page, "User saved.");
    await page.getByRole("heading", { name: "Roe" }).waitFor();
    expect(await page.getByLabel("Last name").inputValue()).toBe("Roe");
    expect(await page.getByText("Unsaved changes").count()).toBe(0);
    const user = await getUser(url, id);
    expect(user).toMatchObject({ lastname: "Roe", metadata: { plan: "gold", region: "north" } });
    expect(user).not.toHaveProperty("firstname");
    expect(user["metadata"]).not.toHaveProperty("old");
  });

  test("suspends and reactivates a user without losing what was typed", async () => {
    const id = await createUser(url, { email: "status@example.com" });
    const { page } = await open({ fragment: `#user/${id}` });
    await page.getByLabel("Address").fill("typed");
    await page.getByRole("button", { name: "Suspend" }).click();
    await waitForMessage(page, "User suspended.");
    await row(page, "status@example.com").getByText("Suspended").waitFor();
    expect(await getUser(url, id)).toMatchObject({ status: "suspended", address: "123 Main St, City, Country" });
    expect(await page.getByLabel("Address").inputValue()).toBe("typed");
    await page.getByRole("button", { name: "Reactivate" }).click();
    await waitForMessage(page, "User reactivated.");
    expect(await getUser(url, id)).not.toHaveProperty("status");
  });

  test("deletes a user once its email is typed", async () => {
    const id = await createUser(url, { email: "deleted@example.com" });
    const { page } = await open();
    await row(page, "deleted@example.com").click();
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete user" });
    await dialog.getByRole("textbox").fill("other@example.com");
    expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
    await dialog.getByRole("textbox").fill("deleted@example.com");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await waitForMessage(page, "User deleted.");
    expect(await row(page, "deleted@example.com").count()).toBe(0);
    expect((await fetch(`${url}/users/${id}`)).status).toBe(404);
  });

  test("every view of 1,000 users is one request, and the pages contain each user once", async () => {
    await createUsers(url, "many", 1_000);
    const { page, requests } = await open();
    const table = page.getByRole("table", { name: "Users" });
    await table.waitFor();
    const emails = new Set<string>();
    let views = 1;
    for (;;) {
      await expect.poll(() => table.getAttribute("aria-busy")).toBe("false");
      for (const email of await table.locator("[data-label=Email]").allInnerTexts()) emails.add(email);
      expect(requests).toHaveLength(views);
      const next = page.getByRole("button", { name: "Next" });
      if (await next.isDisabled()) break;
      await next.click();
      await page.getByText(`Page ${views + 1}`, { exact: true }).waitFor();
      expect(await next.evaluate((button) => button === document.activeElement)).toBe(true);
      views += 1;
    }
    expect([...emails].filter((email) => email.startsWith("many"))).toHaveLength(1_000);
    await page.getByRole("button", { name: "Previous" }).click();
    await page.getByText(`Page ${views - 1}`, { exact: true }).waitFor();
    expect(requests).toHaveLength(views + 1);
  });
});
