import { createApiKeyService, type CreatedApiKey, type Scope } from "@user-management/domain";
import { createContext } from "@user-management/domain/testing";
import { nodePlatform } from "@user-management/node-platform";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createUser, openAdmin, signIn, waitForMessage } from "../testing/admin-page.ts";
import { startBrowser } from "../testing/browser.ts";
import { createKey } from "../testing/create-key.ts";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let browser: Browser;
let application: TestApplication;
let url: string;
let adminKey: string;
let userId: string;

beforeAll(async () => {
  browser = await startBrowser();
  let key: CreatedApiKey;
  application = await startTestApplication(
    {},
    { keysMaxAgeMs: 50, prepare: async (store) => (key = await createKey(store.keys)) },
  );
  ({ url } = application);
  adminKey = key!.key;
  userId = await createUser(url, { email: "jane@example.com" }, adminKey);
});
afterAll(async () => {
  await browser?.close();
  await application?.stop();
});

async function createScopedKey(...scopes: Scope[]): Promise<CreatedApiKey> {
  return createKey(application.store.keys, { scopes });
}

const open = (failures: readonly number[], fragment = "") =>
  openAdmin(browser, url, { failures: [401, ...failures], fragment });

test("a key with all scopes is in the storage of the tab only, survives a reload and is gone after Sign out", async () => {
  const { page, requests } = await open([400]);
  await signIn(page, adminKey);
  await page.getByRole("row", { name: "jane@example.com" }).waitFor();
  expect(requests).toEqual([
    "GET /users?limit=50&view=full",
    "GET /users?limit=50&view=full",
    "GET /users/-?probe",
    "PATCH /users/-?probe",
    "DELETE /users/-?probe",
  ]);
  for (const name of ["New user", "Import", "Export"]) await page.getByRole("button", { name }).waitFor();
  await page.reload();
  await page.getByRole("row", { name: "jane@example.com" }).click();
  for (const name of ["Save", "Suspend", "Delete"]) await page.getByRole("button", { name }).waitFor();
  const readStorage = () =>
    page.evaluate(() => ({ local: localStorage.length, tab: JSON.stringify(sessionStorage), cookie: document.cookie }));
  expect(await readStorage()).toEqual({ local: 0, tab: expect.stringContaining(adminKey) as string, cookie: "" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("textbox", { name: "API key" }).waitFor();
  expect(await page.getByText("jane@example.com").count()).toBe(0);
  expect(await readStorage()).toEqual({ local: 0, tab: "{}", cookie: "" });
});

test("the probes for scopes reach no user and are not audited", async () => {
  const records = application.log.length;
  const { page } = await open([400]);
  await signIn(page, adminKey);
  await page.getByRole("table", { name: "Users" }).waitFor();
  expect(application.log.slice(records).filter(({ msg }) => msg === "audit")).toEqual([]);
});

test("a key survives a reload while the service is unreachable", async () => {
  const { page } = await openAdmin(browser, url, { failures: [400, 401], isUnreachable: true });
  await signIn(page, adminKey);
  await page.getByRole("table", { name: "Users" }).waitFor();
  await page.route("**/users?*", (route) => route.abort());
  await page.reload();
  await waitForMessage(page, "The server could not be reached.");
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("table", { name: "Users" }).waitFor();
});

test("an invalid key is explained, also one that no header can contain", async () => {
  const { page } = await open([400]);
  await signIn(page, `umk_${"0".repeat(49)}`);
  await waitForMessage(page, "The API key is not valid, or has expired.");
  await signIn(page, "umk_ü");
  await waitForMessage(page, "An API key consists of umk_ and 49 letters and digits.");
  await signIn(page, adminKey);
  await page.getByRole("table", { name: "Users" }).waitFor();
});

test("a key that may only read is offered no other action", async () => {
  const { page } = await open([400, 403]);
  await signIn(page, (await createScopedKey("users:read", "users:list")).key);
  await page.getByRole("row", { name: "jane@example.com" }).click();
  expect(await page.getByLabel("Email").getAttribute("readonly")).not.toBeNull();
  await page.getByRole("button", { name: "Close" }).waitFor();
  for (const name of ["New user", "Import", "Save", "Suspend", "Delete"]) {
    expect(await page.getByRole("button", { name }).count(), name).toBe(0);
  }
});

test("a key without the scope for the list finds users", async () => {
  const { page } = await open([400, 403]);
  await signIn(page, (await createScopedKey("users:read")).key);
  await page.getByText("The API key does not have the scope users:list.").waitFor();
  expect(await page.getByRole("button", { name: "Export" }).count()).toBe(0);
  await page.getByRole("searchbox", { name: "Find a user" }).fill("jane@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("row", { name: "jane@example.com" }).waitFor();
});

test("a key that may only list shows the list without links", async () => {
  const { page } = await open([400, 403]);
  await signIn(page, (await createScopedKey("users:list")).key);
  await page.getByRole("row", { name: "jane@example.com" }).waitFor();
  expect(await page.getByRole("link").count()).toBe(0);
  expect(await page.getByRole("searchbox").count()).toBe(0);
});

test("a scope that the service rejects later is named", async () => {
  const { page } = await open([400, 403], `#user/${userId}`);
  await signIn(page, adminKey);
  await page.getByLabel("Last name").fill("Typed");
  const { key } = await createScopedKey("users:read");
  // The operator of the keys replaces the key by one with fewer scopes.
  await page.route("**/users/*", (route) =>
    route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${key}` } }),
  );
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "The caller does not have the scope users:write.");
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");
});

test("a key that is revoked during an edit is dropped, and another one continues with what was typed", async () => {
  const created = await createKey(application.store.keys);
  const { page } = await open([400], `#user/${userId}`);
  await signIn(page, created.key);
  await page.getByLabel("Last name").fill("Typed");
  await createApiKeyService({ keys: application.store.keys, ...nodePlatform }).revoke(
    created.record.id,
    createContext(),
  );
  await expect
    .poll(async () => (await fetch(`${url}/users`, { headers: { authorization: `Bearer ${created.key}` } })).status)
    .toBe(401);
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByText("The API key is no longer valid. Everything you have typed is kept.").waitFor();
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toBe("{}");
  await signIn(page, adminKey);
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "User saved.");
});
