import { createRequire } from "node:module";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  createUser,
  createUsers,
  getUser,
  openAdmin,
  signIn,
  updateUser,
  waitForMessage,
} from "../testing/admin-page.ts";
import { startBrowser } from "../testing/browser.ts";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let browser: Browser;
let application: TestApplication;
let url: string;

beforeAll(async () => {
  [browser, application] = await Promise.all([startBrowser(), startTestApplication()]);
  ({ url } = application);
  await createUsers(url, "user", 5);
});
afterAll(async () => {
  await browser?.close();
  await application?.stop();
});

/** Returns what axe reports, and whether the page is wider than the screen. */
async function listViolations(page: Page): Promise<unknown[]> {
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return [...violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), ...(width > 0 ? [{ width }] : [])];
}

describe.for([
  { colorScheme: "light", width: 320 },
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 320 },
  { colorScheme: "dark", width: 1280 },
] as const)("$colorScheme, $width px", ({ colorScheme, width }) => {
  test("axe reports nothing, and nothing is wider than the screen", async () => {
    const id = await createUser(url, { email: `${colorScheme}${width}@example.com`, metadata: { plan: "basic" } });
    const { page } = await openAdmin(browser, url, {
      colorScheme,
      viewport: { width, height: 800 },
      // Loads axe by the protocol of the browser, which the policy of the page does not govern.
      bypassCSP: true,
      failures: [400, 412],
    });
    await page.getByRole("table", { name: "Users" }).waitFor();
    await page.addScriptTag({ path: AXE });
    const reports: Record<string, unknown[]> = { list: await listViolations(page) };
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await waitForMessage(page, "fields are not valid");
    reports["invalid"] = await listViolations(page);
    await page.getByRole("searchbox").fill(`${colorScheme}${width}@example.com`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Doe" }).waitFor();
    reports["user"] = await listViolations(page);
    await page.getByRole("button", { name: "Delete" }).click();
    reports["delete"] = await listViolations(page);
    await page.keyboard.press("Escape");
    await page.getByLabel("Last name").fill("Mine");
    await updateUser(url, id, { lastname: "Theirs" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog", { name: "This user has changed" }).waitFor();
    reports["conflict"] = await listViolations(page);
    await page.keyboard.press("Escape");
    const file = { name: "users.ndjson", mimeType: "text/plain", buffer: Buffer.from("{}\n".repeat(40)) };
    await page.setInputFiles("input[type=file]", file);
    await page.getByText("0 users to create, 40 rows not valid.").waitFor();
    reports["import"] = await listViolations(page);
    expect(Object.entries(reports).filter(([, report]) => report.length > 0)).toEqual([]);
  });
});

test.for(["light", "dark"] as const)("axe reports nothing for the form for a key, %s", async (colorScheme) => {
  const required = await startTestApplication({ USERS_AUTH: "required" });
  onTestFinished(required.stop);
  const { page } = await openAdmin(browser, required.url, {
    colorScheme,
    viewport: { width: 320, height: 800 },
    bypassCSP: true,
    failures: [401],
  });
  await signIn(page, "umk_0");
  await waitForMessage(page, "The API key is not valid, or has expired.");
  await page.addScriptTag({ path: AXE });
  expect(await listViolations(page)).toEqual([]);
});

test("a user is found, edited, suspended and deleted with the keyboard, and the focus is never lost", async () => {
  const id = await createUser(url, { lastname: "Typo", email: "keyboard@example.com" });
  const { page } = await openAdmin(browser, url, { failures: [400] });
  await page.getByRole("table", { name: "Users" }).waitFor();
  const readFocus = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      const label = activeElement instanceof HTMLInputElement ? activeElement.labels?.[0]?.textContent : undefined;
      return label ?? activeElement?.getAttribute("aria-label") ?? activeElement?.textContent;
    });
  const pressUntil = async (key: string, name: string) => {
    for (let presses = 0; presses < 40 && (await readFocus()) !== name; presses += 1) await page.keyboard.press(key);
    expect(await readFocus()).toBe(name);
  };

  await page.keyboard.press("/");
  await page.keyboard.type("keyboard@example.com");
  await page.keyboard.press("Enter");
  await expect.poll(readFocus).toBe("Typo");

  await pressUntil("Tab", "Phone number");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await waitForMessage(page, "Phone number is not valid.");
  await expect.poll(readFocus).toBe("Phone number");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("7654321");
  await page.keyboard.press("Enter");
  await waitForMessage(page, "User saved.");

  await pressUntil("Tab", "Suspend");
  await page.keyboard.press("Enter");
  await waitForMessage(page, "User suspended.");
  expect(await getUser(url, id)).toMatchObject({ phone_number: "7654321", status: "suspended" });

  await pressUntil("Shift+Tab", "Close");
  await page.keyboard.press("Enter");
  await expect.poll(readFocus).toBe("Typo");
  await page.keyboard.press("Enter");
  await page.getByLabel("Last name").waitFor();

  await pressUntil("Tab", "Delete");
  await page.keyboard.press("Enter");
  await expect.poll(readFocus).toBe("Email of the user");
  await page.keyboard.press("Escape");
  await expect.poll(readFocus).toBe("Delete");
  await page.keyboard.press("Enter");
  await page.keyboard.type("keyboard@example.com");
  await page.keyboard.press("Enter");
  await waitForMessage(page, "User deleted.");
  await expect.poll(readFocus).toBe("Find a user");
});
