import { DatabaseSync } from "node:sqlite";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createUser, getUser, openAdmin, updateUser, waitForMessage } from "../testing/admin-page.ts";
import { startBrowser } from "../testing/browser.ts";
import { freePort, startProcess, temporaryFolder } from "../testing/start-process.ts";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let browser: Browser;
let application: TestApplication;
let url: string;

beforeAll(async () => {
  [browser, application] = await Promise.all([startBrowser(), startTestApplication()]);
  ({ url } = application);
});
afterAll(async () => {
  await browser?.close();
  await application?.stop();
});

test("a save that meets a newer version shows both and saves the chosen values", async () => {
  const id = await createUser(url, { lastname: "Doe", email: "both@example.com", metadata: { plan: "basic" } });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, failures: [412] });
  await page.getByLabel("Last name").fill("Mine");
  await page.getByLabel("Address").fill("My Street");
  await page.getByLabel("Metadata value 1").fill("gold");
  await updateUser(url, id, { lastname: "Theirs", phone_number: "7654321", metadata: { plan: "silver" } });
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "This user has changed" });
  await dialog.waitFor();
  const groups = dialog.getByRole("group");
  expect(await groups.locator("legend").allInnerTexts()).toEqual([
    "Last name",
    "Phone number",
    "Address",
    "Metadata plan",
  ]);
  const isChosen = (field: string, version: string) =>
    dialog.getByRole("group", { name: field }).getByRole("radio", { name: version }).isChecked();
  expect(await isChosen("Last name", "Your version Mine")).toBe(true);
  expect(await isChosen("Phone number", "Stored version 7654321")).toBe(true);
  expect(await isChosen("Address", "Your version My Street")).toBe(true);
  await dialog.getByRole("group", { name: "Last name" }).getByRole("radio", { name: "Stored version Theirs" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "User saved.");
  expect(await getUser(url, id)).toMatchObject({
    lastname: "Theirs",
    address: "My Street",
    phone_number: "7654321",
    metadata: { plan: "gold" },
  });
  expect(await page.getByLabel("Last name").inputValue()).toBe("Theirs");
});

test("a third version during the choice is shown again, and nothing that was typed is lost", async () => {
  const id = await createUser(url, { email: "third@example.com" });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, failures: [412] });
  await page.getByLabel("Last name").fill("Mine");
  await updateUser(url, id, { lastname: "Second" });
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "This user has changed" });
  await dialog.waitFor();
  await updateUser(url, id, { lastname: "Third" });
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Third").waitFor();
  await dialog.getByRole("button", { name: "Keep editing" }).click();
  expect(await page.getByLabel("Last name").inputValue()).toBe("Mine");
  expect(await getUser(url, id)).toMatchObject({ lastname: "Third" });
  expect(await page.getByRole("button", { name: "Save" }).evaluate((button) => button === document.activeElement)).toBe(
    true,
  );
});

test("a deletion of a newer version is not applied", async () => {
  const id = await createUser(url, { email: "newer@example.com" });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, failures: [412] });
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete user" });
  await dialog.getByRole("textbox").fill("newer@example.com");
  await updateUser(url, id, { lastname: "Newer" });
  await dialog.getByRole("button", { name: "Delete" }).click();
  await waitForMessage(page, "This user has changed and was not deleted.");
  expect(await page.getByLabel("Last name").inputValue()).toBe("Newer");
});

test("a save of a deleted user keeps what was typed", async () => {
  const id = await createUser(url, { email: "gone@example.com" });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, failures: [404] });
  await page.getByLabel("Last name").fill("Typed");
  await fetch(`${url}/users/${id}`, { method: "DELETE" });
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "This user no longer exists. Your text is kept.");
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");
});

test("an email of another user is a message at the field", async () => {
  await createUser(url, { email: "taken@example.com" });
  const id = await createUser(url, { email: "free@example.com" });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, failures: [409] });
  await page.getByLabel("Email").fill("TAKEN@example.com");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Another user has this email.").waitFor();
  expect(await page.getByLabel("Email").evaluate((input) => input === document.activeElement)).toBe(true);
});

