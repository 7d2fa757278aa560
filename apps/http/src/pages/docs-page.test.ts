import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createTestClient, listOperations, newUserBody } from "@user-management/rest-adapter/testing";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startBrowser } from "../testing/browser.ts";
import { createKeyInFile } from "../testing/create-key.ts";
import { startProcess, temporaryFolder } from "../testing/start-process.ts";

// A browser is slow on a shared machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

/** Opens the page and waits for the document. The test fails if the page reports an error before the test ends. */
async function openPage(
  url: string,
  { path = "/docs", ...options }: BrowserContextOptions & { path?: string } = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  /** Failed and foreign requests, and errors and warnings of the browser's console. */
  const errors: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`)) errors.push(`foreign request to ${request.url()}`);
  });
  page.on("requestfailed", (request) => errors.push(`${request.failure()?.errorText} for ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} for ${response.url()}`);
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`${violatedDirective} does not allow ${blockedURI}`);
    });
  });
  onTestFinished(async () => {
    const visibleErrors = await page.locator(".errors-wrapper").allInnerTexts();
    const allErrors = [...errors, ...visibleErrors];
    await context.close();
    expect(allErrors).toEqual([]);
  });
  await page.goto(url + path);
  await locateOperations(page).first().waitFor();
  return page;
}

const locateOperations = (page: Page) => page.locator(".opblock");

async function openOperation(page: Page, method: string, path: string): Promise<Locator> {
  const operation = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) });
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).waitFor();
  return operation;
}

/** Executes an operation with a click, and returns the response that the page shows. */
async function execute(operation: Locator): Promise<{ status: string; body: unknown }> {
  await operation.getByRole("button", { name: "Execute" }).click();
  const response = operation.locator(".live-responses-table .response");
  return {
    status: await response.locator(".response-col_status").innerText(),
    body: JSON.parse(await response.locator(".highlight-code code").innerText()),
  };
}

test("lists every operation of the document and no other, each ready to be executed", async () => {
  const server = await startProcess();
  const page = await openPage(server.url);
  const documented = listOperations().map(({ method, path }) => `${method} ${path}`);
  const listed = await locateOperations(page).evaluateAll((all) =>
    all.map((element) => {
      const method = element.querySelector(".opblock-summary-method")?.textContent;
      return `${method} ${element.querySelector("[data-path]")?.getAttribute("data-path")}`;
    }),
  );
  expect(documented).toContain("POST /users");
  expect(listed.toSorted()).toEqual(documented.toSorted());
  for (const one of await locateOperations(page).all()) {
    await one.locator(".opblock-summary-control").click();
    await one.getByRole("button", { name: "Execute" }).waitFor();
    await one.locator(".opblock-summary-control").click();
  }
});

test("creates the user of the example with a click", async () => {
  const server = await startProcess();
  const page = await openPage(server.url);
  const { status, body } = await execute(await openOperation(page, "post", "/users"));
  expect(status).toBe("201");
  const { user_id } = body as { user_id: string };
  const { getUser } = createTestClient((path, init) => fetch(server.url + path, init));
  expect(await getUser(user_id)).toMatchObject({ user_id, email: "john.doe@example.com" });
});

test("gets, updates and deletes a user by its id", async () => {
  const server = await startProcess();
  const { request, createUser, getUser } = createTestClient((path, init) => fetch(server.url + path, init));
  const user = newUserBody();
  const user_id = await createUser(user);
  const page = await openPage(server.url);

  const getting = await openOperation(page, "get", "/users/{user_id}");
  await getting.getByPlaceholder("user_id").fill(user_id);
  expect(await execute(getting)).toEqual({ status: "200", body: { user_id, ...user } });

  for (const [method, lastname] of [
    ["put", "Putman"],
    ["patch", "Patchett"],
  ] as const) {
    const updating = await openOperation(page, method, "/users/{user_id}");
    await updating.getByPlaceholder("user_id").fill(user_id);
    await updating.locator("textarea").fill(JSON.stringify({ lastname }));
    expect(await execute(updating)).toHaveProperty("status", "200");
    expect(await getUser(user_id)).toEqual({ user_id, ...user, lastname });
  }

  const deleting = await openOperation(page, "delete", "/users/{user_id}");
  await deleting.getByPlaceholder("user_id").fill(user_id);
  expect(await execute(deleting)).toEqual({ status: "200", body: { message: "User deleted" } });
  expect((await request(`/users/${user_id}`)).status).toBe(404);
});

test("authorizes requests with an API key, which is gone after a reload", async () => {
  const SQLITE_PATH = join(temporaryFolder(), "users.db");
  const { key } = await createKeyInFile(SQLITE_PATH, { scopes: ["users:list"] });
  const page = await openPage((await startProcess({ SQLITE_PATH })).url);
  const dialog = page.locator(".modal-ux");

  await page.locator(".scheme-container").getByRole("button", { name: "Authorize" }).click();
  await dialog.locator("input").fill(key);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  const listing = await openOperation(page, "get", "/users");
  expect(await execute(listing)).toEqual({ status: "200", body: { users: [], next_cursor: null } });

  // The fragment of the URL opens the operation again.
  await page.reload();
  await listing.getByRole("button", { name: "Execute" }).waitFor();
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, ""]);
  // The server would reject the request, so it does not reach the server.
  const sent = Promise.withResolvers<Record<string, string>>();
  await page.route("**/users?*", (route) => {
    sent.resolve(route.request().headers());
    return route.fulfill({ json: {} });
  });
  expect(await execute(listing)).toEqual({ status: "200", body: {} });
  expect(await sent.promise).not.toHaveProperty("authorization");
});

test("opens an operation by its URL fragment", async () => {
  const page = await openPage((await startProcess()).url, { path: "/docs#/Users/createUser" });
  await page.getByRole("button", { name: "Execute" }).waitFor();
  expect(await page.title()).toBe("User management API");
});

test("fits a phone without horizontal scrolling, with an operation and its response", async () => {
  const viewport = { width: 390, height: 844 };
  const page = await openPage((await startProcess()).url, { viewport, isMobile: true });
  await execute(await openOperation(page, "post", "/users"));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
});

test("follows the color scheme of the system, also when it changes", async () => {
  const page = await openPage((await startProcess()).url, { colorScheme: "dark" });
  const getBrightness = () =>
    page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.querySelector(".swagger-ui")!).color)![0]));
  expect(await getBrightness()).toBeGreaterThan(200);
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(getBrightness).toBeLessThan(100);
});

test("works behind a proxy that serves it under a prefix", async () => {
  const { url } = await startProcess();
  const proxy = createServer((incoming, outgoing) => {
    const path = /^\/prefix(\/.*)$/.exec(incoming.url!)?.[1] ?? "/unknown";
    get(url + path, (response) => response.pipe(outgoing.writeHead(response.statusCode!, response.headers)));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const page = await openPage(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, { path: "/prefix/docs" });
  expect(await execute(await openOperation(page, "get", "/readyz"))).toEqual({ status: "200", body: { status: "ok" } });
});