test("a save while the store is unavailable keeps what was typed, and succeeds later", async () => {
  const id = await createUser(url, { email: "busy@example.com" });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, failures: [503] });
  await page.getByLabel("Last name").fill("Typed");
  const otherProcess = new DatabaseSync(application.path);
  try {
    otherProcess.exec("BEGIN IMMEDIATE");
    await page.getByRole("button", { name: "Save" }).click();
    await waitForMessage(page, "The service is unavailable at the moment. Your text is kept: try again.");
  } finally {
    otherProcess.close();
  }
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "User saved.");
  expect(await getUser(url, id)).toMatchObject({ lastname: "Typed" });
});

test("a server that stops during a save and starts again loses nothing and saves once", async () => {
  const settings = { PORT: String(await freePort()), SQLITE_PATH: `${temporaryFolder()}/users.db` };
  const server = await startProcess(settings);
  const id = await createUser(server.url, { email: "crash@example.com" });
  const { page } = await openAdmin(browser, server.url, {
    fragment: `#user/${id}`,
    failures: [412],
    isUnreachable: true,
  });
  await page.getByLabel("Last name").fill("Typed");
  // The response is lost after the request was applied.
  await page.route("**/users/*", async (route) => {
    if (route.request().method() === "PATCH") {
      await route.fetch();
      server.child.kill("SIGKILL");
      await server.ended;
    }
    await route.continue();
  });
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "The server could not be reached. Your text is kept: try again.");
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");
  await page.unrouteAll();
  await startProcess(settings);
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "User saved.");
  const response = await fetch(`${server.url}/users/${id}?view=full`);
  expect(await response.json()).toMatchObject({ lastname: "Typed", version: 2 });
});

test("a creation whose response is lost creates one user", async () => {
  const { page } = await openAdmin(browser, url, { isUnreachable: true, fragment: "#new" });
  await page.getByLabel("Last name").fill("Once");
  await page.getByLabel("Date of birth").fill("1990-01-01");
  await page.getByLabel("Address").fill("Street");
  await page.getByLabel("Gender").selectOption("Other");
  await page.getByLabel("Email").fill("once@example.com");
  await page.getByLabel("Phone number").fill("1234567");
  const statuses: number[] = [];
  await page.route("**/users", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    statuses.push((await route.fetch()).status());
    return route.abort();
  });
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "The server could not be reached. Your text is kept: try again.");
  expect(statuses).toEqual([201, 201]);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "User created.");
  expect(await page.getByLabel("Email").inputValue()).toBe("once@example.com");
});

test("without a network the page reports it, keeps what is typed, and saves when it is back", async () => {
  const id = await createUser(url, { email: "offline@example.com" });
  const { page } = await openAdmin(browser, url, { fragment: `#user/${id}`, isUnreachable: true });
  await page.getByLabel("Last name").fill("Typed");
  await page.context().setOffline(true);
  await waitForMessage(page, "This device is offline.");
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "The server could not be reached. Your text is kept: try again.");
  await page.context().setOffline(false);
  await expect.poll(() => page.getByText("This device is offline.").count()).toBe(0);
  await page.getByRole("button", { name: "Save" }).click();
  await waitForMessage(page, "User saved.");
});

test("unsaved changes are confirmed before another user, the back button and leaving the page", async () => {
  await createUser(url, { lastname: "Other", email: "other@example.com" });
  const id = await createUser(url, { lastname: "Open", email: "open@example.com" });
  const { page } = await openAdmin(browser, url);
  await page.getByRole("row", { name: "open@example.com" }).click();
  await page.getByLabel("Last name").fill("Typed");
  const dialog = page.getByRole("dialog", { name: "Unsaved changes" });

  await page.getByRole("row", { name: "other@example.com" }).click();
  await dialog.getByRole("button", { name: "Keep editing" }).click();
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");

  await page.goBack();
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(page.url()).toBe(`${url}/admin#user/${id}`);
  expect(await page.getByLabel("Last name").inputValue()).toBe("Typed");

  const isConfirmed = page.waitForEvent("dialog").then(async (native) => {
    await native.dismiss();
    return native.type();
  });
  await page.close({ runBeforeUnload: true });
  expect(await isConfirmed).toBe("beforeunload");

  await page.getByRole("row", { name: "other@example.com" }).click();
  await dialog.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("heading", { name: "Other" }).waitFor();
  expect(await getUser(url, id)).toMatchObject({ lastname: "Open" });
});
